import type { Publisher } from '../../kafka/kafka.ts'
import type { Clock } from '../../runtime/clock.ts'
import type { Codec } from '../../runtime/codec.ts'
import type { Logger } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { WebhookRoute } from '../ingest.ts'
import { openCatalogue } from './current-catalogue.ts'
import type { PendoClient } from './rest/client.ts'
import { pendoRoute } from './webhooks.ts'

export interface PendoParts {
  readonly webhookSecret: string
  readonly client: PendoClient
  readonly publisher: Pick<Publisher, 'publish'>
  readonly codec: Pick<Codec, 'encode'>
  readonly metrics: Metrics
  readonly clock: Clock
  readonly log: Logger
}

export interface Pendo {
  readonly routes: readonly WebhookRoute[]
  /** When no request is being handled any more. */
  close(): Promise<void>
}

/** The webhooks of Pendo, and what they need to know of the product, which is read from Pendo now and every few minutes. */
export const openPendo = (parts: PendoParts): Pendo => {
  const catalogue = openCatalogue(parts)
  return {
    routes: [pendoRoute({ ...parts, secret: parts.webhookSecret, catalogue })],
    close: () => catalogue.close(),
  }
}
