import type { Clock } from '../../../runtime/clock.ts'
import type { Courier, Delivery } from '../delivery/courier.ts'
import { factsOf, runningInstance, type ZoomModel } from '../model.ts'
import { playLive } from '../player.ts'
import { type Webhook, webinarEnded } from '../webhooks.ts'
import { createLiveWebinars, isLiveWebinar, type LiveWebinars } from './webinars.ts'

/** Live traffic whose rate a person turns up and down; the webinar under way goes on at another rate. */
export interface LiveTraffic {
  /** Webhooks per second; 0 ends the webinar under way. */
  setRate(rate: number): void
  rate(): number
  /** Ends the traffic without a further webhook. */
  stop(): void
}

interface LiveTrafficParts {
  readonly model: ZoomModel
  readonly courier: Courier
  readonly clock: Clock
  readonly accountId: string
  readonly seed: number
  /** The signal in force now: it abandons the deliveries under way. */
  readonly stopSignal: () => AbortSignal
  readonly emit: (webhook: Webhook) => Promise<Delivery>
  readonly failed: (error: unknown) => void
}

export const createLiveTraffic = (parts: LiveTrafficParts): LiveTraffic => {
  const { model, courier, clock, accountId, seed, stopSignal, emit, failed } = parts
  let playing: { readonly rate: number; readonly ending: AbortController } | undefined
  let webinars: LiveWebinars | undefined
  const pause = (): void => {
    playing?.ending.abort()
    playing = undefined
  }
  const emitAll = (webhooks: readonly Webhook[]): void => {
    for (const webhook of webhooks) void emit(webhook)
  }
  const play = (rate: number): void => {
    if (!webinars) emitAll(leftOpen(model, clock.now()))
    webinars ??= createLiveWebinars({ account: accountId, seed })
    const ending = new AbortController()
    playing = { rate, ending }
    const signals = { signal: ending.signal, abandon: stopSignal() }
    playLive({ rate, webinars, courier, clock, ...signals, onHappened: model.apply }).catch((error: unknown) => {
      if (playing?.ending === ending) playing = undefined
      failed(error)
    })
  }
  return {
    setRate: rate => {
      pause()
      if (rate > 0) play(rate)
      else emitAll(webinars?.close(clock.now()) ?? [])
    },
    rate: () => playing?.rate ?? 0,
    stop: () => {
      pause()
      webinars = undefined
    },
  }
}

/** Ends the live webinars that a killed process left running. */
const leftOpen = (model: ZoomModel, now: number): Webhook[] =>
  model
    .webinars()
    .filter(row => isLiveWebinar(row.id))
    .flatMap(row => {
      const instance = runningInstance(row)
      if (!instance) return []
      return [webinarEnded({ ...factsOf(row), uuid: instance.uuid }, Date.parse(instance.start_time), now)]
    })
