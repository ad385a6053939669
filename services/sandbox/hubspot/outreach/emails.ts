import { randomUUID } from 'node:crypto'
import type { Clock } from '../../../runtime/clock.ts'
import type { Store } from '../../store.ts'
import { invalid, notFound } from '../errors.ts'
import { countersOf, nextNumber } from '../objects/records.ts'

/** A marketing e-mail that was sent. */
export interface Campaign {
  readonly id: string
  readonly name: string
  readonly subject: string
  readonly sentAt: number
}

export const EMAIL_EVENT_TYPES = ['SENT', 'DELIVERED', 'OPEN', 'CLICK', 'DROPPED'] as const
export type EmailEventType = (typeof EMAIL_EVENT_TYPES)[number]

export interface EmailEvent {
  readonly id: string
  /** In milliseconds, as `shownFrom`. */
  readonly created: number
  readonly shownFrom: number
  readonly type: EmailEventType
  readonly recipient: string
  readonly campaign: string
  readonly hmid: string
  readonly sentBy?: { readonly id: string; readonly created: number }
  readonly obsoletedBy?: { readonly id: string; readonly created: number }
  readonly url?: string
  readonly filteredEvent?: boolean
}

/** What somebody does with an e-mail that was sent to them. */
export interface Reaction {
  readonly type: 'OPEN' | 'CLICK' | 'DROPPED'
  /** Id of the campaign. */
  readonly campaign: string
  readonly recipient: string
  /** When it happened, now unless given. */
  readonly created?: number | undefined
  /** How long reads do not show it. */
  readonly shownAfterMs?: number | undefined
  /** HubSpot takes it for a bot's. */
  readonly filtered?: boolean | undefined
  readonly url?: string | undefined
}

/** The application as which HubSpot sends marketing e-mails: `appId` and `appName` of every event. */
export const BATCH_APP = { id: 113, name: 'Batch' } as const
const FIRST_CAMPAIGN = 218_900_001

/** The marketing e-mails of an account and what became of them. */
export interface Emails {
  /** The latest first. */
  campaigns(): readonly Campaign[]
  campaign(id: string): Campaign | undefined
  /** The latest first, those of one time in the order of their ids. */
  events(): readonly EmailEvent[]
  send(email: { readonly name: string; readonly subject: string; readonly to: readonly string[] }): Campaign
  /** Throws a `HubSpotRefusal` when it was not sent to them. */
  react(reaction: Reaction): EmailEvent
}

export const createEmails = (store: Store, clock: Clock): Emails => {
  const campaigns = store.table<Campaign>('email campaigns')
  const events = store.table<EmailEvent>('email events')
  const counters = countersOf(store)
  const put = (event: EmailEvent): EmailEvent => {
    events.set(event.id, event)
    return event
  }
  return {
    campaigns: () => [...campaigns.values()].sort((a, b) => b.sentAt - a.sentAt),
    campaign: id => campaigns.get(id),
    events: () =>
      [...events.values()]
        .filter(({ shownFrom }) => shownFrom <= clock.now())
        .sort((a, b) => b.created - a.created || (a.id < b.id ? -1 : 1)),
    send: ({ name, subject, to }) => {
      const recipients = to.map(one => one.trim().toLowerCase())
      if (recipients.length === 0 || recipients.some(one => !one.includes('@'))) throw invalid('to is no address')
      const now = clock.now()
      const campaign = { id: nextNumber(counters, 'campaign', FIRST_CAMPAIGN), name, subject, sentAt: now }
      campaigns.set(campaign.id, campaign)
      for (const recipient of recipients) {
        const about = { recipient, campaign: campaign.id, hmid: randomUUID(), created: now, shownFrom: now }
        const sent = put({ ...about, id: randomUUID(), type: 'SENT' })
        put({ ...about, id: randomUUID(), type: 'DELIVERED', sentBy: { id: sent.id, created: sent.created } })
      }
      return campaign
    },
    react: reaction => {
      const recipient = reaction.recipient.trim().toLowerCase()
      const sent = [...events.values()].find(
        event => event.type === 'SENT' && event.campaign === reaction.campaign && event.recipient === recipient,
      )
      if (!sent) throw notFound('The e-mail was not sent to them.')
      const event = put(reactionTo(sent, reaction, clock.now()))
      if (event.type === 'DROPPED') put({ ...sent, obsoletedBy: { id: event.id, created: event.created } })
      return event
    },
  }
}

const reactionTo = (
  { recipient, campaign, hmid, ...sent }: EmailEvent,
  { type, created, shownAfterMs = 0, filtered = false, url }: Reaction,
  now: number,
): EmailEvent => ({
  ...{ id: randomUUID(), created: created ?? now, shownFrom: now + shownAfterMs, type, recipient, campaign },
  ...{ hmid, sentBy: { id: sent.id, created: sent.created } },
  ...(type === 'DROPPED' ? {} : { filteredEvent: filtered }),
  ...(type === 'CLICK' ? { url: url ?? 'https://www.sandbox.example.com/pricing?hsmi=1' } : {}),
})
