import type { FieldValue } from '../../topology/define.ts'
import type { Asked } from '../shared-fields/asked.ts'
import type { Systems } from '../shared-fields/plan.ts'
import type { SyncedField } from './mapping.ts'
import { spell } from './values.ts'

/**
 * A person has one contact that is written, whichever of theirs tells; of visitors each. HubSpot tells all properties, empty ones too: before it has told one that people there may
 * change, writing it could overwrite what it holds. Pendo does not tell empty fields, so there a field that was not told is empty.
 */
export const systems: Systems = {
  targetOf: ({ side, record }) => (side === 'HUBSPOT' ? 'hubspot' : `pendo:${record}`),
  sideOf: target => (target === 'hubspot' ? 'HUBSPOT' : 'PENDO'),
  writesUnseen: side => side === 'PENDO',
}

/** The visitor or account of a target; undefined for the contact or company. */
export const visitorOf = (target: string): string | undefined =>
  target.startsWith('pendo:') ? target.slice('pendo:'.length) : undefined

/** What is asked of a target, by the vendor's name of the field, as the vendor spells it. */
export const fieldsFor = ({ target, values }: Asked<SyncedField>): Readonly<Record<string, FieldValue>> =>
  Object.fromEntries(
    values.map(({ field, value }) =>
      visitorOf(target) === undefined
        ? [field.hubspot, spell(field.type, 'hubspot', value)]
        : [field.pendo.slice('custom.'.length), spell(field.type, 'pendo', value)],
    ),
  )
