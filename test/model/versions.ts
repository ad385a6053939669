import type { DeliveredField, SinkWrite, WriteVersion } from '../../schemas/generated.ts'
import type { FieldValue } from '../../topology/define.ts'
import {
  delivered,
  hubspotMarketing,
  hubspotMarketingReplay,
  hubspotWrites,
  hubspotWritesReplay,
  receipts,
} from '../../topology/topics.ts'
import type { Differences } from './invariants.ts'
import { valuesOf } from './leftovers.ts'
import type { Running } from './running.ts'

/**
 * K8: versions of a record's field never went backwards, neither in what was delivered nor in what HubSpot was given by a sink that knew of it. One that was killed
 * before its commit, or got no answer, sends again, and writes that HubSpot refuses together one by one.
 */
export const versions = async (running: Running): Promise<Differences> =>
  // A person who was forgotten begins anew.
  running.marks.length > 0 ? [] : [...(await deliveredRises(running)), ...(await effectsRise(running))]

const isOlder = (a: WriteVersion, b: WriteVersion): boolean => {
  if (a.revision !== null && b.revision !== null) return a.revision < b.revision
  return a.time < b.time || (a.time === b.time && a.eventId < b.eventId)
}

const deliveredRises = async (running: Running): Promise<Differences> => {
  const known = new Map<string, Readonly<Record<string, DeliveredField>>>()
  const wrong: string[] = []
  for (const { key, value } of await running.values(delivered)) {
    const before = known.get(key) ?? {}
    for (const [name, field] of Object.entries(value?.fields ?? {})) {
      const standing = before[name]
      // The row of a contact that was merged away may be an older copy: another sink of the vendor said where it went.
      const isThere = value?.movedTo === null
      if (standing && isThere && isOlder(field, standing)) wrong.push(`${name} of ${key} went back to an older version`)
    }
    known.set(key, value?.fields ?? {})
  }
  return wrong
}

/** What a vendor was given, one after the other, are values of writes of which none is older than the one before. */
const effectsRise = async (running: Running): Promise<Differences> => {
  const { vendors } = running
  if (running.lapses === undefined) return []
  const lapses = [...running.lapses, ...vendors.unanswered].toSorted((a, b) => a - b)
  const whose = new Map<string, Set<string>>()
  for (const { destination, object, record, person } of await valuesOf(running, receipts)) {
    if (destination !== 'hubspot' || object !== 'contact' || record === null || person === null) continue
    whose.set(record, (whose.get(record) ?? new Set()).add(person))
  }
  const contacts = await asked(running, hubspotWrites, hubspotWritesReplay)
  const others = await asked(running, hubspotMarketing, hubspotMarketingReplay)
  const writesOf = (record: string): readonly SinkWrite[] => {
    const persons = whose.get(record)
    if (persons) return contacts.filter(({ person }) => person !== null && persons.has(person))
    return others.filter(({ object, key }) => record === `${object}:${key}`)
  }
  const { effects } = vendors.hubspot
  return [0, ...lapses].flatMap((from, index) => {
    const known = effects.slice(from, lapses[index])
    return [...new Set(known.map(({ record }) => record))].flatMap(record =>
      backwards(
        writesOf(record),
        known.filter(each => each.record === record).map(({ fields }) => fields),
      ).map(name => `${name} of ${record} was given an older value`),
    )
  })
}

const asked = async (running: Running, ...streams: readonly (typeof hubspotWrites)[]): Promise<readonly SinkWrite[]> =>
  (await Promise.all(streams.map(stream => valuesOf(running, stream)))).flat()

type Fields = Readonly<Record<string, FieldValue>>

/** Names of fields whose values cannot be told in this order by writes of which none is older than the one before. */
const backwards = (writes: readonly SinkWrite[], given: readonly Fields[]): readonly string[] => {
  const least = new Map<string, WriteVersion>()
  const wrong = new Set<string>()
  for (const fields of given) {
    for (const [name, value] of Object.entries(fields)) {
      const candidates = writes.filter(write => name in write.fields && write.fields[name] === value)
      if (candidates.length === 0) continue
      const standing = least.get(name)
      const possible = candidates
        .map(({ version }) => version)
        .filter(version => !standing || !isOlder(version, standing))
        .toSorted((a, b) => (isOlder(a, b) ? -1 : 1))[0]
      if (possible) least.set(name, possible)
      else wrong.add(name)
    }
  }
  return [...wrong]
}
