import type { Clock } from '../../runtime/clock.ts'
import type { Store } from '../store.ts'
import { type CustomEvents, createCustomEvents } from './events/custom-events.ts'
import { createMarketing, type Marketing, type MarketingOptions } from './marketing/marketing.ts'
import { createOutreach, type Outreach } from './outreach/outreach.ts'
import { createPortal, type Portal, type PortalOptions } from './portal.ts'
import { createWebhooks, type WebhookReceiver, type Webhooks } from './webhooks/webhooks.ts'

/** All that an emulated HubSpot account holds. */
export interface Account {
  readonly portal: Portal
  readonly events: CustomEvents
  readonly marketing: Marketing
  readonly outreach: Outreach
  readonly webhooks: Webhooks
  /** As `GET /_sandbox/state` shows it. */
  state(): Record<string, readonly { id: string; properties: Readonly<Record<string, unknown>> }[]>
  /** Takes the state of the store again, after it was emptied. */
  reset(): void
}

export interface AccountOptions extends PortalOptions, MarketingOptions, WebhookReceiver {
  /** How long the API does not show an occurrence of a custom event that was accepted, in milliseconds. */
  readonly eventLagMs: number
}

export const createAccount = (store: Store, clock: Clock, options: AccountOptions): Account => {
  const portal = createPortal(store, clock, options)
  const events = createCustomEvents(store, clock, portal, options.eventLagMs)
  const marketing = createMarketing(store, clock, portal, options)
  const outreach = createOutreach(store, clock, portal)
  const webhooks = createWebhooks(store, clock, portal, options)
  return {
    portal,
    events,
    marketing,
    outreach,
    webhooks,
    state: () => {
      const records = portal.all().map(({ type, records }) => {
        const live = records.live().map(({ id, properties }) => ({ id, properties }))
        return [type.name, live] as const
      })
      const associations = portal.associations.state()
      return {
        ...Object.fromEntries(records),
        associations,
        ...events.state(),
        ...marketing.state(),
        ...outreach.state(),
      }
    },
    reset: () => {
      portal.reset()
      events.occurrences.reset()
      webhooks.reset()
    },
  }
}
