import type { Clock } from '../../runtime/clock.ts'
import { type Courier, counted, type Delivery, type Progress, type Sent } from './delivery/courier.ts'
import type { LiveWebinars } from './live/webinars.ts'
import { type RecordedWebhook, readRecording } from './recording.ts'
import type { Webhook } from './webhooks.ts'

interface Play {
  readonly courier: Courier
  readonly clock: Clock
  /** Ends the play. */
  readonly signal?: AbortSignal | undefined
  /** Abandons the deliveries under way; when not given, `signal` does. */
  readonly abandon?: AbortSignal | undefined
  /** Called with all that has happened when a webhook is sent, which it tells at the latest: the sandbox's own state follows from it. */
  readonly onHappened?: ((webhook: Webhook) => void) | undefined
  readonly onProgress?: ((progress: Progress) => void) | undefined
  /** First attempts at the same time. */
  readonly maxInFlight?: number | undefined
}

/** Names of Zoom's events, for example `webinar.participant_left`. */
export type Dropped = 'all' | readonly string[]

export interface RecordingPlay extends Play {
  /** The recording's name. */
  readonly file: string
  /** 1 is the pace of the recording, 2 twice as fast, Infinity without any pause. */
  readonly speed?: number | undefined
  /** Leaves out what lies before this offset, in milliseconds of the recording. */
  readonly from?: number | undefined
  /** Zoom's account id in the bodies; the recorded one when not said. */
  readonly account?: string | undefined
  /** Webhooks that are never sent although what they tell has happened: of these events, or all. */
  readonly drop?: Dropped | undefined
  /** Called with the offset before which every webhook is settled: `from` of a play that takes up this one. */
  readonly onSettledUpTo?: ((at: number) => void) | undefined
}

/**
 * Plays a recorded webinar: the same bytes each time, so a second play changes nothing downstream. Joins and leaves go out in parallel,
 * without a promise of order; a registration has had its first attempt before any later join is sent. Resolves when every webhook is settled.
 * Throws `RECORDING_UNKNOWN` and `ZOOM_ENDPOINT_NOT_VALIDATED`, both before anything was sent.
 */
export const playRecording = async (play: RecordingPlay): Promise<Progress> => {
  const { file, courier, clock, signal, speed = 1, from = 0, drop = [], onSettledUpTo } = play
  const recording = readRecording(file)
  if (drop !== 'all') await courier.validate()
  const traffic = createTraffic({ ...play, onHappened: happening(recording, play) })
  const began = clock.now() - from / speed
  const underWay = new Set<number>()
  let reached = from
  for (const [line, { at, body: recorded }] of recording.entries()) {
    if (at < from) continue
    const body = ownedBy(play.account, recorded)
    const wait = began + at / speed - clock.now()
    if (wait > 0) await clock.sleep(wait, signal)
    const isDropped = drop === 'all' || drop.includes(body.event)
    if (!isDropped) await traffic.ready(body)
    if (signal?.aborted) break
    reached = at
    if (isDropped) {
      traffic.happened(body)
      continue
    }
    underWay.add(line)
    void traffic.send(body).then(({ state }) => {
      if (state === 'abandoned') return
      underWay.delete(line)
      const [oldest] = underWay
      onSettledUpTo?.(oldest === undefined ? reached : (recording[oldest]?.at ?? reached))
    })
  }
  await traffic.quiet()
  return traffic.progress()
}

/** What a webhook tells has happened at its own time, however late it is sent: by then so has everything before it. */
const happening = (recording: readonly RecordedWebhook[], { from = 0, account, onHappened }: RecordingPlay) => {
  const ahead = recording
    .filter(({ at }) => at >= from)
    .map(({ body }) => body)
    .sort((one, other) => one.event_ts - other.event_ts)
  let next = 0
  return ({ event_ts: now }: Webhook): void => {
    for (let webhook = ahead[next]; webhook && webhook.event_ts <= now; webhook = ahead[++next])
      onHappened?.(ownedBy(account, webhook))
  }
}

const ownedBy = (account: string | undefined, webhook: Webhook): Webhook =>
  account === undefined ? webhook : { ...webhook, payload: { ...webhook.payload, account_id: account } }

export interface LivePlay extends Play {
  /** Webhooks per second. */
  readonly rate: number
  readonly webinars: LiveWebinars
  /** Must be given: live traffic has no end of its own. */
  readonly signal: AbortSignal
}

/**
 * Plays webinar after webinar at a rate, with the present time in all fields, until the signal aborts; it then resolves at once.
 * When the endpoint is slower than the rate, what is overdue by more than a second is not made up. Throws `ZOOM_ENDPOINT_NOT_VALIDATED`.
 */
export const playLive = async (play: LivePlay): Promise<Progress> => {
  const { rate, webinars, courier, clock, signal } = play
  await courier.validate()
  const traffic = createTraffic(play)
  let due = clock.now()
  while (!signal.aborted) {
    due = Math.max(due, clock.now() - LONGEST_ARREARS_MS)
    while (due <= clock.now() && !signal.aborted) {
      due += 1000 / rate
      const webhook = webinars.next(clock.now(), rate)
      await traffic.ready(webhook)
      if (!signal.aborted) void traffic.send(webhook)
    }
    await clock.sleep(Math.max(1, due - clock.now()), signal)
  }
  return traffic.progress()
}

const LONGEST_ARREARS_MS = 1_000
const MAX_IN_FLIGHT = 64

/** What both plays share: bounded parallel sending, registrations before joins, and counting. */
const createTraffic = ({ courier, signal, abandon, onHappened, onProgress, maxInFlight = MAX_IN_FLIGHT }: Play) => {
  const firstAttempts = new Set<Promise<void>>()
  const registrations = new Set<Promise<void>>()
  const unsettled = new Set<Promise<Delivery>>()
  let progress: Progress = { sent: 0, delivered: 0, failed: 0 }
  const follow = <Result>(work: Promise<Result>, under: Set<Promise<Result>>): void => {
    under.add(work)
    void work.then(() => under.delete(work))
  }
  const count = (delivery: Delivery): Delivery => {
    progress = counted(progress, delivery)
    onProgress?.(progress)
    return delivery
  }
  return {
    happened: (webhook: Webhook): void => onHappened?.(webhook),
    /** Waits until this webhook may go out. */
    ready: async (webhook: Webhook): Promise<void> => {
      if (!isRegistration(webhook)) await Promise.all(registrations)
      while (firstAttempts.size >= maxInFlight) await Promise.race(firstAttempts)
    },
    send: (webhook: Webhook): Promise<Delivery> => {
      onHappened?.(webhook)
      const sent: Sent = courier.send(webhook, abandon ?? signal)
      progress = { ...progress, sent: progress.sent + 1 }
      follow(sent.firstAttempt, firstAttempts)
      if (isRegistration(webhook)) follow(sent.firstAttempt, registrations)
      const settled = sent.settled.then(count)
      follow(settled, unsettled)
      return settled
    },
    quiet: async (): Promise<void> => {
      await Promise.all(unsettled)
    },
    progress: (): Progress => progress,
  }
}

const isRegistration = ({ event }: Webhook): boolean => event.startsWith('webinar.registration_')
