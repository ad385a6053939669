import { type Ingest, startIngest, type WebhookRoute } from '../../producers/ingest.ts'
import { openSegment } from '../../producers/segment/service.ts'
import type { checkSelection } from '../../producers/zoom/selection.ts'
import { zoomRoutes } from '../../producers/zoom/webhooks.ts'
import { systemClock as clock } from '../../runtime/clock.ts'
import type { Codec } from '../../runtime/codec.ts'
import type { Config } from '../../runtime/config/config.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import type { Connections } from '../connections.ts'

interface IngestParts extends Pick<Connections, 'kafka' | 'logger'> {
  readonly codec: Codec
  readonly metrics: Metrics
}

/** Whether any vendor that calls us is on. */
export const isIngestNeeded = ({ zoom, segment }: Config): boolean => zoom.mode !== 'off' || segment.mode !== 'off'

/**
 * Starts the server that vendors call, with the routes of those that are on.
 * @param closing gets what has to be closed later, in the opposite order
 */
export const openIngest = async (
  config: Config,
  parts: IngestParts,
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
  const ingest = await startIngest({ ...config.ingest, routes, clock, log, metrics })
  closing.push(() => ingest.close())
  return ingest
}
