import type { Link } from './link.ts'
import { isTarget, type LinkPlan, type SharedField, type Systems, type Value } from './plan.ts'

/** What one target shall hold. */
export interface Asked<Field extends SharedField = SharedField> {
  readonly target: string
  readonly values: readonly { readonly field: Field; readonly value: Value }[]
  readonly revision: number
}

/** What an event led to, also when it comes again: by target, in one order. */
export const askedBy = <Field extends SharedField>(
  link: Link,
  eventId: string,
  fields: readonly Field[],
): readonly Asked<Field>[] => {
  const asking = new Asking<Field>()
  for (const field of fields) {
    const agreed = link.fields[field.name]?.agreed
    if (agreed?.eventId !== eventId) continue
    for (const target of agreed.told) asking.add(target, field, agreed.value, agreed.askedAt)
  }
  return asking.all()
}

/** What the records of a link lack of what was settled, after two links became one. */
export const lackedBy = <Field extends SharedField>(
  link: Link,
  { fields, systems }: Pick<LinkPlan, 'systems'> & { readonly fields: readonly Field[] },
): readonly Asked<Field>[] => {
  const asking = new Asking<Field>()
  const latest = latestAskedOf(link)
  for (const field of fields) {
    const agreed = link.fields[field.name]?.agreed
    if (!agreed) continue
    for (const holder of holdersOf(link))
      if (isTarget(systems, field, holder) && holder.values.get(field.name)?.value !== agreed.value)
        asking.add(systems.targetOf(holder), field, agreed.value, latest + 1)
  }
  return asking.all()
}

/** All that was settled for a target, whoever told it: for a record that is made. Undefined when nothing was. */
export const allFor = <Field extends SharedField>(
  link: Link,
  target: string,
  { fields, systems }: { readonly fields: readonly Field[]; readonly systems: Systems },
): Asked<Field> | undefined => {
  const asking = new Asking<Field>()
  const holders = holdersOf(link).filter(holder => systems.targetOf(holder) === target)
  for (const field of fields) {
    const agreed = link.fields[field.name]?.agreed
    if (agreed && holders.some(holder => isTarget(systems, field, holder)))
      asking.add(target, field, agreed.value, latestAskedOf(link))
  }
  return asking.all()[0]
}

const latestAskedOf = ({ fields }: Link): number =>
  Math.max(0, ...Object.values(fields).flatMap(({ asked }) => asked.map(({ askedAt }) => askedAt)))

const holdersOf = ({ records }: Link) =>
  records.map(record => ({ ...record, values: new Map(Object.entries(record.values)) }))

class Asking<Field extends SharedField> {
  readonly #byTarget = new Map<string, { revision: number; values: { field: Field; value: Value }[] }>()

  add(target: string, field: Field, value: Value, revision: number): void {
    const asked = this.#byTarget.get(target) ?? { revision, values: [] }
    asked.values.push({ field, value })
    asked.revision = Math.max(asked.revision, revision)
    this.#byTarget.set(target, asked)
  }

  all(): readonly Asked<Field>[] {
    return [...this.#byTarget]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([target, { values, revision }]) => ({ target, values, revision }))
  }
}
