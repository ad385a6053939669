import type { Problem } from '../../delivery/destination.ts'
import { refusalWaitMs } from './limits.ts'

/** The two secrets of Pendo, by the settings that hold them. Both go into the same header, each only to its own API. */
export type PendoSecret = 'PENDO_INTEGRATION_KEY' | 'PENDO_TRACK_SECRET'

/** An answer that is no success. `status` null: there was none. */
export interface Failure {
  readonly status: number | null
  /** Of the header Retry-After, in milliseconds; null without one. */
  readonly retryAfterMs: number | null
}

/** What an answer means. Pendo says in words why it refuses, and the words may repeat what was sent: they are never shown. */
export const problemOf = ({ status, retryAfterMs }: Failure, secret: PendoSecret): Problem => {
  const facts = { status, correlationId: null }
  const after = retryAfterMs === null ? {} : { afterMs: retryAfterMs }
  if (status === null)
    return { ...facts, kind: 'retry', code: 'PENDO_UNREACHABLE', message: 'Expected an answer of Pendo, came none.' }
  if (status === 429) {
    const message = 'Pendo takes no more requests for a while.'
    return {
      ...facts,
      kind: 'retry',
      code: 'PENDO_RATE_LIMIT',
      message,
      afterMs: retryAfterMs ?? refusalWaitMs,
      limited: true,
    }
  }
  if (passing.has(status) || status >= 500)
    return {
      ...facts,
      kind: 'retry',
      code: 'PENDO_BUSY',
      message: `Pendo is not well: it answered ${status}.`,
      ...after,
    }
  if (status === 401 || status === 403)
    return { ...facts, kind: 'needs-person', code: 'PENDO_KEY_REFUSED', message: refusedKey[secret] }
  if (status < 400 || status === 404 || status === 405)
    return {
      ...facts,
      kind: 'needs-person',
      code: 'PENDO_API_MISSING',
      message: `Expected Pendo's API at PENDO_BASE_URL, but it answered ${status}. Set it to the address of the subscription's region, for example https://app.eu.pendo.io.`,
    }
  return {
    ...facts,
    kind: 'rejected',
    code: 'PENDO_REFUSED',
    message: `Pendo answered ${status} and will not take it as it is. Look at the id and the values of the write, mend the mapping, then retry the dead letter.`,
  }
}

/** Statuses below 500 that pass by themselves. */
const passing: ReadonlySet<number> = new Set([408, 409, 423, 425])

const refusedKey: Readonly<Record<PendoSecret, string>> = {
  PENDO_INTEGRATION_KEY:
    'Pendo refuses the integration key. Set PENDO_INTEGRATION_KEY to one with write access, from Settings, Integrations, Integration keys; the shared secret of track events is another one.',
  PENDO_TRACK_SECRET:
    'Pendo refuses the secret of track events. Set PENDO_TRACK_SECRET to the "Track Event shared secret" of the app, from Settings, Subscription settings, Applications; the integration key is another one.',
}

/** An answer of 200 that is not as Pendo describes it. */
export const unreadable = (status: number): Problem => ({
  ...{ kind: 'retry', code: 'PENDO_ANSWER_UNREADABLE', status, correlationId: null },
  message: 'Expected an answer as Pendo describes it, came another.',
})
