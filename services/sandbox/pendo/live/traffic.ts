import type { Clock } from '../../../runtime/clock.ts'
import type { Happening } from '../model/in-app.ts'
import { createLiveSessions } from './sessions.ts'

/** Live traffic whose rate a person turns up and down. */
export interface LiveTraffic {
  /** Happenings in a second; 0 stops. */
  setRate(rate: number): void
  rate(): number
  /** So many happenings at once; resolves when their webhooks were answered or are lost. */
  burst(count: number): Promise<void>
  /** Ends all; what comes after it is as at the beginning. */
  stop(): void
}

interface LiveTrafficParts {
  readonly clock: Clock
  readonly seed: number
  readonly happen: (happening: Happening) => void
  /** The webhooks under way. */
  readonly sending: ReadonlySet<Promise<void>>
}

const LONGEST_ARREARS_MS = 1_000
const MAX_UNDER_WAY = 64

export const createLiveTraffic = ({ clock, seed, happen, sending }: LiveTrafficParts): LiveTraffic => {
  let sessions = createLiveSessions(seed)
  let stopping = new AbortController()
  let playing: { readonly rate: number; readonly ending: AbortController } | undefined
  const one = async (): Promise<void> => {
    while (sending.size >= MAX_UNDER_WAY) await Promise.race(sending)
    happen(sessions.next(clock.now()))
  }
  /** When the receiver is slower than the rate, what is overdue by more than a second is not made up. */
  const play = async (rate: number, signal: AbortSignal): Promise<void> => {
    let due = clock.now()
    while (!signal.aborted) {
      due = Math.max(due, clock.now() - LONGEST_ARREARS_MS)
      while (due <= clock.now() && !signal.aborted) {
        due += 1000 / rate
        await one()
      }
      await clock.sleep(Math.max(1, due - clock.now()), signal)
    }
  }
  const setRate = (rate: number): void => {
    playing?.ending.abort()
    playing = rate === 0 ? undefined : { rate, ending: new AbortController() }
    if (playing) void play(rate, playing.ending.signal)
  }
  return {
    setRate,
    rate: () => playing?.rate ?? 0,
    burst: async count => {
      const { signal } = stopping
      for (let done = 0; done < count && !signal.aborted; done += 1) await one()
      await Promise.all(sending)
    },
    stop: () => {
      setRate(0)
      stopping.abort()
      stopping = new AbortController()
      sessions = createLiveSessions(seed)
    },
  }
}
