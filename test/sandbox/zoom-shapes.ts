import { readFileSync } from 'node:fs'
import type { Webhook } from '../../services/sandbox/zoom/webhooks.ts'

/** Zoom's example of each webhook, from its documentation. */
const SAMPLES = JSON.parse(readFileSync(new URL('./zoom-webhook-samples.json', import.meta.url), 'utf8')) as Record<
  string,
  unknown
>

/** Keys that Zoom's examples have, and a single webinar, a pending registration or a participant without telephone has not. */
const OPTIONAL = ['occurrences', 'recurrence', 'join_url', 'customer_key', 'phone_number']

/** How a webhook differs from Zoom's example in keys, their order, or types; empty when it does not. */
export const deviations = (webhook: Webhook): string[] => {
  const sample = SAMPLES[webhook.event]
  return sample === undefined
    ? [`${webhook.event}: Zoom has no such webhook`]
    : compared(webhook, sample, webhook.event)
}

const compared = (value: unknown, sample: unknown, path: string): string[] => {
  if (kind(value) !== kind(sample)) return [`${path} is ${kind(value)}, not ${kind(sample)}`]
  if (Array.isArray(value))
    return value.flatMap((item, at) => compared(item, (sample as unknown[])[0], `${path}[${at}]`))
  if (kind(value) !== 'object') return []
  const [mine, theirs] = [value as Record<string, unknown>, sample as Record<string, unknown>]
  const keys = Object.keys(mine)
  const expected = Object.keys(theirs).filter(key => keys.includes(key) || !OPTIONAL.includes(key))
  if (keys.join() !== expected.join()) return [`${path} has the keys ${keys.join()}, not ${expected.join()}`]
  return keys.flatMap(key => compared(mine[key], theirs[key], `${path}.${key}`))
}

const kind = (value: unknown): string => (Array.isArray(value) ? 'array' : value === null ? 'null' : typeof value)
