import * as kinds from '../kinds.ts'
import type { Setting } from './setting.ts'

/** Segment. */
export const segmentSettings = {
  SEGMENT_WRITE_KEYS: {
    group: 'segment',
    kind: kinds.writeKeys,
    secret: true,
    credential: true,
    meaning:
      'Write keys with which Segment SDKs may send, each behind the name of its source: `web=KEY1,server=KEY2`. A key alone is of the source `default`; a source may have several. While Segment is emulated the key is `sandbox`.',
  },
  SEGMENT_WEBHOOK_SECRET: {
    group: 'segment',
    kind: kinds.text,
    secret: true,
    credential: true,
    meaning: 'Shared secret of the webhook destination in Segment; without it `/webhooks/segment` is not there.',
  },
} as const satisfies Record<string, Setting>
