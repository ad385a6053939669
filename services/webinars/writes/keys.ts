import { createHash } from 'node:crypto'

/**
 * `<kind>:<webinar>:<participant>`: what is made once per person and webinar has it as its once key or key, never the person id, which a merge changes. At most 255
 * characters, all of them letters, digits or `:._-@|`; an id that is longer or has others stands there as its hash.
 * @param participant after whom of the person's participants it is named
 */
export const webinarKey = (kind: string, webinar: string, participant: string): string =>
  [kind, participationKey(webinar, participant)].join(':')

/** `<webinar>:<participant>`, likewise. */
export const participationKey = (webinar: string, participant: string): string =>
  [spelled(webinar, /^[\w.-]+$/), spelled(participant, /^[\w:.@|-]+$/)].join(':')

/** Two of them, with kind and colons, are at most 255 characters. */
const longestPart = 120

const spelled = (id: string, safe: RegExp): string =>
  safe.test(id) && id.length <= longestPart
    ? id
    : `sha256-${createHash('sha256').update(id).digest('hex').slice(0, 40)}`
