import type { IdentityClaim, Registrant, RegistrationStatus, Webinar } from '../../../../schemas/generated.ts'
import { zoomAliases } from '../aliases.ts'
import { attributesOf, registrantOf } from '../registrants.ts'
import type { ListedRegistrant } from '../rest/calls.ts'
import { happenedAt } from '../times.ts'
import type { KnownRegistration, KnownWebinar } from './known.ts'
import { blank, eventIdOf, type Told } from './records.ts'

/** The webinar, or the date of a series, whose registrations were listed. */
export interface ListedFor {
  readonly account: string
  readonly number: string
  readonly recurring: boolean
  readonly topic: string | null
  readonly timezone: string | null
  /** Planned start. */
  readonly startTime: number | null
  /** The date of a series; null for a webinar that is none. */
  readonly occurrence: { readonly id: string; readonly startTime: number } | null
  /** Decisions about registrations that no webhook told were made before this moment. */
  readonly decidedBy: number
  /** When Zoom was asked. */
  readonly receivedAt: number
}

/** Zoom's lists lag a little, and webhooks overtake them: what those told within this time stands, whatever the lists say. */
const listsLagMs = 10 * 60_000

/**
 * What Zoom's lists of registrations say beyond what the topic tells: registrations that are unknown, decisions that are, and, since Zoom lists no cancelled
 * ones, those that are gone from the lists. What is known already is not told again.
 */
export const untoldRegistrations = (
  listedFor: ListedFor,
  listed: readonly ListedRegistrant[],
  known: KnownWebinar | undefined,
): Told => {
  const told = listed.flatMap(registrant => untold(listedFor, registrant, knownOf(known, registrant.id, listedFor)))
  const ids = new Set(listed.map(({ id }) => id))
  const gone = listedFor.recurring ? [] : cancelled(listedFor, ids, known)
  const all = [...told, ...gone]
  return { records: all.map(({ record }) => record), claims: all.flatMap(({ claim }) => claim ?? []) }
}

interface One {
  readonly record: Webinar
  readonly claim: IdentityClaim | null
}

/** A registration that names no date is for all of them. */
const knownOf = (
  known: KnownWebinar | undefined,
  registrantId: string,
  { occurrence }: ListedFor,
): KnownRegistration | undefined => {
  const dates = known?.registrations.get(registrantId)
  return dates?.get(occurrence?.id ?? '') ?? dates?.get('')
}

const standing: ReadonlySet<RegistrationStatus> = new Set(['APPROVED', 'PENDING'])

const untold = (
  listedFor: ListedFor,
  listed: ListedRegistrant,
  known: KnownRegistration | undefined,
): readonly One[] => {
  const status = statusOf(listed)
  // Nobody can say whether Zoom lists a cancelled registration as a denied one; neither stands.
  if (known && !standing.has(status) && !standing.has(known.registrant.status)) return []
  if (known?.registrant.status === status || (known && isFresh(known, listedFor))) return []
  if (!known) {
    const created = registration(listedFor, listed, 'REGISTERED', createdAt(listed, listedFor))
    return status === 'DENIED' ? [created, decision(listedFor, listed, 'DENIED', created.record.occurredAt)] : [created]
  }
  // An approved registration does not go back to pending by itself: the list is behind.
  return status === 'PENDING' ? [] : [decision(listedFor, listed, status, known.changedAt)]
}

const isFresh = (known: KnownRegistration, { receivedAt }: ListedFor): boolean =>
  receivedAt - known.receivedAt < listsLagMs

const statusOf = ({ status }: ListedRegistrant): 'APPROVED' | 'PENDING' | 'DENIED' =>
  status === 'pending' ? 'PENDING' : status === 'denied' ? 'DENIED' : 'APPROVED'

const createdAt = ({ create_time }: ListedRegistrant, { receivedAt }: ListedFor): number =>
  happenedAt([create_time], receivedAt)

/** When it was decided cannot be known, only that it was after the last change and before Zoom was asked. */
const decidedAt = ({ decidedBy, receivedAt }: ListedFor, after: number): number =>
  Math.min(receivedAt, Math.max(after + 1, decidedBy))

const decision = (listedFor: ListedFor, listed: ListedRegistrant, kind: 'APPROVED' | 'DENIED', after: number): One =>
  registration(listedFor, listed, kind, decidedAt(listedFor, after), after)

const registration = (
  listedFor: ListedFor,
  listed: ListedRegistrant,
  kind: 'REGISTERED' | 'APPROVED' | 'DENIED',
  occurredAt: number,
  after: number | null = null,
): One => {
  // Denied after it had waited: when it was made, it was not yet decided.
  const registrant = registrantOf(
    kind === 'REGISTERED' && listed.status === 'denied' ? { ...listed, status: 'pending' } : listed,
    kind,
  )
  const aliases = zoomAliases({ registrantId: listed.id, email: listed.email, userId: null })
  const record = recordOf(listedFor, kind, registrant, aliases, occurredAt, after)
  const { eventId, source } = record
  const attributes = attributesOf(listed)
  const claim: IdentityClaim = { id: `${eventId}:seen`, time: occurredAt, kind: 'SEEN', aliases, attributes, source }
  return { record, claim: aliases.length === 0 ? null : claim }
}

const cancelled = (
  listedFor: ListedFor,
  listed: ReadonlySet<string>,
  known: KnownWebinar | undefined,
): readonly One[] =>
  [...(known?.registrations ?? [])].flatMap(([id, dates]) => {
    const registration = dates.get('')
    if (listed.has(id) || !registration || !standing.has(registration.registrant.status)) return []
    if (isFresh(registration, listedFor)) return []
    const { registrant, aliases, changedAt } = registration
    const gone: Registrant = { ...registrant, status: 'CANCELLED' }
    const at = decidedAt(listedFor, changedAt)
    return [{ record: recordOf(listedFor, 'CANCELLED', gone, aliases, at, changedAt), claim: null }]
  })

const recordOf = (
  listedFor: ListedFor,
  kind: Webinar['kind'],
  registrant: Registrant,
  aliases: readonly string[],
  occurredAt: number,
  after: number | null,
): Webinar => {
  const { account, number, recurring, topic, timezone, startTime, occurrence, receivedAt } = listedFor
  return {
    ...blank,
    ...{ account, number, recurring, topic, timezone, startTime, kind, registrant, aliases, occurredAt, receivedAt },
    eventId: eventIdOf('registration', account, number, occurrence?.id ?? null, registrant.id, kind, after),
    source: `zoom:${account}`,
    occurrences: occurrence ? [occurrence] : [],
    person: aliases[0] ?? null,
  }
}
