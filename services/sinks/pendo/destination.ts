import type { Destination, NeedsPerson, Prepared, Problem } from '../../delivery/destination.ts'
import type { PublishedLimit } from '../../delivery/requests/rate-limit.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { createPendoClient, type PendoClient } from './client.ts'
import { concurrentBatches, concurrentEvents } from './limits.ts'
import { knownFields } from './metadata/known-fields.ts'
import { metadataObject } from './metadata/metadata.ts'
import { namesInUse } from './track/names-in-use.ts'
import { trackObject } from './track/track.ts'

export interface PendoDestinationOptions {
  /** Of metadata, and of everything that is read. */
  readonly integrationKey: string
  /** Of track events; null when none can be sent. */
  readonly trackSecret: string | null
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly clock: Clock
  readonly metrics?: Metrics
  /** Pace of each endpoint; ours unless given. */
  readonly limit?: PublishedLimit
  readonly timeoutMs?: number
}

/**
 * Pendo as the delivery engine sees it, by the name of the sink. Track events have a secret and a pace of their own; without their secret there is no destination for
 * them, and they wait in their topic.
 */
export interface PendoDestinations {
  readonly pendo: Destination
  readonly 'pendo-events'?: Destination
}

export const pendoDestinations = (options: PendoDestinationOptions): PendoDestinations => {
  const { integrationKey, trackSecret, ...rest } = options
  const client = createPendoClient({ ...rest, secret: 'PENDO_INTEGRATION_KEY', key: integrationKey })
  const pendo = metadataDestination(client, options.clock)
  if (trackSecret === null) return { pendo }
  const trackClient = createPendoClient({ ...rest, secret: 'PENDO_TRACK_SECRET', key: trackSecret })
  return { pendo, 'pendo-events': eventDestination(trackClient, client, options.clock) }
}

const metadataDestination = (client: PendoClient, clock: Clock): Destination => {
  const visitors = knownFields(client, 'visitor', clock)
  const accounts = knownFields(client, 'account', clock)
  return {
    ...shared(client),
    objects: {
      visitor: metadataObject(client, 'visitor', visitors),
      account: metadataObject(client, 'account', accounts),
    },
    concurrency: concurrentBatches,
    prepare: async signal => {
      const problem = (await visitors.keepFresh(signal)) ?? (await accounts.keepFresh(signal))
      return problem ? unprepared(problem) : { kind: 'ready' }
    },
  }
}

/** Which names of events there are is good to know and no condition: the integration key may be refused where the track secret is not. */
const eventDestination = (client: PendoClient, reader: PendoClient, clock: Clock): Destination => {
  const names = namesInUse()
  return {
    ...shared(client),
    objects: { track: trackObject(client, names, clock) },
    concurrency: concurrentEvents,
    prepare: async signal => {
      await names.read(reader, signal)
      return { kind: 'ready' }
    },
  }
}

/** Nothing is looked up in Pendo: visitors, accounts and events have the ids of their source. */
const shared = (client: PendoClient): Pick<Destination, 'name' | 'lookUpSize' | 'waitMs' | 'resolve'> => ({
  name: 'pendo',
  lookUpSize: 1,
  waitMs: () => client.waitMs(),
  resolve: (_objects, persons) =>
    Promise.resolve(persons.map(() => ({ kind: 'skipped', code: 'NO_LOOK_UP', status: null, correlationId: null }))),
})

const unprepared = (problem: Problem): Prepared =>
  problem.kind === 'rejected' ? ({ ...problem, kind: 'needs-person' } satisfies NeedsPerson) : problem
