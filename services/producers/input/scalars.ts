import { isObject, type JsonObject } from './json-body.ts'

export type Scalar = null | boolean | number | string
export type Scalars = Readonly<Record<string, Scalar>>

/** Objects further inside, and those whose names would become longer, are written as one JSON text: names must not multiply the size of a message. */
const deepestName = 5
const longestName = 100

/**
 * Traits or properties as a flat map: what is inside an object under dotted names (`address.city`), a list as its JSON text, an empty object not at all.
 * Of two values of one name the last counts. A number beyond double is null.
 */
export const scalarsOf = (value: unknown): Scalars => {
  // Without a prototype, so that a name like `__proto__` is a name.
  const scalars: Record<string, Scalar> = { __proto__: null } as never
  if (isObject(value)) addAll(scalars, value, '', 1)
  return scalars
}

const addAll = (scalars: Record<string, Scalar>, object: JsonObject, prefix: string, level: number): void => {
  for (const key of Object.keys(object)) add(scalars, prefix + key.toWellFormed(), object[key], level)
}

const add = (scalars: Record<string, Scalar>, name: string, value: unknown, level: number): void => {
  if (typeof value === 'string') scalars[name] = value.toWellFormed()
  else if (typeof value === 'number') scalars[name] = Number.isFinite(value) ? value : null
  else if (typeof value === 'boolean' || value === null) scalars[name] = value
  else if (isObject(value) && level < deepestName && name.length < longestName)
    addAll(scalars, value, `${name}.`, level + 1)
  else scalars[name] = JSON.stringify(value)
}
