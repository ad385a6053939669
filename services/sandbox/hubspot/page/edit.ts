import { notFound } from '../errors.ts'
import type { CrmRecord, Draft } from '../objects/records.ts'
import type { Portal, PortalObjects } from '../portal.ts'

/** What a form of a record asks to be done. */
export interface Asked {
  readonly portal: Portal
  readonly objects: PortalObjects
  readonly draft: Draft
  /** Empty where there is no record yet. */
  readonly id: string
  readonly fields: Readonly<Record<string, string>>
}

/** Something that a person can do with a record. */
export interface Edit {
  /** After `/records/:objectType`. */
  readonly path: string
  /** Makes the change and gives the id of the record to show then; without one the table is shown. Throws a HubSpotRefusal. */
  work(asked: Asked): string | undefined
}

export const existing = (draft: Draft, id: string): CrmRecord => {
  const record = draft.resolve(id)
  if (!record) throw notFound(`There is no record ${id}.`)
  return record
}
