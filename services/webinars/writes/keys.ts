import { createHash } from 'node:crypto'
import type { Attendance } from '../attendance.ts'

/**
 * `<kind>:<webinar>:<participant>` with the person's first participant: what is made once per person and webinar has it as its once key or key, never the person id,
 * which a merge changes. At most 255 characters, all of them letters, digits or `:._-@|`; an id that is longer or has others stands there as its hash.
 */
export const webinarKey = (kind: string, attendance: Attendance): string =>
  [kind, participationKey(attendance)].join(':')

/** `<webinar>:<participant>`, likewise. */
export const participationKey = ({ webinar, participant }: Attendance): string =>
  [spelled(webinar, /^[\w.-]+$/), spelled(participant, /^[\w:.@|-]+$/)].join(':')

/** Two of them, with kind and colons, are at most 255 characters. */
const longestPart = 120

const spelled = (id: string, safe: RegExp): string =>
  safe.test(id) && id.length <= longestPart
    ? id
    : `sha256-${createHash('sha256').update(id).digest('hex').slice(0, 40)}`
