import type { Person } from '../../../topology/define.ts'
import type { StandaloneObject } from '../destination.ts'
import type { AimParts, PutAim } from './aim.ts'
import type { Lane } from './lanes.ts'
import { newsOf } from './news.ts'

/** What a lane of something that stands alone needs next: to be put; undefined when entries were finished instead. */
export const aimAtStandalone = (
  parts: AimParts,
  lane: Lane,
  person: Person | null,
  object: StandaloneObject,
): PutAim | undefined => {
  const news = newsOf(parts, lane, person, object)
  return news && { kind: 'put', person, home: null, ...news }
}
