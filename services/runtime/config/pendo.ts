import { sandboxCredential, sandboxWebhookSecret, type VendorMode } from './emulation.ts'
import type { Mistakes } from './mistakes.ts'
import type { GivenValues } from './reading.ts'

const realUrl = 'https://app.pendo.io'

/** One subscription of Pendo, and the secrets of its three ways in and out. */
export interface PendoConfig {
  readonly mode: VendorMode
  /** Of everything under `/api/v1`. Null only when Pendo is off. */
  readonly integrationKey: string | null
  /** Of track events, which have a secret of their own; null when none are sent. */
  readonly trackSecret: string | null
  /** With which Pendo signs webhooks; null when none are taken. */
  readonly webhookSecret: string | null
  /** 0 for never. */
  readonly sweepEveryMs: number
  /** Null: the sandbox of this process. */
  readonly baseUrl: string | null
}

/** Only a sweep tells metadata, and who tries Tributary does not wait an hour for what they edited. */
const emulatedSweepEveryMs = 30_000

/** The settings of Pendo; a real one without its integration key is a mistake. */
export const pendoConfig = ({ values, given }: GivenValues, mode: VendorMode, mistakes: Mistakes): PendoConfig => {
  const isSet = given.some(({ setting }) => setting === 'PENDO_SWEEP_EVERY')
  const sweepEveryMs = mode === 'sandbox' && !isSet ? emulatedSweepEveryMs : values.PENDO_SWEEP_EVERY
  if (mode === 'off')
    return { mode, integrationKey: null, trackSecret: null, webhookSecret: null, sweepEveryMs, baseUrl: null }
  const baseUrl = values.PENDO_BASE_URL ?? null
  if (mode === 'sandbox') {
    const [integrationKey, secret] = [sandboxCredential, sandboxWebhookSecret]
    return { mode, integrationKey, trackSecret: secret, webhookSecret: secret, sweepEveryMs, baseUrl }
  }
  if (values.PENDO_INTEGRATION_KEY === undefined) {
    const set = values.PENDO_TRACK_SECRET === undefined ? 'PENDO_WEBHOOK_SECRET' : 'PENDO_TRACK_SECRET'
    mistakes.add(
      `PENDO_INTEGRATION_KEY must be set because ${set} is: without it nothing can be read from Pendo, nor metadata written. Make it in Pendo, under Settings, Integrations, Integration keys.`,
    )
  }
  return {
    mode,
    integrationKey: values.PENDO_INTEGRATION_KEY ?? null,
    trackSecret: values.PENDO_TRACK_SECRET ?? null,
    webhookSecret: values.PENDO_WEBHOOK_SECRET ?? null,
    sweepEveryMs,
    baseUrl: baseUrl ?? realUrl,
  }
}
