import { z } from 'zod'
import type { Track } from '../../../../schemas/generated.ts'
import { idText } from '../../input/id-text.ts'
import { scalarsOf } from '../../input/scalars.ts'
import { accountOf, aliasesOf, isAnonymous } from '../aliases.ts'
import { type Catalogue, type UsageKind, usageSources } from '../catalogue.ts'
import { type Facts, pendoSource } from '../records.ts'
import { digest } from '../webhook.ts'
import { canonical } from './hashes.ts'
import { hourMs, mostUses } from './limits.ts'
import { hourOf, type Told, type Use } from './told.ts'

/** What is needed of a row of usage: so many uses of one thing by one visitor in one hour, from one place. */
const rowShape = z.object({
  hour: z.number().int().nonnegative().max(8_640_000_000_000_000),
  numEvents: z.number().int().positive(),
  accountId: z.unknown().optional(),
  properties: z.unknown().optional(),
  parameters: z.unknown().optional(),
})

/** What the rows of one visitor are compared with. */
export interface Comparison {
  readonly kind: UsageKind
  readonly catalogue: Catalogue
  readonly told: Told
  /** Hours of which uses are told, from the first up to, without, the last; the rows hold an hour more on both sides. */
  readonly from: number
  readonly until: number
  readonly receivedAt: number
  /** Called for a row of something that Pendo does not list. */
  readonly onUnnamed: () => void
}

type Thing = Pick<Use, 'person' | 'kind' | 'name'>
type Hours = ReadonlyMap<number, ReadonlyMap<string, Portion>>

/** Uses that differ in nothing that is told. */
interface Portion {
  readonly use: Use
  readonly order: string
  events: number
}

/**
 * The uses of one visitor that Pendo counts and nothing told. Pure. Pendo counts uses by the hour, a webhook tells each; that both are the same is never said, so
 * they are compared by number: of one visitor, one thing and one hour as many are told as Pendo counts beyond those that were told. Of these the ones come first
 * whose account and properties were told too seldom. A use that was told of the hour before or after, where Pendo does not count it, counts for this one: clocks
 * differ. The ordinal in the id goes on from what was told, so no use is told under two ids, and no two under one.
 * @param rows of one visitor, all hours
 */
export function* missingUses(rows: readonly unknown[], visitorId: unknown, comparison: Comparison): Generator<Track> {
  const aliases = isAnonymous(visitorId) ? [] : aliasesOf(visitorId)
  const [person] = aliases
  if (person === undefined) return
  const { kind, catalogue, receivedAt } = comparison
  for (const [name, hours] of [...usesByName(rows, person, comparison)].sort(byFirst)) {
    const core = catalogue.byName(kind, name)?.core ?? false
    for (const { hour, ordinal, use } of missingOf({ person, kind, name }, hours, comparison)) {
      const eventId = `pendo:sweep:${digest(`${person}\n${kind}\n${name}`)}:${hour}:${ordinal}`
      const facts: Facts = {
        eventId,
        source: pendoSource,
        occurredAt: Math.min(hour, receivedAt),
        receivedAt,
        destinations: {},
      }
      yield { ...facts, ...use, aliases, core }
    }
  }
}

const byFirst = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : Number(a > b)

/** Two things of one name, as two apps may have, are one: webhooks do not tell them apart. */
const usesByName = (
  rows: readonly unknown[],
  person: string,
  { kind, catalogue, onUnnamed }: Comparison,
): ReadonlyMap<string, Hours> => {
  const byName = new Map<string, Map<number, Map<string, Portion>>>()
  for (const given of rows) {
    const { data: row } = rowShape.safeParse(given)
    const itemId = idText((given as Record<string, unknown>)[usageSources[kind].id])
    if (!row || itemId === null) continue
    const name = catalogue.byId(kind, itemId)?.name
    if (name === undefined) {
      onUnnamed()
      continue
    }
    const hours = byName.get(name) ?? new Map<number, Map<string, Portion>>()
    byName.set(name, hours)
    addTo(hours, row, { person, kind, name })
  }
  return byName
}

const addTo = (
  hours: Map<number, Map<string, Portion>>,
  { hour, numEvents, accountId, properties, parameters }: z.output<typeof rowShape>,
  thing: Thing,
): void => {
  const use = { ...thing, account: accountOf(accountId), properties: scalarsOf(properties ?? parameters) }
  const order = `${use.account ?? ''}\n${canonical(use.properties)}`
  const start = hourOf(hour)
  const portions = hours.get(start) ?? new Map<string, Portion>()
  hours.set(start, portions)
  const portion = portions.get(order)
  if (portion) portion.events += numEvents
  else portions.set(order, { use, order, events: numEvents })
}

interface MissingUse {
  readonly hour: number
  readonly ordinal: number
  readonly use: Use
}

function* missingOf(thing: Thing, hours: Hours, { told, from, until }: Comparison): Generator<MissingUse> {
  const counted = (hour: number): number =>
    [...(hours.get(hour)?.values() ?? [])].reduce((sum, { events }) => sum + events, 0)
  const spare = new Map<number, number>()
  /** Takes as much as is wanted of what was told of that hour beyond what is counted. */
  const takeSpare = (hour: number, wanted: number): number => {
    const left = spare.get(hour) ?? Math.max(0, told.uses(hour, thing) - counted(hour))
    const taken = Math.min(left, wanted)
    spare.set(hour, left - taken)
    return taken
  }
  for (const [hour, portions] of [...hours].sort(([a], [b]) => a - b)) {
    if (hour < from || hour >= until) continue
    const before = told.uses(hour, thing)
    let wanted = Math.max(0, counted(hour) - before)
    wanted -= takeSpare(hour - hourMs, wanted)
    wanted -= takeSpare(hour + hourMs, wanted)
    let ordinal = before
    for (const use of chosen([...portions.values()], Math.min(wanted, mostUses), use => told.alike(hour, use))) {
      ordinal += 1
      yield { hour, ordinal, use }
    }
  }
}

/** So many uses out of the portions, each as far as it was told too seldom: together they lack at least as many. */
function* chosen(portions: readonly Portion[], wanted: number, alike: (use: Use) => number): Generator<Use> {
  let left = wanted
  for (const { use, events } of portions.toSorted((a, b) => (a.order < b.order ? -1 : Number(a.order > b.order)))) {
    for (let lacks = events - alike(use); lacks > 0 && left > 0; lacks--) {
      left -= 1
      yield use
    }
  }
}
