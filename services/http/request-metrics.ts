import type { Clock } from '../runtime/clock.ts'
import type { Metrics } from '../runtime/metrics.ts'

/** Begins to measure a request to a vendor. What it gives is called once, with the status of the answer, or null when there was none. */
export const requestStarted = (
  request: { readonly vendor: string; readonly operation: string },
  clock: Clock,
  metrics: Metrics | undefined,
): ((status: number | null) => void) => {
  const startedAt = clock.now()
  return status => {
    metrics?.increment('tributary_vendor_requests_total', { ...request, status: String(status ?? 'none') })
    metrics?.observe('tributary_vendor_request_seconds', request, (clock.now() - startedAt) / 1000)
  }
}
