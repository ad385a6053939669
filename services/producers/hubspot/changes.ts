import type { IdentityClaim } from '../../../schemas/generated.ts'
import type { HubSpotProperties } from '../../../topology/hubspot-properties.ts'
import { happenedAt } from '../input/times.ts'
import { type Notice, noticed } from './activities/notices.ts'
import type { ActivityType } from './activities/types.ts'
import { type ObjectType, propertiesOf, recordIdOf } from './object-types.ts'
import { type Facts, type HubSpotRecord, ofHubSpot } from './records.ts'
import { type HubSpotWebhook, isEcho } from './webhook.ts'

/** What of HubSpot's changes is told. */
export interface HubSpotMapping {
  /** HUBSPOT_APP_ID, by which what we wrote ourselves is known; null when it is not set. */
  readonly appId: string | null
  readonly properties: HubSpotProperties
  /** Whether tasks and other activities are taken: somebody reads what is noticed of them. */
  readonly activities: boolean
}

/** What an item becomes. */
export interface MappedWebhook {
  readonly kind: 'mapped'
  readonly record: HubSpotRecord | Notice | null
  readonly claims: readonly IdentityClaim[]
  /** The event's own time could not be, so it has that of the receipt. */
  readonly timeReplaced: boolean
}

/** Nothing follows from it: it is of no interest (`ignored`), or tells what we wrote ourselves (`echo`). */
export interface PassedOver {
  readonly kind: 'ignored' | 'echo'
}

/** Why an item that should be told cannot be. It goes to the dead letters. */
export interface WebhookProblem {
  readonly kind: 'broken'
  readonly code: 'HUBSPOT_WEBHOOK_BROKEN'
  readonly message: string
}

interface Changed {
  readonly type: ObjectType
  readonly body: HubSpotWebhook['body']
  readonly facts: Facts
  readonly mapping: HubSpotMapping
}

/** What follows from a change: a record and claims, nothing, or what the item lacks, as a noun. */
type Following = Pick<MappedWebhook, 'record' | 'claims'> | 'nothing' | { readonly lacks: string }
type Change = (changed: Changed) => Following

/** What a webhook says, in our terms, or why it cannot be said. Pure. */
export const mapWebhook = (
  webhook: HubSpotWebhook,
  mapping: HubSpotMapping,
  receivedAt: number,
): MappedWebhook | PassedOver | WebhookProblem => {
  const { id, type, activity, change, body } = webhook
  const { at: occurredAt, replaced: timeReplaced } = happenedAt(body['occurredAt'], undefined, receivedAt)
  const facts: Facts = { ...ofHubSpot, eventId: `hubspot:${id}`, occurredAt, receivedAt }
  if (activity && mapping.activities) return mapNotice(activity, webhook, facts, timeReplaced)
  const follow = changes[change]
  if (!type || !follow) return { kind: 'ignored' }
  const following = follow({ type, body, facts, mapping })
  if (following === 'nothing') return { kind: 'ignored' }
  if ('lacks' in following) return broken(type, change, following.lacks)
  if (!isEcho(webhook, mapping.appId)) return { kind: 'mapped', ...following, timeReplaced }
  const claims = following.claims.filter(isNewsOfEcho)
  return claims.length === 0 ? { kind: 'echo' } : { kind: 'mapped', record: null, claims, timeReplaced }
}

/** What we wrote ourselves is noticed too: a reading tells by its history what was ours. */
const mapNotice = (
  activity: ActivityType,
  webhook: HubSpotWebhook,
  facts: Facts,
  timeReplaced: boolean,
): MappedWebhook | PassedOver | WebhookProblem => {
  const notice = noticed(activity, webhook, facts)
  if (notice === 'nothing') return { kind: 'ignored' }
  if ('lacks' in notice) return broken(activity, webhook.change, notice.lacks)
  return { kind: 'mapped', record: notice, claims: [], timeReplaced }
}

/** That an id and an address belong together is so, whoever wrote it. What else we wrote, its own source has claimed. */
const isNewsOfEcho = ({ kind, aliases }: IdentityClaim): boolean => kind !== 'SEEN' || aliases.length > 1

/** A record is there, and nothing more is said of it: webhooks of its properties follow, or the sweep tells them. */
const isThere: Change = ({ type, body, facts }) => {
  const id = recordIdOf(body['objectId'])
  return id === null ? withoutId : type.told({ facts, id, values: {}, chosen: [] })
}

const propertyChanged: Change = ({ type, body, facts, mapping }) => {
  const name = body['propertyName']
  if (typeof name !== 'string' || name === '') return { lacks: 'a propertyName' }
  if (!propertiesOf(type, mapping.properties).includes(name)) return 'nothing'
  const id = recordIdOf(body['objectId'])
  if (id === null) return withoutId
  const value = textOf(body['propertyValue'])
  // What an account marks as sensitive comes without its value; the sweep reads what the app may read.
  if (value === undefined) return body['isSensitive'] === true ? 'nothing' : { lacks: 'a propertyValue of text' }
  return type.told({ facts, id, values: { [name]: value }, chosen: mapping.properties[type.path] })
}

/** The records that were one afterwards: usually under a new id, to which the others lead. */
const merged: Change = ({ type, body, facts }) => {
  if (!type.merged) return 'nothing'
  const { newObjectId, primaryObjectId, mergedObjectIds } = body
  const others: readonly unknown[] = Array.isArray(mergedObjectIds) ? mergedObjectIds : []
  const ids = [newObjectId, primaryObjectId, ...others].flatMap(id => recordIdOf(id) ?? [])
  const claim = type.merged(facts, ids)
  return claim ? { record: null, claims: [claim] } : { lacks: 'two ids of records that were merged' }
}

const erased: Change = ({ type, body, facts }) => {
  if (!type.erased) return 'nothing'
  const id = recordIdOf(body['objectId'])
  return id === null ? withoutId : { record: null, claims: [type.erased(facts, id)] }
}

/** Changes from which something follows. A deletion is none of them: who was deleted in the CRM is still somebody, and what was told of them remains. */
const changes: Readonly<Record<string, Change>> = {
  // Without a prototype: a change may be called anything.
  __proto__: null as never,
  creation: isThere,
  restore: isThere,
  propertyChange: propertyChanged,
  merge: merged,
  privacyDeletion: erased,
}

const withoutId = { lacks: 'an objectId' }

/** A property's value as text, null when it was cleared; undefined for what is no value. */
const textOf = (value: unknown): string | null | undefined => {
  if (value === null || value === '') return null
  if (typeof value === 'string') return value.toWellFormed()
  return typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) ? String(value) : undefined
}

const broken = ({ name }: Pick<ObjectType, 'name'>, change: string, lacks: string): WebhookProblem => ({
  kind: 'broken',
  code: 'HUBSPOT_WEBHOOK_BROKEN',
  message: `Expected ${name}.${change} with ${lacks}, but it is missing or of another form.`,
})

export const notAWebhook: WebhookProblem = {
  kind: 'broken',
  code: 'HUBSPOT_WEBHOOK_BROKEN',
  message: 'Expected an object with the type of a subscription, but it is none.',
}
