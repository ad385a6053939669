import { sandboxCredential, sandboxWebhookSecret, type VendorMode } from './emulation.ts'
import type { Mistakes } from './mistakes.ts'
import type { SettingValues } from './settings.ts'

/** What Segment SDKs and Segment itself may send. */
export interface SegmentConfig {
  readonly mode: VendorMode
  /** Empty: SDKs may send nothing. */
  readonly writeKeys: readonly { readonly source: string; readonly key: string }[]
  /** Null: webhooks of Segment are not taken. */
  readonly webhookSecret: string | null
}

/** The settings of Segment; a key that everybody knows, and one of two sources, become mistakes. */
export const segmentConfig = (values: SettingValues, mode: VendorMode, mistakes: Mistakes): SegmentConfig => {
  if (mode === 'off') return { mode, writeKeys: [], webhookSecret: null }
  if (mode === 'sandbox')
    return { mode, writeKeys: [{ source: 'default', key: sandboxCredential }], webhookSecret: sandboxWebhookSecret }
  const writeKeys = values.SEGMENT_WRITE_KEYS ?? []
  if (new Set(writeKeys.map(({ key }) => key)).size < writeKeys.length)
    mistakes.add('SEGMENT_WRITE_KEYS must hold each key once, but holds one for two sources: make one for each source.')
  if (writeKeys.some(({ key }) => key === sandboxCredential))
    mistakes.add(
      'SEGMENT_WRITE_KEYS must hold keys of your own once Segment is real, but holds a default that everybody knows.',
    )
  return { mode, writeKeys, webhookSecret: values.SEGMENT_WEBHOOK_SECRET ?? null }
}
