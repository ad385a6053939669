import { hubspotContact } from '../../services/sinks/hubspot/objects.ts'
import { type Consumer, consumer, type Topology } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { identities, tracks } from '../../topology/topics.ts'

export const ada = 'email:ada@example.com'
export const bob = 'email:bob@example.com'

/** Brings the name of the last track to a person's contact, after a mapping that a test chooses; the name `poison` is refused. */
export const lastTrack = (mapping: (name: string) => string = name => name): Consumer =>
  consumer({
    name: 'last-track',
    reads: tracks,
    joins: { table: identities, by: 'person', ifMissing: 'skip' },
    writes: [hubspotContact],
    handle: ({ event }) => {
      if (event.name === 'poison') throw new TypeError('ada@example.com')
      return { writes: [hubspotContact.set({ zoom_webinar_comments: mapping(event.name) })] }
    },
  })

export const topologyOf = (...consumers: readonly Consumer[]): Topology => ({ ...pipeline, consumers })
