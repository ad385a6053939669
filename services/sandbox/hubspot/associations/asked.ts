import { z } from 'zod'
import { HubSpotRefusal } from '../errors.ts'
import type { ObjectType } from '../objects/object-types.ts'
import type { Draft, Records } from '../objects/records.ts'
import { type AssociationType, typeBetween, typeFrom } from './association-types.ts'
import type { Associations, End } from './associations.ts'

/** HubSpot's specification has text; the examples of its guides have numbers, too. */
export const recordId = z.union([z.string(), z.number()]).transform(String)
export const associationSpecs = z.array(
  z.object({ associationCategory: z.string().default('HUBSPOT_DEFINED'), associationTypeId: z.number() }),
)
/** What a new record is to belong together with. */
export const newAssociations = z.array(z.object({ to: z.object({ id: recordId }), types: associationSpecs })).nullish()
export type NewAssociations = z.infer<typeof newAssociations>
type Specs = z.infer<typeof associationSpecs>

/** Finds records by any name of their object type. */
export interface Lookup {
  objects(nameOrTypeId: string): { readonly type: ObjectType; readonly records: Records }
}

/** The live record at an end, of a merged one's id the survivor; throws a HubSpotRefusal when there is none. */
export const existingEnd = (lookup: Lookup, objectType: string, id: string): End => {
  const { type, records } = lookup.objects(objectType)
  const record = records.resolve(id)
  if (record) return { type: type.name, id: record.id }
  const kind = type.singular.toUpperCase()
  throw refusal('INVALID_OBJECT_IDS', `${kind}=${id} is not valid`, { [kind]: [id] })
}

/** The sandbox's only type between two object types; throws a HubSpotRefusal when there is none, or when another one is asked for. */
export const askedType = (lookup: Lookup, from: string, to: string, specs?: Specs): AssociationType => {
  const [fromName, toName] = [from, to].map(name => lookup.objects(name).type.name) as [string, string]
  const type = typeBetween(fromName, toName)
  const wrong = specs?.find(
    spec => spec.associationCategory !== 'HUBSPOT_DEFINED' || spec.associationTypeId !== type?.typeId,
  )
  if (type && !wrong) return type
  throw wrongType(wrong?.associationTypeId, fromName, toName)
}

/** Checks what a new record is to belong together with; it does once the draft is committed. Throws a HubSpotRefusal. */
export const stageAssociations = (
  lookup: Lookup & { readonly associations: Associations },
  draft: Draft,
  from: End,
  wanted: NewAssociations,
): void => {
  for (const { to, types } of wanted ?? []) {
    for (const { associationTypeId, associationCategory } of types) {
      const type = associationCategory === 'HUBSPOT_DEFINED' ? typeFrom(from.type, associationTypeId) : undefined
      if (!type) throw wrongType(associationTypeId, from.type)
      const end = existingEnd(lookup, type.to, to.id)
      draft.onCommit(() => lookup.associations.add(from, end, draft.writer))
    }
  }
}

const wrongType = (typeId: number | undefined, from: string, to?: string): HubSpotRefusal => {
  const between = to === undefined ? `from ${from}` : `between ${from} and ${to}`
  return refusal('INVALID_ASSOCIATION_TYPE', `${typeId ?? 'None'} is not a valid association type ${between}`, {
    ...(typeId === undefined ? {} : { type: [String(typeId)] }),
    fromObjectType: [from],
    ...(to === undefined ? {} : { toObjectType: [to] }),
  })
}

const refusal = (reason: string, message: string, context: Record<string, string[]>): HubSpotRefusal =>
  new HubSpotRefusal(400, {
    message,
    category: 'VALIDATION_ERROR',
    subCategory: `crm.associations.${reason}`,
    context,
  })
