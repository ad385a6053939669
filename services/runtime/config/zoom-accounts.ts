import { sandboxCredential, sandboxWebhookSecret, type VendorMode } from './emulation.ts'
import type { Mistakes } from './mistakes.ts'

/** The account that has no name: settings `ZOOM_…`, webhooks at `/webhooks/zoom`. */
export const defaultZoomAccount = 'default'

const realBaseUrl = 'https://api.zoom.us/v2'
const realTokenUrl = 'https://zoom.us/oauth/token'

/** One Zoom account with what is needed to talk to it. */
export interface ZoomAccount {
  readonly name: string
  /** Zoom's id of it; null when it is not configured, and then any is accepted. */
  readonly accountId: string | null
  readonly webhookSecret: string
  /** For its REST API; null when not configured. */
  readonly oauth: { readonly clientId: string; readonly clientSecret: string } | null
  /** Null: the sandbox of this process. */
  readonly baseUrl: string | null
  readonly tokenUrl: string | null
}

/** The settings of one account, validated one by one. */
export interface ZoomAccountValues {
  readonly ACCOUNT_ID?: string | undefined
  readonly CLIENT_ID?: string | undefined
  readonly CLIENT_SECRET?: string | undefined
  readonly WEBHOOK_SECRET?: string | undefined
  readonly BASE_URL?: string | undefined
  readonly TOKEN_URL?: string | undefined
}

/** How the settings of an account begin: `ZOOM_EMEA_` for `emea`. */
export const zoomPrefix = (account: string): string =>
  account === defaultZoomAccount ? 'ZOOM_' : `ZOOM_${account.toUpperCase().replaceAll('-', '_')}_`

const accountName = /^[a-z][a-z0-9-]{0,30}$/

/** The names of ZOOM_ACCOUNTS that can be used; the others become mistakes. */
export const zoomAccountNames = (names: readonly string[], mistakes: Mistakes): readonly string[] =>
  names.filter(name => {
    if (accountName.test(name) && name !== defaultZoomAccount) return true
    mistakes.add(
      `ZOOM_ACCOUNTS must hold names of letters, digits and hyphens that begin with a letter, but holds "${name}"${name === defaultZoomAccount ? ', which is the account without a name: leave it out' : ''}.`,
    )
    return false
  })

/** The accounts to serve. The one without a name is there when it is configured or emulated. */
export const zoomAccounts = (
  mode: VendorMode,
  values: ReadonlyMap<string, ZoomAccountValues>,
  mistakes: Mistakes,
): readonly ZoomAccount[] => {
  if (mode === 'off') return []
  return [...values].flatMap(([name, account]) =>
    mode === 'sandbox' ? [sandboxAccount(name, account)] : realAccount(name, account, mistakes),
  )
}

const sandboxAccount = (name: string, values: ZoomAccountValues): ZoomAccount => ({
  name,
  accountId: null,
  webhookSecret: sandboxWebhookSecret,
  oauth: { clientId: sandboxCredential, clientSecret: sandboxCredential },
  baseUrl: values.BASE_URL ?? null,
  tokenUrl: values.TOKEN_URL ?? (values.BASE_URL === undefined ? null : new URL('/oauth/token', values.BASE_URL).href),
})

const realAccount = (name: string, values: ZoomAccountValues, mistakes: Mistakes): ZoomAccount[] => {
  const prefix = zoomPrefix(name)
  const { ACCOUNT_ID, CLIENT_ID, CLIENT_SECRET, WEBHOOK_SECRET } = values
  const set = Object.entries({ ACCOUNT_ID, CLIENT_ID, CLIENT_SECRET }).filter(([, value]) => value !== undefined)
  if (WEBHOOK_SECRET === undefined) {
    if (name === defaultZoomAccount && set.length === 0) return []
    const why = set.length > 0 ? `${prefix}${set[0]?.[0]} is set` : `ZOOM_ACCOUNTS names ${name}`
    mistakes.add(
      `${prefix}WEBHOOK_SECRET must be set because ${why}: it is the secret token of the Zoom app, without which no webhook can be trusted.`,
    )
    return []
  }
  if ((CLIENT_ID === undefined) !== (CLIENT_SECRET === undefined)) {
    mistakes.add(`${prefix}CLIENT_ID and ${prefix}CLIENT_SECRET must be set together: set the missing one.`)
  }
  if (CLIENT_ID !== undefined && ACCOUNT_ID === undefined) {
    mistakes.add(`${prefix}ACCOUNT_ID must be set because ${prefix}CLIENT_ID is: Zoom gives tokens by account.`)
  }
  return [
    {
      name,
      accountId: ACCOUNT_ID ?? null,
      webhookSecret: WEBHOOK_SECRET,
      oauth: CLIENT_ID && CLIENT_SECRET ? { clientId: CLIENT_ID, clientSecret: CLIENT_SECRET } : null,
      baseUrl: values.BASE_URL ?? realBaseUrl,
      tokenUrl: values.TOKEN_URL ?? realTokenUrl,
    },
  ]
}
