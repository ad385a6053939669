import type { Account, KnownAccount, KnownValue, Profile } from '../../schemas/generated.ts'
import type { FieldValue, RowOf } from '../../topology/define.ts'
import { isNewer } from '../shared-fields/order.ts'
import type { Mapping } from './mapping.ts'
import { sideOf, valuesIn } from './told.ts'

type Known = RowOf<KnownAccount>

/** Key of the row of an account or company: ids of both vendors may be the same. */
export const accountKey = ({ source, account }: Pick<Account, 'source' | 'account'>): string => `${source}|${account}`
/** The account id, by which its events are keyed. */
export const accountOfKey = (key: string): string => key.slice(key.indexOf('|') + 1)

/**
 * What is known of an account or company after an event, and what is to be told of it: all that is known, to what links it; nothing while nothing does. What had another link before
 * is taken from there. An event may tell one value only, so what links it is remembered.
 */
export const withAccountEvent = (
  known: Known | undefined,
  event: Account,
  mapping: Mapping,
): { readonly row: Known; readonly told: readonly Profile[] } => {
  const row = after(known, event, mapping)
  const { eventId, source, occurredAt, receivedAt, account: record } = event
  const profile: Profile = {
    ...{ eventId, source, occurredAt, receivedAt, person: null, link: null, record },
    ...{ side: sideOf(source) ?? 'PENDO', since: row.since, gone: false, values: row.values, arrival: null },
  }
  const left = row.movedBy === eventId ? row.movedFrom : null
  const link = textOf(row.link)
  return {
    row,
    told: [
      ...(left === null ? [] : [{ ...profile, eventId: atLink(eventId, left), link: left, gone: true, values: {} }]),
      ...(link === null ? [] : [{ ...profile, eventId: atLink(eventId, link), link }]),
    ],
  }
}

/** An event may tell two links of an account: each gets an event of its own, which says whose it is, so that a receipt of what it leads to finds the way back. */
const atLink = (eventId: string, link: string): string => `${eventId}@${link}`

/** The link of an event that one was told by. */
export const linkOfEvent = (eventId: string): string => eventId.slice(eventId.lastIndexOf('@') + 1)

const after = (known: Known | undefined, event: Account, mapping: Mapping): Known => {
  const told = linkIn(event, mapping)
  const link = told && isNewer(told, known?.link ?? undefined) ? told : (known?.link ?? null)
  const [before, now] = [textOf(known?.link ?? null), textOf(link)]
  const moved =
    before === null || before === now
      ? { movedFrom: known?.movedFrom ?? null, movedBy: known?.movedBy ?? null }
      : { movedFrom: before, movedBy: event.eventId }
  const values: Record<string, KnownValue> = { ...known?.values }
  for (const [name, value] of Object.entries(valuesIn(event, mapping.companies)))
    if (isNewer(value, values[name])) values[name] = value
  return { since: Math.min(known?.since ?? event.receivedAt, event.receivedAt), link, ...moved, values }
}

/** What an event says of the link; undefined when it says nothing. Pendo tells an account whole: what is not there is empty. */
const linkIn = (event: Account, { matchCompaniesBy }: Mapping): KnownValue | undefined => {
  const { occurredAt, receivedAt, eventId, source, traits } = event
  const isHubSpot = sideOf(source) === 'HUBSPOT'
  const as = (value: string | null): KnownValue => ({ value, occurredAt, receivedAt, eventId, change: false })
  if (matchCompaniesBy !== 'domain')
    return as(isHubSpot ? event.account : recordIdIn(traits[matchCompaniesBy.pendoField]))
  if (event.domain !== null) return as(event.domain)
  return !isHubSpot || Object.hasOwn(traits, 'domain') ? as(null) : undefined
}

const recordIdIn = (value: FieldValue | undefined): string | null =>
  /^\s*([1-9]\d{0,18})\s*$/.exec(String(value ?? ''))?.[1] ?? null

const textOf = (link: KnownValue | null): string | null => (typeof link?.value === 'string' ? link.value : null)
