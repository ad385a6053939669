import { createHash } from 'node:crypto'
import type { FieldValue } from '../../../../topology/define.ts'
import type { PutInput } from '../../../delivery/destination.ts'
import { taskLengths } from '../limits.ts'
import { longId } from '../people/ids.ts'
import { taskKeyField } from './fields.ts'

/** A task as it goes over the wire. */
export type TaskRow = Readonly<Record<string, FieldValue>>

/** The task of an input: all its fields, its key, and the person's record. */
export const taskRow = ({ key, of, fields }: PutInput): TaskRow => ({
  ...fields,
  ...cutField(fields, 'Subject', taskLengths.subject),
  ...cutField(fields, 'Description', taskLengths.description),
  [taskKeyField.name]: externalId(key),
  WhoId: longId(of.id),
})

/** A key as the field holds it. One that is too long keeps its beginning, and a hash tells it from others. */
export const externalId = (key: string): string => {
  if (key.length <= taskLengths.key) return key
  const hash = createHash('sha256').update(key).digest('hex')
  return `${cut(key, taskLengths.key - hash.length - 1)}#${hash}`
}

/** The text up to so many UTF-16 units, as Salesforce counts, without dividing what a person sees as one character. */
export const cut = (text: string, length: number): string => {
  if (text.length <= length) return text
  let end = 0
  for (const { index, segment } of new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(
    text.slice(0, length + 100),
  )) {
    if (index + segment.length > length) break
    end = index + segment.length
  }
  return text.slice(0, end)
}

const cutField = (fields: TaskRow, name: string, length: number): TaskRow => {
  const value = fields[name]
  return typeof value === 'string' ? { [name]: cut(value, length) } : {}
}

/** Salesforce refuses a collection that names an external id twice, and takes upper and lower case for the same. */
export const wavesOf = <Input extends { readonly key: string }>(inputs: readonly Input[]): Input[][] => {
  const waves: Map<string, Input>[] = []
  for (const input of inputs) {
    const key = externalId(input.key).toLowerCase()
    const wave = waves.find(each => !each.has(key)) ?? new Map<string, Input>()
    if (wave.size === 0) waves.push(wave)
    wave.set(key, input)
  }
  return waves.map(wave => [...wave.values()])
}
