import type { Account, IdentityClaim, Track, TrackKind, Visitor } from '../../../schemas/generated.ts'
import { accounts, tracks, visitors } from '../../../topology/topics.ts'
import type { DestinationChoice } from '../../events/destinations.ts'
import type { SourceRecord } from '../encoded.ts'
import { idText } from '../input/id-text.ts'
import { isObject, type JsonObject } from '../input/json-body.ts'
import { scalarsOf } from '../input/scalars.ts'
import { type Happened, happenedAt } from '../input/times.ts'
import { domainOf } from '../input/web-domain.ts'
import { aliasesOf, linkedAliases } from './aliases.ts'
import { attributesOf } from './attributes.ts'
import { destinationsOf } from './destinations.ts'
import type { SegmentMessage } from './messages.ts'
import {
  beyondTheBatch,
  incomplete,
  type MessageProblem,
  notAnObject,
  tooLarge,
  unknownType,
  withoutPerson,
} from './problems.ts'

/** What a message becomes. */
export interface MappedMessage {
  readonly records: readonly (SourceRecord<Visitor> | SourceRecord<Account> | SourceRecord<Track>)[]
  readonly claim: IdentityClaim
  /** The message's own time could not be, so it has that of the receipt. */
  readonly timeReplaced: boolean
}

/** Where messages come from: an SDK, or Segment itself, whose webhooks have their time corrected already and tell of erasures. */
export interface MessageOrigin {
  readonly via: 'api' | 'webhook'
  /** Name of the source in our configuration. */
  readonly source: string
  readonly receivedAt: number
}

/** Name of the source of what comes by Segment's webhooks. */
export const webhookSource = 'webhook'

/** What all records of one message share. */
interface Facts {
  readonly eventId: string
  readonly source: string
  readonly occurredAt: number
  readonly receivedAt: number
  readonly destinations: DestinationChoice
}

/** What a message says, in our terms, or why it cannot be said. Pure: the same message and origin give the same records. */
export const mapMessage = (message: SegmentMessage, origin: MessageOrigin): MappedMessage | MessageProblem => {
  const { body, problem } = message
  if (problem === 'beyond-the-batch') return beyondTheBatch
  if (problem === 'not-an-object' || !isObject(body)) return notAnObject
  if (problem === 'too-large') return tooLarge
  const map = mappings[String(body['type'])]
  if (!map || (map === mapDelete && origin.via !== 'webhook')) return unknownType
  const { at, replaced } = timeOf(body, message.sentAt, origin)
  const { source, receivedAt } = origin
  const facts = {
    eventId: `segment:${message.id}`,
    source: `segment:${source}`,
    occurredAt: at,
    receivedAt,
    destinations: destinationsOf(body, origin.via),
  }
  const mapped = map(body, facts)
  return 'code' in mapped ? mapped : { ...mapped, timeReplaced: replaced }
}

const timeOf = (body: JsonObject, sentAt: unknown, { via, receivedAt }: MessageOrigin): Happened => {
  const { timestamp, originalTimestamp } = body
  if (via === 'webhook') return happenedAt(timestamp ?? originalTimestamp, undefined, receivedAt)
  return happenedAt(originalTimestamp ?? timestamp, sentAt, receivedAt)
}

type Mapping = (body: JsonObject, facts: Facts) => Omit<MappedMessage, 'timeReplaced'> | MessageProblem

const mapIdentify: Mapping = (body, facts) => {
  const aliases = aliasesOf(body)
  const [person] = aliases
  if (person === undefined) return withoutPerson
  const value: Visitor = { ...facts, person, aliases, account: accountOf(body), traits: scalarsOf(body['traits']) }
  return { records: [{ stream: visitors, value }], claim: seen(facts, aliases, attributesOf(body['traits'])) }
}

/** The group's traits, and that the person belongs to it. */
const mapGroup: Mapping = (body, facts) => {
  const group = idText(body['groupId'])
  if (group === null) return incomplete('a group', 'a groupId')
  const aliases = aliasesOf(body)
  const [person] = aliases
  if (person === undefined) return withoutPerson
  const { traits } = body
  const account: Account = { ...facts, account: group, domain: domainOf(traits), traits: scalarsOf(traits) }
  const visitor: Visitor = { ...facts, person, aliases, account: group, traits: {} }
  return {
    records: [
      { stream: accounts, value: account },
      { stream: visitors, value: visitor },
    ],
    claim: seen(facts, aliases),
  }
}

const trackOf = (body: JsonObject, facts: Facts, kind: TrackKind, name: string): ReturnType<Mapping> => {
  const aliases = aliasesOf(body)
  const [person] = aliases
  if (person === undefined) return withoutPerson
  const properties = scalarsOf(body['properties'])
  const value: Track = { ...facts, kind, name, person, aliases, account: accountOf(body), core: false, properties }
  return { records: [{ stream: tracks, value }], claim: seen(facts, aliases) }
}

const mapTrack: Mapping = (body, facts) => {
  const event = idText(body['event'])
  return event === null ? incomplete('a track', 'the name of an event') : trackOf(body, facts, 'TRACK', event)
}

/** A page or screen may have no name; then its category is the best that is known, else its kind. */
const mapView =
  (kind: 'PAGE' | 'SCREEN', otherwise: string): Mapping =>
  (body, facts) =>
    trackOf(body, facts, kind, idText(body['name']) ?? idText(body['category']) ?? otherwise)

/** Two ids of one person; nothing else is told by it. */
const mapAlias: Mapping = (body, facts) => {
  const aliases = linkedAliases(body)
  if (aliases.length === 0) return incomplete('an alias', 'a userId and a previousId that name one person')
  return { records: [], claim: { ...seen(facts, aliases), id: `${facts.eventId}:merge`, kind: 'MERGE' } }
}

/** Segment forgets a user and asks its destinations to do the same. Only of the user id: a device may be somebody else's by now. */
const mapDelete: Mapping = (body, facts) => {
  const aliases = aliasesOf({ userId: body['userId'] })
  if (aliases.length === 0) return incomplete('a delete', 'a userId')
  return { records: [], claim: { ...seen(facts, aliases), id: `${facts.eventId}:erase`, kind: 'ERASE' } }
}

const mappings: Readonly<Record<string, Mapping>> = {
  // Without a prototype: a type may be any text.
  __proto__: null as never,
  identify: mapIdentify,
  group: mapGroup,
  track: mapTrack,
  page: mapView('PAGE', 'Page'),
  screen: mapView('SCREEN', 'Screen'),
  alias: mapAlias,
  delete: mapDelete,
}

const seen = (
  { eventId, occurredAt, source }: Facts,
  aliases: readonly string[],
  attributes: IdentityClaim['attributes'] = {},
): IdentityClaim => ({ id: `${eventId}:seen`, time: occurredAt, kind: 'SEEN', aliases, attributes, source })

/** The group that the person acts for, as SDKs put it into the context. */
const accountOf = ({ context }: JsonObject): string | null => (isObject(context) ? idText(context['groupId']) : null)
