import { hubspotRoute } from '../../producers/hubspot/webhooks.ts'
import { type Ingest, startIngest, type WebhookRoute } from '../../producers/ingest.ts'
import { openPendo } from '../../producers/pendo/service.ts'
import { openSegment } from '../../producers/segment/service.ts'
import type { checkSelection } from '../../producers/zoom/selection.ts'
import { zoomRoutes } from '../../producers/zoom/webhooks.ts'
import { systemClock as clock } from '../../runtime/clock.ts'
import type { Config } from '../../runtime/config/config.ts'
import { hubSpotMappingOf } from './hubspot.ts'
import { pendoClientOf } from './pendo.ts'
import type { ServiceParts } from './service-parts.ts'

/** Whether any vendor that calls us is on. */
export const isIngestNeeded = ({ zoom, segment, pendo, hubspot }: Config): boolean =>
  zoom.mode !== 'off' || segment.mode !== 'off' || pendo.webhookSecret !== null || hubspot.clientSecret !== null

/**
 * Starts the server that vendors call, with the routes of those that are on.
 * @param closing gets what has to be closed later, in the opposite order
 */
export const openIngest = async (
  config: Config,
  parts: ServiceParts,
  selection: ReturnType<typeof checkSelection>,
  { closing, onFatal }: { readonly closing: (() => Promise<void>)[]; readonly onFatal: (error: Error) => void },
): Promise<Ingest> => {
  const { codec, metrics, logger: log } = parts
  const publisher = await parts.kafka.publisher('ingest')
  closing.push(() => publisher.close())
  const routes: WebhookRoute[] = []
  if (config.zoom.mode !== 'off') {
    const { accounts } = config.zoom
    routes.push(...zoomRoutes({ accounts, selection, publisher, codec, metrics, log }))
  }
  if (config.segment.mode !== 'off') {
    const { kafka } = parts
    const segment = await openSegment({ ...config.segment, kafka, publisher, codec, metrics, clock, log, onFatal })
    closing.push(() => segment.close())
    routes.push(...segment.routes)
  }
  const { webhookSecret } = config.pendo
  const client = pendoClientOf(config, parts.sandboxes.pages, metrics)
  if (client && webhookSecret !== null) {
    const pendo = openPendo({ webhookSecret, client, publisher, codec, metrics, clock, log })
    closing.push(() => pendo.close())
    routes.push(...pendo.routes)
  }
  const { clientSecret } = config.hubspot
  if (clientSecret !== null) {
    const { publicUrl } = config.ingest
    const mapping = hubSpotMappingOf(config)
    routes.push(hubspotRoute({ secret: clientSecret, publicUrl, mapping, publisher, codec, metrics }))
  }
  const ingest = await startIngest({ ...config.ingest, routes, clock, log, metrics })
  closing.push(() => ingest.close())
  return ingest
}
