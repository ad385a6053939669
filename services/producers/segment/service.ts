import type { Clock } from '../../runtime/clock.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { WebhookRoute } from '../ingest.ts'
import { openDeduplication } from './deduplication/deduplication.ts'
import type { IdLogParts } from './deduplication/id-log.ts'
import { SegmentReceiver } from './receiver.ts'
import { trackingRoutes } from './tracking-api.ts'
import { webhookRoute } from './webhook-destination.ts'
import type { WriteKey } from './write-key.ts'

export interface SegmentParts extends IdLogParts {
  readonly writeKeys: readonly WriteKey[]
  /** Null: webhooks of Segment are not taken. */
  readonly webhookSecret: string | null
  readonly metrics: Metrics
  readonly clock: Clock
  /** Ids to remember, and bytes that may wait for Kafka; default: those of the product. */
  readonly capacity?: number
  readonly mostBytesInFlight?: number
}

export interface Segment {
  readonly routes: readonly WebhookRoute[]
  /** When no request is being handled any more: keeps in Kafka what is remembered. */
  close(): Promise<void>
}

/** Resolves when it is known what was taken within 24 hours: only then may requests come. */
export const openSegment = async (parts: SegmentParts): Promise<Segment> => {
  const deduplication = await openDeduplication(parts)
  const receiver = new SegmentReceiver({ ...parts, deduplication })
  return {
    routes: [
      ...(parts.writeKeys.length > 0 ? trackingRoutes(parts.writeKeys, receiver) : []),
      ...(parts.webhookSecret === null ? [] : [webhookRoute(parts.webhookSecret, receiver)]),
    ],
    close: () => deduplication.close(),
  }
}
