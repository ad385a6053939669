import type { ZoomCalls } from '../producers/zoom/rest/calls.ts'
import { isZoomError } from '../producers/zoom/rest/problems.ts'
import { recordedEvents } from '../producers/zoom/webhook.ts'
import { zoomPrefix } from '../runtime/config/zoom-accounts.ts'
import type { Gap, SetupReport, VendorSetup } from './vendor-setup.ts'

export interface ZoomVendorOptions {
  /** Name of the account in the settings. */
  readonly account: string
  /** Null without OAuth credentials: then only webhooks are taken. */
  readonly calls: ZoomCalls | null
  /** Where Zoom must send the account's webhooks; null when that is not known. */
  readonly webhookUrl: string | null
}

/** No webinar and no run has it; a call that the app may make is answered with "not found". */
const noNumber = '11111111111'
const noUuid = 'AAAAAAAAAAAAAAAAAAAAAA=='

/** The scopes of the account's server-to-server app, tried call by call, since tokens name them in two vocabularies. */
export const zoomVendor = ({ account, calls, webhookUrl }: ZoomVendorOptions): VendorSetup => {
  const check = (signal: AbortSignal): Promise<SetupReport> =>
    calls ? tried(calls, signal) : Promise.resolve({ kind: 'known', gaps: [withoutCredentials(account)] })
  return {
    vendor: account === 'default' ? 'zoom' : `zoom:${account}`,
    notes: [
      `In the Zoom app, under Event Subscriptions, send these events to ${webhookUrl ?? 'INGEST_PUBLIC_URL/webhooks/zoom'}: ${Object.keys(recordedEvents).join(', ')}.`,
    ],
    check,
    make: async signal => ({ made: [], left: await check(signal) }),
  }
}

const withoutCredentials = (account: string): Gap => ({
  what: 'server-to-server OAuth app',
  by: 'admin',
  message: `Expected credentials of a server-to-server OAuth app for the Zoom account ${account}, came none: participant reports are not read, and lost webhooks stay lost. Set ${['ACCOUNT_ID', 'CLIENT_ID', 'CLIENT_SECRET'].map(name => zoomPrefix(account) + name).join(', ')}.`,
})

const tried = async (calls: ZoomCalls, signal: AbortSignal): Promise<SetupReport> => {
  const probes: readonly (readonly [what: string, probe: () => Promise<unknown>])[] = [
    ['users of the account', () => calls.users(signal)],
    ['webinars of a user', () => calls.webinarsOf('me', 'upcoming', signal)],
    ['a webinar', () => calls.webinar(noNumber, signal)],
    ['registrants of a webinar', () => calls.registrants(noNumber, { status: 'approved', occurrence: null }, signal)],
    ['past runs of a webinar', () => calls.runsOf(noNumber, signal)],
    ['the report of a run', () => calls.reportedRun(noUuid, signal)],
    ['the participant report', () => calls.reportedParticipants(noUuid, signal)],
  ]
  const gaps: Gap[] = []
  for (const [what, probe] of probes) {
    try {
      await probe()
    } catch (error) {
      if (!isZoomError(error)) throw error
      const { code, message } = error
      if (code === 'ZOOM_NOT_PERMITTED') gaps.push({ what: `permission to read ${what}`, by: 'admin', message })
      else if (code !== 'ZOOM_NOT_FOUND' && code !== 'ZOOM_REQUEST_REFUSED') return { kind: 'unknown', code, message }
    }
  }
  return { kind: 'known', gaps }
}
