import type { LinkedValue, LinkPresence, MetadataLink, Settlement } from '../../schemas/generated.ts'
import type { RowOf } from '../../topology/define.ts'
import { settlementsKept } from './draft.ts'
import type { SharedField } from './plan.ts'
import { compareCandidates, compareTexts } from './precedence.ts'

type Link = RowOf<MetadataLink>
type Linked = Link['records'][number]

/**
 * The link of two persons who turned out to be one: every record with the latest that was seen of it, and of each field the value that counts where two meet. Commutative,
 * associative, idempotent.
 */
export const mergeLinks =
  (fields: readonly SharedField[]) =>
  (a: Link, b: Link): Link => {
    const rules = new Map(fields.map(({ name, conflict }) => [name, conflict]))
    const records = joined(byKey(a), byKey(b), mergeRecords)
    return {
      records: [...records].sort(([one], [other]) => compareTexts(one, other)).map(([, record]) => record),
      fields: mapped(a.fields, b.fields, (one, other, name) => {
        const rule = rules.get(name) ?? 'newest'
        const order =
          compareCandidates(one.agreed, other.agreed, rule, true) || compareSettlements(one.agreed, other.agreed)
        return { agreed: order >= 0 ? one.agreed : other.agreed, asked: latestOf([...one.asked, ...other.asked]) }
      }),
    }
  }

const byKey = ({ records }: Link): ReadonlyMap<string, Linked> =>
  new Map(records.map(record => [`${record.side} ${record.record}`, record]))

const mergeRecords = (a: Linked, b: Linked): Linked => ({
  ...a,
  since: Math.min(a.since, b.since),
  presence: comparePresence(a.presence, b.presence) >= 0 ? a.presence : b.presence,
  joined: a.joined || b.joined,
  values: mapped(a.values, b.values, (one, other) => (compareSeen(one, other) >= 0 ? one : other)),
})

const compareSeen = (a: LinkedValue, b: LinkedValue): number =>
  a.occurredAt - b.occurredAt ||
  a.receivedAt - b.receivedAt ||
  compareTexts(a.eventId, b.eventId) ||
  a.settled - b.settled ||
  compareTexts(JSON.stringify(a.value), JSON.stringify(b.value))

const comparePresence = (a: LinkPresence, b: LinkPresence): number =>
  a.occurredAt - b.occurredAt ||
  a.receivedAt - b.receivedAt ||
  compareTexts(a.eventId, b.eventId) ||
  Number(a.here) - Number(b.here)

const latestOf = (all: readonly Settlement[]): readonly Settlement[] =>
  [...new Map(all.map(each => [textOf(each), each])).values()].sort(compareSettlements).slice(-settlementsKept)

const compareSettlements = (a: Settlement, b: Settlement): number =>
  a.askedAt - b.askedAt || compareTexts(textOf(a), textOf(b))

const textOf = ({ arrived, askedAt, at, eventId, side, told, value }: Settlement): string =>
  JSON.stringify([askedAt, at, eventId, side, told, value, arrived])

const joined = <Value>(
  a: ReadonlyMap<string, Value>,
  b: ReadonlyMap<string, Value>,
  merge: (a: Value, b: Value, name: string) => Value,
): ReadonlyMap<string, Value> => {
  const all = new Map(a)
  for (const [name, value] of b) {
    const other = all.get(name)
    all.set(name, other === undefined ? value : merge(other, value, name))
  }
  return all
}

const mapped = <Value>(
  a: Readonly<Record<string, Value>>,
  b: Readonly<Record<string, Value>>,
  merge: (a: Value, b: Value, name: string) => Value,
): Readonly<Record<string, Value>> => {
  const all = joined(new Map(Object.entries(a)), new Map(Object.entries(b)), merge)
  return Object.fromEntries([...all].sort(([one], [other]) => compareTexts(one, other)))
}
