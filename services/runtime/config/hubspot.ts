import { sandboxCredential, sandboxHubSpotAppId, sandboxWebhookSecret, type VendorMode } from './emulation.ts'
import type { Mistakes } from './mistakes.ts'
import type { GivenValues } from './reading.ts'

const realHubspotUrl = 'https://api.hubapi.com'

/** One account of HubSpot, and as which app to ask it. */
export interface HubspotConfig {
  readonly mode: VendorMode
  /** Null only when HubSpot is off. */
  readonly accessToken: string | null
  /** With which HubSpot signs webhooks; null when none are taken. */
  readonly clientSecret: string | null
  readonly appId: string | null
  /** Null: the sandbox of this process. */
  readonly baseUrl: string | null
  /** Custom event completions in a month. */
  readonly eventBudget: number
  /** 0 for never. */
  readonly sweepEveryMs: number
  /** How forms and events of marketing e-mails are read. */
  readonly marketing: {
    /** 0 for never. */
    readonly everyMs: number
    readonly overlapMs: number
  }
}

/** Nothing else tells of forms and e-mails, and who tries Tributary does not wait a quarter of an hour. */
const emulatedMarketingEveryMs = 3_000

const marketingEveryMs = ({ values, given }: GivenValues, mode: VendorMode): number => {
  const isSet = given.some(({ setting }) => setting === 'HUBSPOT_MARKETING_EVERY')
  return mode === 'sandbox' && !isSet ? emulatedMarketingEveryMs : values.HUBSPOT_MARKETING_EVERY
}

/** The settings of HubSpot; a token that lacks becomes a mistake. */
export const hubspotConfig = (given: GivenValues, mode: VendorMode, mistakes: Mistakes): HubspotConfig => {
  const { values } = given
  const rates = {
    eventBudget: values.HUBSPOT_EVENT_BUDGET,
    sweepEveryMs: values.HUBSPOT_SWEEP_EVERY,
    marketing: { everyMs: marketingEveryMs(given, mode), overlapMs: values.HUBSPOT_MARKETING_OVERLAP },
  }
  if (mode === 'sandbox') {
    const baseUrl = values.HUBSPOT_BASE_URL ?? null
    return {
      mode,
      accessToken: sandboxCredential,
      clientSecret: sandboxWebhookSecret,
      appId: sandboxHubSpotAppId,
      baseUrl,
      ...rates,
    }
  }
  if (mode === 'off') return { mode, accessToken: null, clientSecret: null, appId: null, baseUrl: null, ...rates }
  if (values.HUBSPOT_ACCESS_TOKEN === undefined) {
    const set = values.HUBSPOT_CLIENT_SECRET === undefined ? 'HUBSPOT_APP_ID' : 'HUBSPOT_CLIENT_SECRET'
    mistakes.add(
      `HUBSPOT_ACCESS_TOKEN must be set because ${set} is: without it nothing can be written to HubSpot. Take it from your private app, under Auth.`,
    )
  }
  return {
    mode,
    accessToken: values.HUBSPOT_ACCESS_TOKEN ?? null,
    clientSecret: values.HUBSPOT_CLIENT_SECRET ?? null,
    appId: values.HUBSPOT_APP_ID ?? null,
    baseUrl: values.HUBSPOT_BASE_URL ?? realHubspotUrl,
    ...rates,
  }
}
