import type { Progress } from '../replay/replay.ts'
import type { Clock } from '../runtime/clock.ts'

/** Where progress is shown: a terminal, or something that keeps lines. */
export interface ProgressOutput {
  readonly isTTY?: boolean
  write(text: string): unknown
}

export interface ProgressBar {
  show(progress: Progress): void
  /** Leaves the terminal as it was. */
  end(): void
}

const barWidth = 24
const redrawMs = 100
const lineEveryMs = 10_000
const clearLine = '\r\u001b[K'

/**
 * A bar that is drawn again and again on a terminal; elsewhere a line now and then, none for what is quickly done.
 * @param sends whether writes are sent, so that reading is only the beginning
 */
export const progressBar = (output: ProgressOutput, clock: Clock, sends: boolean): ProgressBar => {
  const isTerminal = output.isTTY === true
  const everyMs = isTerminal ? redrawMs : lineEveryMs
  let nextAt = clock.now() + everyMs
  return {
    show: progress => {
      if (clock.now() < nextAt) return
      nextAt = clock.now() + everyMs
      const share = sends ? shareSent(progress) : shareRead(progress)
      const text = `${Math.floor(share * 100)} %  ${sends ? sendingText(progress) : readingText(progress)}`
      output.write(isTerminal ? `${clearLine}${barOf(share)} ${text}` : `${text}\n`)
    },
    end: () => {
      if (isTerminal) output.write(clearLine)
    },
  }
}

const barOf = (share: number): string => {
  const done = Math.round(share * barWidth)
  return `[${'#'.repeat(done)}${'-'.repeat(barWidth - done)}]`
}

const readingText = ({ events, pending }: Progress): string => `${events} records read, ${pending} writes`
const sendingText = ({ events, published, pending }: Progress): string =>
  `${events} records read, ${published} writes sent, ${pending} waiting`

const shareRead = ({ read, ofRange }: Progress): number => (ofRange === 0 ? 1 : Math.min(1, read / ofRange))

/** Reading runs ahead: the part that was read tells how many writes there will be. */
const shareSent = (progress: Progress): number => {
  const writes = progress.published + progress.pending
  return writes === 0 ? shareRead(progress) : shareRead(progress) * (progress.published / writes)
}
