import { isAnonymous } from '../ids.ts'
import { guideProperties, type Occasion, type WebhookEvent } from '../webhooks/envelope.ts'
import type { ItemKind } from './catalog.ts'
import type { Kind, Value, Values } from './fields.ts'
import { isExcluded, type KeptProperties, type TakeTrackEvent, type TrackParts } from './track.ts'
import type { UsageSource } from './usage.ts'

/** What somebody does in the product, as the browser agent tells Pendo. */
export interface Happening {
  readonly kind:
    | 'page'
    | 'feature'
    | 'track'
    | Exclude<WebhookEvent, 'trackEventReceived' | 'visitorCreated' | 'accountCreated'>
  /** Of the page, feature, track event, guide, survey or poll. */
  readonly name: string
  readonly visitorId: string
  /** Empty when the visitor has none. */
  readonly accountId: string
  /** Epoch milliseconds. */
  readonly at: number
  /** Of a track event; of the answer to a survey or poll. */
  readonly properties: Values
  /** What the snippet of the page says of the visitor and of the account: it overwrites the group `agent`. */
  readonly agent: Readonly<Partial<Record<Kind, Values>>>
  /** The anonymous visitor who has just logged in as this one. */
  readonly merges: string | undefined
  readonly userAgent: string
  readonly remoteIp: string
}

interface InAppParts extends TrackParts {
  readonly track: TakeTrackEvent
  readonly emit: (occasion: Occasion) => void
}

const SERVER = 'app.lumen.example.com'

/** Takes what happens in the product: it makes visitors and accounts known, is counted as usage, and causes webhooks. */
export const createInApp = (parts: InAppParts): ((happening: Happening) => void) => {
  const { profiles, usage, unprocessed, choices, now } = parts
  return happening => {
    if (isExcluded(profiles, happening.visitorId)) return unprocessed.count('visitor is not to be processed')
    const { visitorId, accountId, merges } = happening
    if (merges !== undefined) usage.merge(merges, { visitorId, accountId }, now() - choices.mergeWindowMs)
    seen(parts, happening)
    use(parts, happening)
  }
}

/** Pendo tells of a visitor or an account that is first seen, and notes what the browser is. */
const seen = ({ profiles, emit, choices }: InAppParts, happening: Happening): void => {
  const { visitorId, accountId, at, userAgent, agent } = happening
  const first = (kind: Kind, id: string): boolean => profiles.get(kind, id)?.metadata.auto['firstvisit'] === undefined
  const visit = (kind: Kind, id: string, more: Values): void => {
    const isFirst = first(kind, id)
    profiles.write(kind, id, 'auto', { ...(isFirst ? { firstvisit: at } : {}), lastvisit: at, ...more }, 'visit')
    const said = agent[kind]
    if (said && differs(said, profiles.get(kind, id)?.metadata.agent)) profiles.write(kind, id, 'agent', said)
    if (isFirst && (choices.anonymousWebhooks || !isAnonymous(visitorId)))
      emit({ event: `${kind}Created`, visitorId, accountId, userAgent, at })
  }
  const known = profiles.get('visitor', visitorId)?.metadata.auto['accountids']
  const accounts = [
    ...new Set([...(Array.isArray(known) ? (known as Value[]) : []), ...(accountId ? [accountId] : [])]),
  ]
  const browser = { lastuseragent: userAgent, lastservername: SERVER, lastbrowsername: 'Chrome' }
  visit('visitor', visitorId, { ...browser, accountids: accounts, ...(accountId ? { accountid: accountId } : {}) })
  if (accountId) visit('account', accountId, {})
}

const differs = (said: Values, before: Values = {}): boolean =>
  Object.entries(said).some(([name, value]) => before[name] !== value)

/** What must be tagged before Pendo knows its use. */
export const TAGGED: Readonly<
  Partial<Record<Happening['kind'], { readonly item: ItemKind; readonly source: UsageSource }>>
> = {
  page: { item: 'Page', source: 'pageEvents' },
  feature: { item: 'Feature', source: 'featureEvents' },
}

const use = (parts: InAppParts, happening: Happening): void => {
  const { kind, name, visitorId, accountId, at, userAgent, remoteIp, properties } = happening
  const place = { server: SERVER, remoteIp, userAgent }
  const who = { visitorId, accountId, userAgent, at }
  const tagged = TAGGED[kind]
  if (tagged) {
    const item = parts.catalog.find(tagged.item, name)
    if (item)
      parts.usage.record({
        source: tagged.source,
        itemId: item.id,
        visitorId,
        accountId,
        ...place,
        properties: null,
        at,
      })
  } else if (kind === 'track') {
    const kept = parts.track({ event: name, visitorId, accountId, timestamp: at, properties, place })
    if (kept !== undefined) parts.emit(trackWebhook(parts, name, kept, who))
  } else if (kind !== 'page' && kind !== 'feature')
    parts.emit({
      event: kind,
      ...who,
      properties: { ...guideProperties(name, parts.began), ...answerOf(kind, properties) },
    })
}

type Who = Pick<Occasion, 'visitorId' | 'accountId' | 'userAgent' | 'at'>

/** The webhook of a track event. */
export const trackWebhook = (
  { choices: { trackWebhookKeys: keys } }: Pick<TrackParts, 'choices'>,
  name: string,
  properties: KeptProperties,
  who: Who,
): Occasion => ({
  event: 'trackEventReceived',
  ...who,
  properties: { [keys.name]: name, [keys.properties]: properties },
})

/** An answer to a survey that came by mail has no language (facts/pendo.md §5). The keys of polls are after Segment's: [unverified]. */
const answerOf = (kind: WebhookEvent, answer: Values): Readonly<Record<string, unknown>> => {
  if (kind === 'npsSubmitted') return { ...(answer['source'] === 'email' ? { language: '' } : {}), nps: answer }
  return kind === 'pollSubmitted' || kind === 'pollDisplayed' ? answer : {}
}
