import type { FieldValue } from '../../topology/define.ts'
import type { ChosenEvent, ChosenEvents, ChosenValues } from '../../topology/segment-to-pendo.ts'

type Values = Readonly<Record<string, FieldValue>>

/** The values that are sent, by their names in Pendo: constants first, then those that were chosen, in the order in which they were. */
export const chosenValues = (
  { send, except = [], rename = {}, constants = {} }: ChosenValues,
  given: Values,
): Values => {
  const names = send === 'all' ? Object.keys(given).filter(name => !except.includes(name)) : send
  const chosen = new Map<string, FieldValue>(Object.entries(constants))
  const put = (place: string, name: string): void => {
    const value = given[name]
    if (value !== undefined && !Object.hasOwn(constants, place)) chosen.set(place, value)
  }
  for (const name of names) if (!Object.hasOwn(rename, name)) put(name, name)
  for (const name of names) if (Object.hasOwn(rename, name)) put(rename[name] ?? name, name)
  return Object.fromEntries(chosen)
}

/** An event's name in Pendo and what is chosen of its properties; undefined when it is not sent. */
export const chosenEvent = (
  chosen: ChosenEvents,
  name: string,
): { readonly name: string; readonly values: ChosenValues } | undefined => {
  const { others, called = '{name}', events = {}, ...values } = chosen
  const named: ChosenEvent | 'leave-out' | undefined = Object.hasOwn(events, name) ? events[name] : undefined
  if (named === 'leave-out' || (named === undefined && others === 'leave-out')) return undefined
  const { name: own, ...ofEvent } = named ?? {}
  // A function: in a text, `$&` and the like would have a meaning.
  return { name: own ?? called.replaceAll('{name}', () => name), values: { ...values, ...ofEvent } }
}
