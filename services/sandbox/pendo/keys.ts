import { refused } from './errors.ts'

/** The header of both keys. */
const KEY_HEADER = 'x-pendo-integration-key'
const INTEGRATION_KEY = 'sandbox'
const TRACK_SECRET = 'sandbox-secret'
const TRACK_PATH = '/data/track'

/** Refuses a request whose key is missing, unknown, or of the other kind: track events have a secret of their own (facts/pendo.md §1). */
export const assertKey = (
  path: string,
  headers: Readonly<Record<string, string | string[] | undefined>>,
  wrongKeyStatus: number,
): void => {
  const key = headers[KEY_HEADER]
  const [own, other] = path.startsWith(TRACK_PATH) ? [TRACK_SECRET, INTEGRATION_KEY] : [INTEGRATION_KEY, TRACK_SECRET]
  if (key === own) return
  if (key === other) throw refused(wrongKeyStatus, `${KEY_HEADER} holds the key of another API`)
  throw refused(401, `${KEY_HEADER} is missing or unknown`)
}
