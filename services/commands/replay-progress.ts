import type { Progress } from '../replay/replay.ts'
import type { Clock } from '../runtime/clock.ts'
import { drawnBar, type ProgressOutput } from './progress-bar.ts'

export interface ProgressBar {
  show(progress: Progress): void
  /** Leaves the terminal as it was. */
  end(): void
}

/** @param sends whether writes are sent, so that reading is only the beginning */
export const progressBar = (output: ProgressOutput, clock: Clock, sends: boolean): ProgressBar => {
  const bar = drawnBar(output, clock)
  return {
    show: progress =>
      bar.show(() =>
        sends
          ? { share: shareSent(progress), text: sendingText(progress) }
          : { share: shareRead(progress), text: readingText(progress) },
      ),
    end: bar.end,
  }
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
