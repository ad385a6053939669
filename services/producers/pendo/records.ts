import type { Account, IdentityClaim, Track, Visitor } from '../../../schemas/generated.ts'
import type { Stream } from '../../../topology/define.ts'
import { accounts, tracks, visitors } from '../../../topology/topics.ts'
import { scalarsOf } from '../input/scalars.ts'
import { happenedAt } from '../input/times.ts'
import { accountOf, aliasesOf } from './aliases.ts'
import { type Catalogue, type UsageKind, usageKinds } from './catalogue.ts'
import { type PendoWebhook, usedIn, webhookEvents } from './webhook.ts'

/** The source of all that comes from Pendo. */
export const pendoSource = 'pendo:default'

/** A value with the stream that it is for. */
export type PendoRecord =
  | { readonly stream: Stream<Track>; readonly value: Track }
  | { readonly stream: Stream<Visitor>; readonly value: Visitor }
  | { readonly stream: Stream<Account>; readonly value: Account }

/** What an event becomes. */
export interface MappedWebhook {
  readonly record: PendoRecord
  /** Null of an account. */
  readonly claim: IdentityClaim | null
  /** The event's own time could not be, so it has that of the receipt. */
  readonly timeReplaced: boolean
}

/** Why an event cannot become a record. It goes to the dead letters. */
export interface WebhookProblem {
  readonly code: 'PENDO_WEBHOOK_BROKEN' | 'PENDO_VISITOR_MISSING'
  readonly message: string
}

/** Whether the webhook is one of those that become records. */
export const isRecorded = ({ event }: PendoWebhook): boolean => webhookEvents[event] !== undefined

/** Whether its mapping needs to know what the product consists of. */
export const isUsage = ({ event }: PendoWebhook): boolean => usageKinds.some(kind => kind === webhookEvents[event])

/** What a webhook says, in our terms, or why it cannot be said. Pure. @param catalogue null where `isUsage` is false */
export const mapWebhook = (
  webhook: PendoWebhook,
  catalogue: Catalogue | null,
  receivedAt: number,
): MappedWebhook | WebhookProblem => {
  const kind = webhookEvents[webhook.event]
  const { at: occurredAt, replaced: timeReplaced } = happenedAt(webhook.timestamp, undefined, receivedAt)
  const eventId = `pendo:${webhook.id}`
  const facts: Facts = { eventId, source: pendoSource, occurredAt, receivedAt, destinations: {} }
  const account = accountOf(webhook.accountId)
  if (kind === 'account') {
    if (account === null) return broken(webhook, 'an accountId')
    const value: Account = { ...facts, account, domain: null, traits: {} }
    return { record: { stream: accounts, value }, claim: null, timeReplaced }
  }
  const aliases = aliasesOf(webhook.visitorId)
  const [person] = aliases
  if (person === undefined) return withoutVisitor
  const claim = seen(facts, aliases)
  const about = { ...facts, person, aliases, account }
  if (kind === 'visitor') return { record: { stream: visitors, value: { ...about, traits: {} } }, claim, timeReplaced }
  if (kind === undefined) return broken(webhook, 'an event that is recorded')
  const used = usedItem(kind, webhook, catalogue)
  if (!used) return broken(webhook, `the name of the ${kind.toLowerCase()} event`)
  const value: Track = { ...about, ...used, kind, properties: scalarsOf(used.properties) }
  return { record: { stream: tracks, value }, claim, timeReplaced }
}

/** What all records of one event share. */
export type Facts = Pick<Track, 'eventId' | 'source' | 'occurredAt' | 'receivedAt' | 'destinations'>

/** That the aliases were seen together. */
export const seen = (
  { eventId, occurredAt, source }: Facts,
  aliases: readonly string[],
  attributes: IdentityClaim['attributes'] = {},
): IdentityClaim => ({ id: `${eventId}:seen`, time: occurredAt, kind: 'SEEN', aliases, attributes, source })

/** The catalogue's name and whether it is a Core Event; something that it does not know yet has the webhook's name and is none. */
const usedItem = (kind: UsageKind, { properties }: PendoWebhook, catalogue: Catalogue | null) => {
  const used = usedIn(kind, properties)
  const item =
    (used.id === null ? undefined : catalogue?.byId(kind, used.id)) ??
    (used.name === null ? undefined : catalogue?.byName(kind, used.name))
  const name = item?.name ?? used.name
  return name === null ? undefined : { name, core: item?.core ?? false, properties: used.properties }
}

const broken = ({ event }: PendoWebhook, lacks: string): WebhookProblem => ({
  code: 'PENDO_WEBHOOK_BROKEN',
  message: `Expected ${webhookEvents[event] === undefined ? 'a webhook' : event} with ${lacks}, but it is missing or of another form.`,
})

export const notAWebhook: WebhookProblem = {
  code: 'PENDO_WEBHOOK_BROKEN',
  message: 'Expected an object with the name of an event, but it is none.',
}

const withoutVisitor: WebhookProblem = {
  code: 'PENDO_VISITOR_MISSING',
  message:
    'Expected a visitorId that names one visitor, but there is none, or the placeholder of the installation snippet.',
}
