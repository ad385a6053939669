import type { Problem } from '../../../delivery/destination.ts'
import { orApiMissing } from '../answers.ts'
import type { HubSpotClient } from '../client.ts'
import { rememberedMarketingEvents } from '../limits.ts'

/** A webinar as HubSpot's marketing events show it. */
export interface MarketingEvent {
  /** External event id. */
  readonly webinar: string
  /** External account id: the Zoom account. */
  readonly account: string
  readonly topic: string | null
  readonly start: string | null
  /** When it ended: from then on HubSpot computes durations and who did not come. */
  readonly end: string | null
}

/** Makes marketing events before somebody takes part in them. What HubSpot was told is remembered, so that it is not told again. */
export interface MarketingEvents {
  /** Makes the event, or corrects it. What is null is not known and is left as it is. Gives what stood in the way. */
  ensure(event: MarketingEvent, signal: AbortSignal): Promise<Problem | null>
  /** HubSpot says that it has no such event. */
  forget(event: MarketingEvent): void
}

export const marketingEvents = (client: HubSpotClient): MarketingEvents => {
  const told = new Map<string, MarketingEvent>()
  const remember = (key: string, event: MarketingEvent): void => {
    told.delete(key)
    told.set(key, event)
    const [oldest] = told.keys()
    if (told.size > rememberedMarketingEvents && oldest !== undefined) told.delete(oldest)
  }
  return {
    ensure: async (event, signal) => {
      const key = keyOf(event)
      const before = told.get(key)
      const now = known(before, event)
      if (before && same(before, now)) return null
      const answer = await client.call(
        'marketing-events.upsert',
        api => api.marketingEvents.basicApi.upsertWithHttpInfo(event.webinar, paramsOf(now)),
        signal,
      )
      if (answer.kind !== 'success') return orApiMissing(answer)
      remember(key, now)
      return null
    },
    forget: event => {
      told.delete(keyOf(event))
    },
  }
}

const keyOf = ({ account, webinar }: MarketingEvent): string => JSON.stringify([account, webinar])

const known = (before: MarketingEvent | undefined, event: MarketingEvent): MarketingEvent => ({
  ...event,
  topic: event.topic ?? before?.topic ?? null,
  start: event.start ?? before?.start ?? null,
  end: event.end ?? before?.end ?? null,
})

const same = (a: MarketingEvent, b: MarketingEvent): boolean =>
  a.topic === b.topic && a.start === b.start && a.end === b.end

const paramsOf = ({ webinar, account, topic, start, end }: MarketingEvent) => ({
  externalEventId: webinar,
  externalAccountId: account,
  eventName: topic ?? `Webinar ${webinar}`,
  eventType: 'WEBINAR',
  eventOrganizer: 'Zoom',
  customProperties: [],
  ...(start === null ? {} : { startDateTime: new Date(start) }),
  ...(end === null ? {} : { endDateTime: new Date(end), eventCompleted: true }),
})
