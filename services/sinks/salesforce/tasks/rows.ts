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
  ...cutTexts(fields),
  [taskKeyField.name]: externalId(key),
  WhoId: longId(of.id),
})

/** A key as the field holds it. One that is too long keeps its beginning, and a hash tells it from others. */
export const externalId = (key: string): string => {
  if (key.length <= taskLengths.key) return key
  const hash = createHash('sha256').update(key).digest('hex')
  return `${cut(key, taskLengths.key - hash.length - 1)}#${hash}`
}

/** What the field's values are compared by: upper and lower case are the same to it. */
export const foldedId = (key: string): string => externalId(key).toLowerCase()

/** The fields with their texts as long as Salesforce takes them. */
export const cutTexts = (fields: TaskRow): TaskRow => ({
  ...fields,
  ...cutField(fields, 'Subject', taskLengths.subject),
  ...cutField(fields, 'Description', taskLengths.description),
})

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

/** Items that may be in one collection together: Salesforce refuses one that names a task twice. @param taskOf what names the task of an item */
export const wavesOf = <Item>(items: readonly Item[], taskOf: (item: Item) => string): Item[][] => {
  const waves: Map<string, Item>[] = []
  for (const item of items) {
    const task = taskOf(item)
    const wave = waves.find(each => !each.has(task)) ?? new Map<string, Item>()
    if (wave.size === 0) waves.push(wave)
    wave.set(task, item)
  }
  return waves.map(wave => [...wave.values()])
}
