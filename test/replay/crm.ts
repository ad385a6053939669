import { setImmediate } from 'node:timers/promises'
import { type MemoryDestination, memoryDestination } from '../../services/delivery/memory.ts'
import { appendable, type Consumer, consumer, keyed, settable, sink, type Topology } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { hubspotWrites, hubspotWritesReplay, identities, tracks } from '../../topology/topics.ts'
import { type ReplaySystem, startReplaySystem } from './replaying.ts'

const facts = { destination: 'hubspot', topic: hubspotWrites } as const

interface ContactFields {
  readonly track: string
  readonly source: string
}

const contact = settable<ContactFields>()({ ...facts, object: 'contact' })
const task = keyed<{ readonly subject: string; readonly status: string }>()({ ...facts, object: 'task' })
const joined = appendable<{ readonly name: string }>()({ ...facts, object: 'joined' })

/** What a mapping may get wrong. */
export interface Mapping {
  track(name: string): string
  subject(name: string): string
  occurrence(name: string): string
}

export const asItIs: Mapping = { track: name => name, subject: name => name, occurrence: name => name }

/** Brings a track to the contact, to a task for each name, and, where it is called so, to the timeline as a join. */
const trackCrm = (mapping: Mapping): Consumer =>
  consumer({
    name: 'track-crm',
    reads: tracks,
    joins: { table: identities, by: 'person', ifMissing: 'skip' },
    writes: [contact, task, joined],
    handle: ({ event, person }) => ({
      writes: [
        contact.set(
          { track: mapping.track(event.name), source: 'tracks' },
          { createIfMissing: event.name === 'signed up' },
        ),
        task.set(`${person.emails[0]}:${event.name}`, { subject: mapping.subject(event.name), status: 'done' }),
        ...(event.name === 'joined'
          ? [joined.append(`joined:${event.eventId}`, event.occurredAt, { name: mapping.occurrence(event.name) })]
          : []),
      ],
    }),
  })

export const crmTopology = (mapping: Partial<Mapping> = {}): Topology => ({
  ...pipeline,
  consumers: [trackCrm({ ...asItIs, ...mapping })],
  sinks: [
    sink({
      name: 'hubspot',
      destination: 'hubspot',
      reads: hubspotWrites,
      replays: hubspotWritesReplay,
      objects: [contact, task, joined],
    }),
  ],
})

export interface CrmSystem extends ReplaySystem {
  readonly crm: MemoryDestination
}

/** A running system that delivers to a CRM in memory, which knows these addresses. */
export const startCrmSystem = async (...addresses: readonly string[]): Promise<CrmSystem> => {
  const crm = memoryDestination({ clock: { now: () => 0, sleep: () => setImmediate() }, name: 'hubspot' })
  for (const address of addresses) crm.add([address])
  const system = await startReplaySystem(crmTopology(), new Map([['hubspot', crm]]))
  for (const address of addresses) await system.person(`email:${address}`)
  return {
    ...system,
    crm,
    get pipeline() {
      return system.pipeline
    },
  }
}
