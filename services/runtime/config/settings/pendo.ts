import * as kinds from '../kinds.ts'
import type { Setting } from './setting.ts'

/** Pendo. */
export const pendoSettings = {
  PENDO_INTEGRATION_KEY: {
    group: 'pendo',
    kind: kinds.text,
    secret: true,
    credential: true,
    meaning: 'Integration key with write access.',
  },
  PENDO_TRACK_SECRET: {
    group: 'pendo',
    kind: kinds.text,
    secret: true,
    credential: true,
    meaning: 'Shared secret of the track API.',
  },
  PENDO_WEBHOOK_SECRET: {
    group: 'pendo',
    kind: kinds.text,
    secret: true,
    credential: true,
    meaning: 'Secret with which Pendo signs its webhooks.',
  },
  PENDO_SWEEP_EVERY: {
    group: 'pendo',
    kind: kinds.interval,
    default: '1h',
    meaning:
      'How often Pendo is read for metadata that changed, and for usage that no webhook told, beginning with the start; 0 for never. While Pendo is emulated the default is 30s.',
  },
  PENDO_BASE_URL: { group: 'pendo', kind: kinds.httpUrl, meaning: 'Where the Pendo API is, if not at app.pendo.io.' },
} as const satisfies Record<string, Setting>
