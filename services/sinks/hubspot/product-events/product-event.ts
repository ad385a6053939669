import type { FieldValue } from '../../../../topology/define.ts'
import type { PropertyValue } from './fitting.ts'
import type { ProductEventKind } from './names.ts'

/** Something that a person did in a product, in the source's own words. */
export interface ProductEvent {
  readonly kind: ProductEventKind
  readonly name: string
  /** By name at the source, in one order for all events. */
  readonly properties: ReadonlyMap<string, PropertyValue>
}

const kinds: readonly string[] = ['track', 'page', 'feature'] satisfies readonly ProductEventKind[]
const propertyPrefix = 'property.'

/** The event that the fields of a write are (`ProductEventFields`); undefined when they are none. */
export const productEventIn = (fields: Readonly<Record<string, FieldValue>>): ProductEvent | undefined => {
  const { 'event.kind': kind, 'event.name': name, ...rest } = fields
  if (!isKind(kind) || typeof name !== 'string') return undefined
  const properties = Object.entries(rest).flatMap(([field, value]): [string, PropertyValue][] =>
    field.startsWith(propertyPrefix) && value !== null ? [[field.slice(propertyPrefix.length), value]] : [],
  )
  return { kind, name, properties: new Map(properties.sort(([a], [b]) => (a < b ? -1 : 1))) }
}

const isKind = (kind: FieldValue | undefined): kind is ProductEventKind =>
  typeof kind === 'string' && kinds.includes(kind)
