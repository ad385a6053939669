import type { Clock } from '../../runtime/clock.ts'
import { createNotice } from '../notice.ts'
import type { Store } from '../store.ts'
import { type CourierOptions, createCourier, type Delivery, type Progress } from './delivery/courier.ts'
import { createLiveTraffic } from './live/traffic.ts'
import { createZoomModel, type ZoomModel } from './model.ts'
import { createRecordingPlays, type WantedPlay } from './recording-plays.ts'
import type { Webhook } from './webhooks.ts'

export interface TrafficStatus {
  /** The recordings that are being played. */
  readonly recordings: readonly string[]
  /** Why the latest play ended early, for people; empty when it did not. */
  readonly problem: string
  /** Live webhooks per second. */
  readonly rate: number
  readonly total: Progress
}

/** Everything that happens in the emulated Zoom: it changes the state and is sent as a webhook. */
export interface Traffic {
  readonly model: ZoomModel
  /** Where the webhooks go. */
  readonly url: string
  readonly accountId: string
  emit(webhook: Webhook): Promise<Delivery>
  /** Resolves when all is settled; a recording that is being played is not begun again but waited for. */
  playRecording(play: WantedPlay): Promise<Progress>
  /** The same without waiting; what goes wrong is in the status. */
  beginRecording(play: WantedPlay): void
  playLive(rate: number): void
  status(): TrafficStatus
  deliveries(): readonly Delivery[]
  /** Takes up the recordings that were being played when the process ended. */
  resume(): void
  stop(): void
}

export interface TrafficParts {
  readonly endpoint: CourierOptions
  readonly store: Store
  readonly clock: Clock
  readonly accountId: string
  readonly seed: number
}

export const createTraffic = ({ endpoint, store, clock, accountId, seed }: TrafficParts): Traffic => {
  const model = createZoomModel(store, clock)
  const notice = createNotice(store)
  const courier = createCourier({ ...endpoint, onAttempt: notice.touch })
  let stopping = new AbortController()
  let problem = ''

  const emit = (webhook: Webhook): Promise<Delivery> => {
    model.apply(webhook)
    return courier.send(webhook, stopping.signal).settled
  }
  const failed = (error: unknown): void => {
    problem = error instanceof Error ? error.message : String(error)
    notice.touch()
  }
  const stopSignal = (): AbortSignal => stopping.signal
  const plays = createRecordingPlays({ store, model, courier, clock, accountId, stopSignal })
  const live = createLiveTraffic({ model, courier, clock, accountId, seed, stopSignal, emit, failed })
  const play = (wanted: WantedPlay): Promise<Progress> => {
    problem = ''
    return plays.play(wanted)
  }
  return {
    model,
    url: endpoint.url,
    accountId,
    emit,
    playRecording: play,
    beginRecording: wanted => void play(wanted).catch(failed),
    playLive: rate => {
      problem = ''
      live.setRate(rate)
      notice.touch()
    },
    status: () => ({ recordings: plays.running(), problem, rate: live.rate(), total: courier.totals() }),
    deliveries: courier.recent,
    resume: () => {
      for (const resumed of plays.resume()) void resumed.catch(failed)
    },
    stop: () => {
      stopping.abort()
      stopping = new AbortController()
      live.stop()
      plays.forget()
      courier.forget()
      courier.hangUp()
      notice.stop()
    },
  }
}
