import type { MetadataLink } from '../../schemas/generated.ts'
import type { FieldValue, RowOf } from '../../topology/define.ts'
import type { SyncedField } from './mapping.ts'
import { isTarget, targetOf } from './targets.ts'
import { spell, type Value } from './values.ts'

type Link = RowOf<MetadataLink>

/** What one record shall hold. */
export interface Asked {
  /** `hubspot`, or `pendo:<id>`. */
  readonly target: string
  /** By the vendor's name of the field, as the vendor spells it. */
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly revision: number
}

/** What an event led to, also when it comes again: by target, in one order. */
export const askedBy = (link: Link, eventId: string, fields: readonly SyncedField[]): readonly Asked[] => {
  const asking = new Asking()
  for (const field of fields) {
    const agreed = link.fields[field.name]?.agreed
    if (agreed?.eventId !== eventId) continue
    for (const target of agreed.told) asking.add(target, field, agreed.value, agreed.askedAt)
  }
  return asking.all()
}

/** What the records of a link lack of what was settled, after two links became one. */
export const lackedBy = (link: Link, fields: readonly SyncedField[]): readonly Asked[] => {
  const asking = new Asking()
  const latest = Math.max(0, ...Object.values(link.fields).flatMap(({ asked }) => asked.map(({ askedAt }) => askedAt)))
  for (const field of fields) {
    const agreed = link.fields[field.name]?.agreed
    if (!agreed) continue
    for (const record of link.records) {
      const holder = { ...record, values: new Map(Object.entries(record.values)) }
      if (isTarget(field, holder) && holder.values.get(field.name)?.value !== agreed.value)
        asking.add(targetOf(record), field, agreed.value, latest + 1)
    }
  }
  return asking.all()
}

class Asking {
  readonly #byTarget = new Map<string, { revision: number; fields: Record<string, FieldValue> }>()

  add(target: string, field: SyncedField, value: Value, revision: number): void {
    const asked = this.#byTarget.get(target) ?? { revision, fields: {} }
    const isOfHubSpot = target === 'hubspot'
    const place = isOfHubSpot ? field.hubspot : field.pendo.slice('custom.'.length)
    asked.fields[place] = spell(field.type, isOfHubSpot ? 'hubspot' : 'pendo', value)
    asked.revision = Math.max(asked.revision, revision)
    this.#byTarget.set(target, asked)
  }

  all(): readonly Asked[] {
    return [...this.#byTarget]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([target, { fields, revision }]) => ({ target, fields, revision }))
  }
}
