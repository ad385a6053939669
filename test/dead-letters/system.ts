import { setImmediate } from 'node:timers/promises'
import type { ReadingParts } from '../../services/dead-letters/reading.ts'
import type { SettlingParts } from '../../services/dead-letters/settling.ts'
import { type MemoryDestination, memoryDestination } from '../../services/delivery/memory.ts'
import { checkSelection } from '../../services/producers/zoom/selection.ts'
import { memoryRegistry, type SchemaRegistry } from '../../services/runtime/registry.ts'
import { hubspotContact } from '../../services/sinks/hubspot/objects.ts'
import { consumer, type Topology } from '../../topology/define.ts'
import { hubspotProperties } from '../../topology/hubspot-properties.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { identities, tracks } from '../../topology/topics.ts'
import { startTestSystem, type TestSystem } from '../system.ts'

export const ada = 'email:ada@example.com'

/** What a test can mend. */
export interface Defects {
  /** Whether the handler still throws for events called `poison`. */
  handler: boolean
  /** Ids of schemas that the registry does not tell of. */
  readonly hiddenSchemas: Set<number>
}

export interface LetterSystem {
  readonly system: TestSystem
  readonly parts: ReadingParts & SettlingParts
  readonly defects: Defects
  readonly registry: SchemaRegistry
  readonly hubspot: MemoryDestination
  /** The comments that HubSpot was sent, in order. */
  delivered(): readonly unknown[]
}

const topologyWith = (defects: Defects): Topology => ({
  ...pipeline,
  consumers: [
    consumer({
      name: 'last-track',
      reads: tracks,
      joins: { table: identities, by: 'person', ifMissing: 'park' },
      writes: [hubspotContact],
      handle: ({ event }) => {
        if (defects.handler && event.name === 'poison') throw new TypeError('ada@example.com')
        return { writes: [hubspotContact.set({ zoom_webinar_comments: event.name })] }
      },
    }),
  ],
})

/** A system whose only consumer brings the name of the last track to Ada's contact. */
export const startLetterSystem = async (options: { readonly selection?: unknown } = {}): Promise<LetterSystem> => {
  const defects: Defects = { handler: true, hiddenSchemas: new Set() }
  const memory = memoryRegistry()
  const registry: SchemaRegistry = {
    ...memory,
    schema: id => (defects.hiddenSchemas.has(id) ? Promise.resolve(undefined) : memory.schema(id)),
  }
  const hubspot = memoryDestination({ clock: { now: () => 0, sleep: () => setImmediate() }, name: 'hubspot' })
  hubspot.add(['ada@example.com'])
  const system = await startTestSystem(topologyWith(defects), {
    registry,
    destinations: new Map([['hubspot', hubspot]]),
  })
  await system.person(ada)
  const { kafka, codec, clock } = system
  const selection = checkSelection(options.selection ?? { zoom: {} }, null)
  return {
    ...{ system, defects, registry, hubspot },
    parts: {
      kafka,
      codec,
      clock,
      registry,
      topics: pipeline.topics,
      selection,
      hubspot: { appId: null, properties: hubspotProperties, activities: true },
    },
    delivered: () => hubspot.effects.map(({ fields }) => fields['zoom_webinar_comments']),
  }
}
