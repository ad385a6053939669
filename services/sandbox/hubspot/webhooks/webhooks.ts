import type { Clock } from '../../../runtime/clock.ts'
import { createNotice } from '../../notice.ts'
import { randomNumbers } from '../../random.ts'
import type { Store } from '../../store.ts'
import type { AssociationChange } from '../associations/associations.ts'
import type { RecordChange } from '../objects/records.ts'
import type { Portal, PortalObjects } from '../portal.ts'
import { DEFAULT_WEBHOOK_CHOICES, type WebhookChoices } from './choices.ts'
import { type CourierOptions, createCourier } from './courier.ts'
import type { Delivery, Totals } from './ledger.ts'
import { associationToldOf, noticesOf, type Told, toldOf, type WebhookEvent } from './notices.ts'
import {
  createSubscriptions,
  type Subscription,
  type SubscriptionRequest,
  type Subscriptions,
} from './subscriptions.ts'

/** The webhooks of the account's app. */
export interface Webhooks {
  readonly subscriptions: Subscriptions
  /** The latest batches, newest first. */
  recent(): readonly Delivery[]
  totals(): Totals
  /** Forgets what is under way, after the store was emptied. */
  reset(): void
  stop(): void
}

type Delivering = Omit<CourierOptions, 'url' | 'secret' | 'clock' | 'onChange'>

/** How webhooks are sent, and of what; what is not given is as HubSpot has it, but for retries in minutes instead of a day. */
export interface WebhookOptions extends Partial<Delivering> {
  readonly subscriptions?: readonly SubscriptionRequest[]
  /** The share of events whose `eventId` another event had before. */
  readonly repeatedEventIds?: number
  readonly choices?: Partial<WebhookChoices>
}

export interface WebhookReceiver {
  /** The ingest service, for example `http://127.0.0.1:8080`; without it no webhooks are sent. */
  readonly ingestUrl: string | null
  readonly webhookSecret: string
  readonly webhooks: WebhookOptions
}

const DEFAULTS: Delivering & { readonly repeatedEventIds: number } = {
  maxConcurrentRequests: 10,
  gatherMs: 200,
  answerWithinMs: 5_000,
  retryScale: 1 / 150,
  duplicates: 0.01,
  repeatedEventIds: 0.01,
  seed: 1,
}

export const createWebhooks = (
  store: Store,
  clock: Clock,
  portal: Portal,
  { ingestUrl, webhookSecret: secret, webhooks: given }: WebhookReceiver,
): Webhooks => {
  const { repeatedEventIds, ...delivering } = { ...DEFAULTS, ...given }
  const choices = { ...DEFAULT_WEBHOOK_CHOICES, ...given.choices }
  const pages = createNotice(store)
  const subscriptions = createSubscriptions(store, portal, given.subscriptions)
  const url = ingestUrl === null ? null : `${ingestUrl}/webhooks/hubspot`
  const courier = url && createCourier({ ...delivering, url, secret, clock, onChange: pages.touch })
  const newEventId = eventIds(delivering.seed, repeatedEventIds)
  const event = (subscription: Subscription, told: Told): WebhookEvent => {
    const { portalId, app } = portal
    const head = { eventId: newEventId(), subscriptionId: subscription.id, portalId, appId: Number(app.id) }
    return { ...head, occurredAt: clock.now(), ...told }
  }
  const tell = (objects: PortalObjects, change: RecordChange): WebhookEvent[] =>
    noticesOf(objects, change, choices).flatMap(notice => {
      const { subscriptionType: type, propertyName } = notice
      const objectTypeId = objects.type.isActivity ? objects.type.typeId : undefined
      const subscription = subscriptions.active({ type, objectTypeId, propertyName })
      return subscription ? [event(subscription, toldOf(notice, objects.type, change.writer, choices))] : []
    })
  const typeIdOf = (objectType: string): string => portal.objects(objectType).type.typeId
  const tellAssociation = (change: AssociationChange): WebhookEvent[] => {
    const objectTypeId = typeIdOf(change.from.type)
    const subscription = subscriptions.active({ type: 'object.associationChange', objectTypeId })
    return subscription ? [event(subscription, associationToldOf(change, typeIdOf))] : []
  }
  if (courier) {
    for (const objects of portal.all()) objects.records.observeChanges(change => courier.take(tell(objects, change)))
    portal.associations.observe(change => courier.take(tellAssociation(change)))
  }
  const stop = (): void => {
    if (courier) courier.reset()
    pages.stop()
  }
  return {
    subscriptions,
    recent: () => (courier ? courier.recent() : []),
    totals: () => (courier ? courier.totals() : { sent: 0, delivered: 0, failed: 0 }),
    reset: () => {
      stop()
      subscriptions.reset()
    },
    stop,
  }
}

/** HubSpot's ids of events are numbers of up to ten digits, "not guaranteed to be unique". */
const eventIds = (seed: number, repeated: number): (() => number) => {
  const random = randomNumbers(seed)
  let last = 0
  return () => {
    if (last === 0 || random() >= repeated) last = 1 + Math.floor(random() * (2 ** 32 - 1))
    return last
  }
}
