import { z } from 'zod'
import type { Clock } from '../../../runtime/clock.ts'
import { ZoomError } from './problems.ts'
import type { Answered, Exchange } from './transport.ts'

export interface ZoomCredentials {
  /** Zoom's id of the account. */
  readonly accountId: string
  readonly clientId: string
  readonly clientSecret: string
  readonly tokenUrl: string
}

/** The access token of one account. Asking for another may make the former one invalid, so all requests share one. */
export interface TokenSource {
  /** A token with some life left; concurrent calls share one request. Rejects with `ZOOM_CREDENTIALS_REFUSED` or `ZOOM_UNREACHABLE`. */
  current(): Promise<string>
  /** Zoom refused this one: the next call asks for another, unless that has happened meanwhile. */
  refused(token: string): void
}

/** A token is renewed so long before its end, at most a tenth of its life. */
const renewBeforeMs = 60_000
const shortestLifeMs = 1_000

const granted = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() })

/** Server-to-server OAuth (facts/zoom.md §4): there is no refresh token; a new one is asked for. */
export const createTokenSource = (
  { accountId, clientId, clientSecret, tokenUrl }: ZoomCredentials,
  exchange: Exchange,
  clock: Clock,
): TokenSource => {
  let held: { readonly token: string; readonly renewAt: number } | undefined
  let asking: Promise<string> | undefined

  const ask = async (): Promise<string> => {
    const answered = await exchange('oauth-token', tokenUrl, {
      method: 'POST',
      headers: {
        authorization: `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`,
        'content-type': 'application/x-www-form-urlencoded',
      },
      body: new URLSearchParams({ grant_type: 'account_credentials', account_id: accountId }).toString(),
    })
    const { access_token, expires_in } = grantIn(answered)
    const lifeMs = expires_in * 1000
    const renewInMs = Math.max(shortestLifeMs, lifeMs - Math.min(renewBeforeMs, lifeMs / 10))
    held = { token: access_token, renewAt: clock.now() + renewInMs }
    return access_token
  }
  return {
    current: () => {
      if (held && clock.now() < held.renewAt) return Promise.resolve(held.token)
      asking ??= ask().finally(() => {
        asking = undefined
      })
      return asking
    },
    refused: token => {
      if (held?.token === token) held = undefined
    },
  }
}

const grantIn = ({ status, body }: Answered): z.output<typeof granted> => {
  if (status === 429 || status >= 500)
    throw new ZoomError('ZOOM_UNREACHABLE', `Zoom answered the request for a token with ${status}.`, { status })
  if (status !== 200) {
    throw new ZoomError(
      'ZOOM_CREDENTIALS_REFUSED',
      `Zoom gave no token (status ${status}). Check ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET (or those of the named account), and that the server-to-server app is activated.`,
      { status },
    )
  }
  const { success, data } = granted.safeParse(body)
  if (success) return data
  throw new ZoomError(
    'ZOOM_ANSWER_UNREADABLE',
    'Expected a token with its time to live from Zoom, came something else.',
  )
}
