import type { SinkWrite } from '../../../schemas/generated.ts'
import type { FieldValue } from '../../../topology/define.ts'
import { type DeliveredFields, joinSets, standingValues } from '../../delivery/lanes/joining.ts'
import { compareVersions } from '../../delivery/lanes/versions.ts'

/** What a replay would do to a field, or to a whole record or occurrence; what changes something comes first. */
export const effects = ['change', 'create', 'append', 'kept', 'stale', 'skip', 'immutable', 'same'] as const
export type Effect = (typeof effects)[number]

/** Effects that change something at the vendor. */
export const pendingEffects: ReadonlySet<Effect> = new Set(['change', 'create', 'append'])

/** For people: what each effect means. */
export const effectTexts: Readonly<Record<Effect, string>> = {
  change: 'the replay would change it',
  create: 'the replay would make the record or object',
  append: 'the replay would add it; it cannot be changed afterwards',
  kept: 'somebody changed it at the vendor since it was delivered; the replay sends nothing, because what was delivered is what it asks for',
  stale: 'something newer was delivered; the replay sends nothing',
  immutable: 'added before and cannot be changed; the replay sends nothing',
  skip: 'there is no record to write to, and none may be made',
  same: 'the vendor holds it already',
}

/** A field that the vendor holds otherwise than a replay asks for. */
export interface FieldDifference {
  /** The vendor's name; null where all of an object is meant. */
  readonly field: string | null
  /** Undefined where the vendor offers no way to ask. */
  readonly now: FieldValue | undefined
  readonly wouldBe: FieldValue
  readonly effect: Effect
  /** Code that says why it is skipped. */
  readonly reason?: string
}

/** What the vendor holds, by its field names; `missing`: there is no such thing; `unreadable`: it offers no way to ask. */
export type Held = Readonly<Record<string, FieldValue>> | 'missing' | 'unreadable'

/** Every field that the writes ask for, `same` ones too: writes to a record that is there. */
export const ofRecord = (
  writes: readonly SinkWrite[],
  delivered: DeliveredFields,
  held: Readonly<Record<string, FieldValue>>,
): readonly FieldDifference[] => {
  const { fields: sent } = joinSets(writes, delivered)
  return compared(writes, delivered, held, name => name in sent)
}

/** Whether a sink would send nothing of these. */
export const isNothingNew = (writes: readonly SinkWrite[], delivered: DeliveredFields): boolean =>
  Object.keys(joinSets(writes, delivered).fields).length === 0

/** Writes to a record that is not there: those before the first that may make it have nothing to be true of. */
export const ofMissingRecord = (
  writes: readonly SinkWrite[],
  reason = 'RECORD_MISSING',
): readonly FieldDifference[] => {
  const first = writes.findIndex(({ createIfMissing }) => createIfMissing)
  if (first < 0 || reason !== 'RECORD_MISSING') return skipped(reason)
  const { fields, fieldsOnCreate } = joinSets(writes.slice(first), {})
  return made('create', { ...fieldsOnCreate, ...fields })
}

/** Writes to an object with a key of its own. All of it is put whenever one field is news. @param delivered undefined when it never was */
export const ofKeyed = (
  writes: readonly SinkWrite[],
  delivered: DeliveredFields | undefined,
  held: Held,
): readonly FieldDifference[] => {
  const joined = joinSets(writes, delivered ?? {})
  const isNews = delivered === undefined || Object.keys(joined.fields).length > 0
  const put = standingValues(writes, joined.delivered)
  if (isNews && (held === 'missing' || (held === 'unreadable' && delivered === undefined))) return made('create', put)
  if (held !== 'unreadable') {
    return compared(writes, delivered ?? {}, held === 'missing' ? {} : held, name => isNews && name in put)
  }
  const values = joinSets(writes, {})
  return Object.entries(values.fields).map(([field, wouldBe]) => {
    const effect =
      field in joined.fields ? 'change' : isStale(values.delivered, delivered ?? {}, field) ? 'stale' : 'same'
    return { field, now: undefined, wouldBe, effect }
  })
}

/** An occurrence. The first write makes it; nothing changes it. */
export const ofAppended = (writes: readonly SinkWrite[], wasMade: boolean, held: Held): readonly FieldDifference[] => {
  const fields = writes[0]?.fields ?? {}
  if (!wasMade) return made('append', fields)
  if (typeof held === 'string') return [{ field: null, now: undefined, wouldBe: null, effect: 'immutable' }]
  const others = Object.entries(fields).filter(([name, value]) => !isSame(held[name], value))
  if (others.length === 0) return [{ field: null, now: undefined, wouldBe: null, effect: 'immutable' }]
  return others.map(([field, wouldBe]) => ({ field, now: held[field] ?? null, wouldBe, effect: 'immutable' }))
}

export const skipped = (reason: string): readonly FieldDifference[] => [
  { field: null, now: undefined, wouldBe: null, effect: 'skip', reason },
]

const made = (effect: 'create' | 'append', fields: Readonly<Record<string, FieldValue>>): readonly FieldDifference[] =>
  Object.entries(fields)
    .filter(([, value]) => value !== null)
    .map(([field, wouldBe]) => ({ field, now: null, wouldBe, effect }))

const compared = (
  writes: readonly SinkWrite[],
  delivered: DeliveredFields,
  held: Readonly<Record<string, FieldValue>>,
  isSent: (name: string) => boolean,
): readonly FieldDifference[] => {
  const asked = joinSets(writes, {})
  return Object.entries(asked.fields).map(([field, wouldBe]) => {
    const now = held[field] ?? null
    const stale = isStale(asked.delivered, delivered, field)
    return {
      field,
      now,
      wouldBe,
      effect: stale ? 'stale' : isSame(now, wouldBe) ? 'same' : isSent(field) ? 'change' : 'kept',
    }
  })
}

/** Whether something else was delivered in a newer version. */
const isStale = (asked: DeliveredFields, delivered: DeliveredFields, field: string): boolean => {
  const [wanted, standing] = [asked[field], delivered[field]]
  if (!wanted || !standing) return false
  return compareVersions(wanted, standing) < 0 && wanted.hash !== standing.hash
}

const isSame = (now: FieldValue | undefined, wouldBe: FieldValue): boolean => (now ?? null) === wouldBe
