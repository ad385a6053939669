import type { Clock } from '../runtime/clock.ts'

/** Where progress is shown: a terminal, or something that keeps lines. */
export interface ProgressOutput {
  readonly isTTY?: boolean
  write(text: string): unknown
}

/** What is shown: how much of all is done, from 0 to 1, and more about it. */
export interface Shown {
  readonly share: number
  readonly text: string
}

export interface DrawnBar {
  /** @param shown is asked only when it is time to show something */
  show(shown: () => Shown): void
  /** Leaves the terminal as it was. */
  end(): void
}

const barWidth = 24
const redrawMs = 100
const lineEveryMs = 10_000
const clearLine = '\r\u001b[K'

/** A bar that is drawn again and again on a terminal; elsewhere a line now and then, none for what is quickly done. */
export const drawnBar = (output: ProgressOutput, clock: Clock): DrawnBar => {
  const isTerminal = output.isTTY === true
  const everyMs = isTerminal ? redrawMs : lineEveryMs
  let nextAt = clock.now() + everyMs
  return {
    show: shown => {
      if (clock.now() < nextAt) return
      nextAt = clock.now() + everyMs
      const { share, text } = shown()
      const line = `${Math.floor(share * 100)} %  ${text}`
      output.write(isTerminal ? `${clearLine}${barOf(share)} ${line}` : `${line}\n`)
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
