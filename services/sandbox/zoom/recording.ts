import { readdirSync, readFileSync } from 'node:fs'
import { TributaryError } from '../../runtime/errors.ts'
import type { Webhook } from './webhooks.ts'

/** One line of a recording. */
export interface RecordedWebhook {
  /** Milliseconds from the beginning of the recording. */
  readonly at: number
  readonly body: Webhook
}

const FOLDER = new URL('./recordings/', import.meta.url)
const ENDING = '.jsonl'

/** The names of the recordings that can be played. */
export const recordingNames = (): string[] =>
  readdirSync(FOLDER)
    .filter(file => file.endsWith(ENDING))
    .map(file => file.slice(0, -ENDING.length))

/** Reads a recording by name, in the order in which it is sent. Throws `RECORDING_UNKNOWN`. */
export const readRecording = (name: string): RecordedWebhook[] => {
  const known = recordingNames()
  if (!known.includes(name)) {
    throw new TributaryError(
      'RECORDING_UNKNOWN',
      `Expected the name of a recording, one of ${known.join(', ')}, but "${name}" came. Choose one of these.`,
    )
  }
  const lines = readFileSync(new URL(`${name}${ENDING}`, FOLDER), 'utf8')
    .trimEnd()
    .split('\n')
  return lines.map(line => JSON.parse(line) as RecordedWebhook)
}
