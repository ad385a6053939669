import type { PropertyError } from '../errors.ts'
import { EVENT_LINK_CHARACTERS, EVENT_TEXT_CHARACTERS } from '../limits.ts'
import type { PropertyDefinition } from '../properties/predefined.ts'
import { type Checked, checkType, refused } from '../properties/values.ts'

/**
 * Checks the properties of an occurrence. Names that are the same in lower case are one property: HubSpot sorts them and keeps the last.
 * Gives the values in the spelling in which HubSpot keeps them, and an error for each that is wrong or that the event does not have.
 */
export const checkProperties = (
  definitions: readonly PropertyDefinition[],
  written: readonly (readonly [name: string, value: string])[],
): { values: Record<string, string>; errors: PropertyError[] } => {
  const byName = new Map(definitions.map(definition => [definition.name, definition]))
  const sorted = written.toSorted(([a], [b]) => (a < b ? -1 : 1))
  const values: Record<string, string> = {}
  const errors: PropertyError[] = []
  for (const [name, value] of new Map(sorted.map(([key, text]) => [key.toLowerCase(), text]))) {
    const definition = byName.get(name)
    const checked = definition
      ? check(definition, value)
      : refused('PROPERTY_DOESNT_EXIST', `Property "${name}" does not exist`)
    if ('error' in checked) errors.push({ name, ...checked.error })
    else values[name] = checked.value
  }
  return { values, errors }
}

const LINK_NAMES = /url|referrer|link/
const ONE_DECIMAL = /^-?\d+(\.\d)?$/

const check = (definition: PropertyDefinition, value: string): Checked => {
  const { name, type } = definition
  if (type === 'string') {
    const most = LINK_NAMES.test(name) ? EVENT_LINK_CHARACTERS : EVENT_TEXT_CHARACTERS
    if (value.length <= most) return { value }
    return refused(
      'INVALID_STRING_LENGTH',
      `Property "${name}" was too long: ${value.length} of at most ${most} characters.`,
    )
  }
  if (type === 'number' && !ONE_DECIMAL.test(value))
    return refused('INVALID_NUMBER', `"${name}" was not a number with at most one decimal.`)
  // HubSpot's own example sends two options of a single-choice property, joined by a semicolon.
  if (type === 'enumeration') return checkType({ ...definition, fieldType: 'checkbox' }, value)
  return checkType(definition, value)
}
