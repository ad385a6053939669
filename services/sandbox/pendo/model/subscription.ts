import type { Clock } from '../../../runtime/clock.ts'
import type { Store } from '../../store.ts'
import type { Choices } from '../choices.ts'
import type { Occasion } from '../webhooks/envelope.ts'
import { type Catalog, createCatalog, type TaggedItem } from './catalog.ts'
import { createFields, type Fields } from './fields.ts'
import { createInApp, type Happening, trackWebhook } from './in-app.ts'
import { createProfiles, type Profiles } from './profiles.ts'
import { createTrack, type TrackEvent } from './track.ts'
import { createUnprocessed, type Unprocessed } from './unprocessed.ts'
import { createUsage, type Usage } from './usage.ts'

/** One Pendo subscription with one app. */
export interface Subscription {
  readonly fields: Fields
  readonly profiles: Profiles
  readonly catalog: Catalog
  readonly usage: Usage
  readonly unprocessed: Unprocessed
  /** Somebody does something in the product. */
  happen(happening: Happening): void
  /** A server tells of a track event: no metadata is written, and nobody becomes "first seen" by it. */
  trackFromServer(event: TrackEvent): void
  /** Makes the store that was emptied that of a new subscription. */
  reset(): void
}

export interface SubscriptionOptions {
  readonly choices: Choices
  readonly processingLagMs: number
  /** How long the subscription and its catalog have been there, in milliseconds. */
  readonly ageMs: number
  readonly tagged: readonly TaggedItem[]
  readonly emit: (occasion: Occasion) => void
}

export const createSubscription = (store: Store, clock: Clock, options: SubscriptionOptions): Subscription => {
  const { choices, processingLagMs, ageMs, tagged, emit } = options
  const { now } = clock
  const began = now() - ageMs
  const fields = createFields(store)
  const profiles = createProfiles(store, now)
  const catalog = createCatalog(store, now, tagged, began)
  const usage = createUsage(store, now, { processingLagMs, rowsByProperties: choices.rowsByProperties })
  const unprocessed = createUnprocessed(store, now)
  const parts = { store, now, catalog, profiles, usage, unprocessed, choices, began }
  const track = createTrack(parts)
  return {
    fields,
    profiles,
    catalog,
    usage,
    unprocessed,
    happen: createInApp({ ...parts, track, emit }),
    trackFromServer: event => {
      const kept = track(event)
      if (kept === undefined) return
      const { visitorId, accountId, timestamp: at, place } = event
      if (choices.serverTrackCreates) profiles.ensure('visitor', visitorId)
      if (choices.serverTrackCreates && accountId !== '') profiles.ensure('account', accountId)
      if (choices.serverTrackWebhooks)
        emit(trackWebhook(parts, event.event, kept, { visitorId, accountId, userAgent: place.userAgent, at }))
    },
    reset: () => {
      fields.reset()
      catalog.reset()
    },
  }
}
