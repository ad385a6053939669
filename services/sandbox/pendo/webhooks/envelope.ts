import { randomUUID } from 'node:crypto'
import { objectId, uniqueId } from '../ids.ts'

/** The categories of webhooks whose event names are known (facts/pendo.md §5); page loads and feature clicks are newer, their names are not. */
export type WebhookEvent =
  | 'guideDisplayed'
  | 'trackEventReceived'
  | 'npsDisplayed'
  | 'npsSubmitted'
  | 'pollDisplayed'
  | 'pollSubmitted'
  | 'visitorCreated'
  | 'accountCreated'

/** A webhook as Pendo's examples have it. */
export interface Webhook {
  readonly app: { readonly id: number; readonly name: string; readonly platform: string }
  /** Empty when the visitor has none: [unverified], it may be absent. */
  readonly accountId: string
  readonly subscription: { readonly id: number; readonly name: string }
  readonly userAgent: string
  readonly event: WebhookEvent
  readonly properties: Readonly<Record<string, unknown>>
  /** Seconds, though the times inside `properties` are milliseconds. */
  readonly timestamp: number
  readonly visitorId: string
  /** 40 hexadecimal digits, another for each. */
  readonly uniqueId: string
}

/** Of the web application that the sandbox's product is: Pendo's ids of apps may be negative. */
export const APP = { id: -323232, name: 'Lumen', platform: 'web' } as const
const SUBSCRIPTION = { id: 6215268572069888, name: 'Lumen' } as const

export interface Occasion {
  readonly event: WebhookEvent
  readonly visitorId: string
  readonly accountId: string
  readonly userAgent: string
  /** Epoch milliseconds. */
  readonly at: number
  readonly properties?: Readonly<Record<string, unknown>>
}

export const webhookOf = ({ event, visitorId, accountId, userAgent, at, properties = {} }: Occasion): Webhook => ({
  app: APP,
  accountId,
  subscription: SUBSCRIPTION,
  userAgent,
  event,
  properties,
  timestamp: Math.floor(at / 1000),
  visitorId,
  uniqueId: uniqueId(randomUUID()),
})

const AUTHOR = { username: 'product@lumen.example.com' }

/** What webhooks tell of a guide, an NPS survey or a poll. @param began when it was made, epoch milliseconds */
export const guideProperties = (name: string, began: number): Readonly<Record<string, unknown>> => {
  const id = objectId(`guide ${name}`)
  const step = objectId(`step ${name}`)
  return {
    guideId: id,
    guideProperties: {
      createdAt: began,
      createdByUser: AUTHOR,
      id,
      lastUpdatedAt: began,
      lastUpdatedByUser: AUTHOR,
      name,
      steps: [{ id: step, lastUpdatedAt: began, resetAt: began, type: 'building-block' }],
    },
    guideStepId: step,
    language: 'en-US',
  }
}
