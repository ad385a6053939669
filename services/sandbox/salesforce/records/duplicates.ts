import { refused, SalesforceRefusal } from '../errors.ts'
import type { SObjectType } from '../schema/objects.ts'
import type { Schema } from '../schema/schema.ts'
import type { Draft, Records, Row, Values } from './records.ts'

const GUARDED = ['Contact', 'Lead']
const MESSAGE = 'Use one of these records?'

/** Refuses a new contact or lead, or a new address, when another of the same object has it: the standard duplicate rule, exact. */
export const assertNoDuplicate = (records: Records, object: SObjectType, row: Row, written: Values): void => {
  const address = written['Email']
  if (!GUARDED.includes(object.name) || typeof address !== 'string') return
  const matches = records
    .live(object)
    .filter(one => one.Id !== row.Id && String(one['Email']).toLowerCase() === address.toLowerCase())
  if (matches.length > 0) throw duplicatesDetected(object, matches)
}

const duplicatesDetected = ({ name }: SObjectType, matches: readonly Row[]): SalesforceRefusal =>
  new SalesforceRefusal(400, {
    duplicateResult: {
      allowSave: false,
      duplicateRule: `Standard_${name}_Duplicate_Rule`,
      duplicateRuleEntityType: name,
      errorMessage: MESSAGE,
      matchResults: [
        {
          entityType: name,
          errors: [],
          matchEngine: 'FuzzyMatchEngine',
          matchRecords: matches.map(({ Id }) => ({
            additionalInformation: [],
            fieldDiffs: [],
            matchConfidence: 100,
            record: { attributes: { type: name, url: `/services/data/v60.0/sobjects/${name}/${Id}` }, Id },
          })),
          rule: `Standard_${name}_Match_Rule_v1_1`,
          size: matches.length,
          success: true,
        },
      ],
    },
    errorCode: 'DUPLICATES_DETECTED',
    message: MESSAGE,
  })

/** Refuses a value of an external id or unique field that another record holds. */
export const assertUnique = (schema: Schema, draft: Draft, object: SObjectType, row: Row): void => {
  for (const field of schema.keys(object)) {
    const value = row[field.name]
    if (!field.unique || typeof value !== 'string') continue
    const holder = draft.findBy(object, field, value).find(one => one.Id !== row.Id)
    if (holder)
      throw refused(
        'DUPLICATE_VALUE',
        `duplicate value found: ${field.name} duplicates value on record with id: ${holder.Id}`,
      )
  }
}
