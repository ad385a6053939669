import type { ZoomAccount } from '../../../runtime/config/zoom-accounts.ts'
import { type ZoomCalls, zoomCalls } from './calls.ts'
import { createZoomClient, type ZoomClientOptions } from './client.ts'

/** An account of the configuration, its addresses known. */
export interface ReachableAccount extends Pick<ZoomAccount, 'name' | 'accountId' | 'oauth'> {
  readonly baseUrl: string
  readonly tokenUrl: string
}

/** The calls of an account; null when it has no OAuth credentials. The emulated Zoom gives tokens for any account id. */
export const connectZoom = (
  { name, accountId, oauth, baseUrl, tokenUrl }: ReachableAccount,
  parts: Pick<ZoomClientOptions, 'clock' | 'metrics' | 'random' | 'fetch'>,
): ZoomCalls | null =>
  oauth && zoomCalls(createZoomClient({ ...parts, ...oauth, accountId: accountId ?? name, baseUrl, tokenUrl }))
