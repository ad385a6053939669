import { setTimeout as delay } from 'node:timers/promises'
import type { Webinar } from '../../schemas/generated.ts'
import { TributaryError } from '../../services/runtime/errors.ts'
import type { Cluster } from './cluster.ts'
import { recordsOf } from './traffic.ts'

const BATCH = 200
const RETRY_MS = 200

/**
 * Appends events and their claims as the producer of webhooks does, and sends again what was not acknowledged, as Zoom does: so some may come twice.
 * @param perSecond events; as fast as it goes when absent
 */
export const publishTraffic = async (
  { kafka, codec }: Cluster,
  events: readonly Webinar[],
  { perSecond, onProgress }: { readonly perSecond?: number; readonly onProgress?: (published: number) => void } = {},
): Promise<void> => {
  const publisher = await untilDone(() => kafka.publisher('traffic'))
  const startedAt = performance.now()
  const batch = perSecond === undefined ? BATCH : Math.max(1, Math.min(BATCH, Math.ceil(perSecond / 5)))
  for (let at = 0; at < events.length; at += batch) {
    const records = recordsOf(codec, events.slice(at, at + batch))
    await untilDone(() => publisher.publish(records))
    onProgress?.(Math.min(at + batch, events.length))
    if (perSecond !== undefined)
      await delay(Math.max(0, startedAt + ((at + batch) / perSecond) * 1_000 - performance.now()))
  }
  await publisher.close()
}

const untilDone = async <Result>(attempt: () => Promise<Result>): Promise<Result> => {
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof TributaryError) || error.errorClass !== 'retryable') throw error
      await delay(RETRY_MS)
    }
  }
}
