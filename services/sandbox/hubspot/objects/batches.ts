import type { Answer } from '../../answers.ts'
import { randomNumbers } from '../../random.ts'
import type { NewAssociations } from '../associations/asked.ts'
import {
  asStandardError,
  duplicateIds,
  HubSpotRefusal,
  invalid,
  invalidBody,
  missingRecords,
  type StandardError,
} from '../errors.ts'
import { BATCH_INPUTS, BATCH_INPUTS_WITH_HISTORY } from '../limits.ts'
import { assertIdentifies } from './checks.ts'
import type { Values } from './object-types.ts'
import type { CrmRecord, Draft, Records, Writer } from './records.ts'
import type { Writing } from './writing.ts'

export interface BatchInput {
  readonly id: string
  readonly idProperty?: string | undefined
  readonly objectWriteTraceId?: string | undefined
  readonly properties: Values
}

/** How a batch answers for one record. */
export type Present = (record: CrmRecord, written: readonly string[], extra?: { new: boolean }) => object

export interface CreateInput extends Omit<BatchInput, 'id' | 'idProperty'> {
  readonly associations?: NewAssociations
}

/** The batch endpoints of one object type. */
export interface Batches {
  create(inputs: readonly CreateInput[]): Answer
  update(inputs: readonly BatchInput[]): Answer
  upsert(inputs: readonly BatchInput[]): Answer
  read(
    ids: readonly { id: string }[],
    options: {
      idProperty: string | undefined
      archived: boolean
      /** Whether the history of a property is asked for: then fewer records are read at a time. */
      withHistory: boolean
      present: (record: CrmRecord) => object
    },
  ): Answer
  archive(ids: readonly { id: string }[]): Answer
}

export interface BatchParts {
  readonly records: Records
  readonly writing: Writing
  readonly writer: Writer
  readonly present: Present
  /** Lets a new record belong together with others once the draft is committed. */
  readonly associate: (draft: Draft, record: CrmRecord, wanted: NewAssociations) => void
  /** The order of results is not that of the inputs; a seed makes it repeatable. */
  readonly shuffle: <Item>(items: Item[]) => Item[]
  readonly now: () => number
}

export const createBatches = (parts: BatchParts): Batches => {
  const { records, writing, writer, present } = parts
  return {
    create: inputs => {
      assertSize(inputs)
      return applied(parts, 201, inputs, (draft, { properties, associations }) => {
        const record = writing.create(draft, properties)
        parts.associate(draft, record, associations)
        return present(record, Object.keys(properties))
      })
    },
    upsert: inputs => {
      assertSize(inputs)
      for (const { idProperty } of inputs) assertIdentifies(records, idProperty)
      assertDistinct(inputs, records)
      return applied(parts, 200, inputs, (draft, input) => {
        const { record, created } = writing.upsert(draft, input)
        return present(record, [...Object.keys(input.properties), input.idProperty ?? 'hs_object_id'], { new: created })
      })
    },
    update: inputs => {
      assertSize(inputs)
      for (const { idProperty } of inputs) assertUpdateIdentity(records, idProperty)
      assertDistinct(inputs, records)
      const absent: string[] = []
      return applied(parts, 200, inputs, (draft, input) => updateOne(parts, draft, input, absent), absent)
    },
    read: (ids, options) => {
      assertSize(ids, options.withHistory ? BATCH_INPUTS_WITH_HISTORY : BATCH_INPUTS)
      assertIdentifies(records, options.idProperty)
      assertDistinct(
        ids.map(({ id }) => ({ id, idProperty: options.idProperty })),
        records,
      )
      return readAll(parts, ids, options)
    },
    archive: ids => {
      assertSize(ids)
      const draft = records.draft(writer)
      for (const { id } of ids) {
        const record = draft.resolve(id)
        if (record?.id === id) writing.archive(draft, record)
      }
      draft.commit()
      return { status: 204 }
    },
  }
}

const assertSize = (inputs: readonly unknown[], most = BATCH_INPUTS): void => {
  if (inputs.length === 0) throw invalidBody('inputs must not be empty')
  if (inputs.length > most)
    throw invalid(`The maximum number of inputs supported in a batch request is ${most}. Received ${inputs.length}.`)
}

const assertDistinct = (inputs: readonly Pick<BatchInput, 'id' | 'idProperty'>[], { type }: Records): void => {
  const seen = new Set<string>()
  const repeated = new Set<string>()
  for (const { id, idProperty = 'hs_object_id' } of inputs) {
    const folded = idProperty === type.identity?.property ? id.trim().toLowerCase() : id
    const key = `${idProperty} ${folded}`
    if (seen.has(key)) repeated.add(folded)
    seen.add(key)
  }
  if (repeated.size > 0) throw duplicateIds([...repeated])
}

/** HubSpot's guide: a batch update knows records by their ids or a custom unique property, contacts not by their address. */
const assertUpdateIdentity = (records: Records, idProperty: string | undefined): void => {
  assertIdentifies(records, idProperty)
  if (idProperty !== undefined && idProperty === records.type.identity?.property)
    throw invalid(
      `Batch update does not support ${idProperty} as idProperty. Use record ids or a custom unique property.`,
    )
}

/** A record that was merged away is left out in silence; one that is not there is named in an error. */
const updateOne = (
  { records, writing, present }: BatchParts,
  draft: Draft,
  { id, idProperty, properties }: BatchInput,
  absent: string[],
): object | undefined => {
  const byId = idProperty === undefined || idProperty === 'hs_object_id'
  if (byId && records.get(id)?.mergedInto !== undefined) return undefined
  const record = byId ? draft.resolve(id) : draft.findBy(idProperty, id)
  if (record) return present(writing.update(draft, record, properties), Object.keys(properties))
  absent.push(id)
  return undefined
}

/**
 * With a trace id of its own on every input each one succeeds or fails for itself; otherwise the first that fails refuses all.
 * `absent` collects ids that were not found: those never refuse the others.
 */
const applied = <Input extends { objectWriteTraceId?: string | undefined }>(
  parts: BatchParts,
  success: number,
  inputs: readonly Input[],
  apply: (draft: Draft, input: Input) => object | undefined,
  absent: string[] = [],
): Answer => {
  const startedAt = parts.now()
  const results: object[] = []
  const errors: StandardError[] = []
  const traced = haveOwnTraceIds(inputs)
  const together = traced ? undefined : parts.records.draft(parts.writer)
  for (const input of inputs) {
    const draft = together ?? parts.records.draft(parts.writer)
    try {
      const result = apply(draft, input)
      if (traced) draft.commit()
      if (result) results.push(result)
    } catch (error) {
      if (!traced || !(error instanceof HubSpotRefusal)) throw error
      errors.push(asStandardError(error, input.objectWriteTraceId ?? ''))
    }
  }
  together?.commit()
  if (absent.length > 0) errors.push(missingRecords(parts.records.type.singular, absent))
  return batchAnswer(parts, success, startedAt, results, errors)
}

const haveOwnTraceIds = (inputs: readonly { objectWriteTraceId?: string | undefined }[]): boolean =>
  inputs.every(input => input.objectWriteTraceId) &&
  new Set(inputs.map(input => input.objectWriteTraceId)).size === inputs.length

const readAll = (
  parts: BatchParts,
  ids: readonly { id: string }[],
  { idProperty, archived, present }: Parameters<Batches['read']>[1],
): Answer => {
  const { records } = parts
  const byId = idProperty === undefined || idProperty === 'hs_object_id'
  const find = (id: string): CrmRecord | undefined => {
    if (archived) return records.get(id)?.archivedAt === undefined ? undefined : records.get(id)
    return byId ? records.resolve(id) : records.findBy(idProperty, id)
  }
  const found = new Map<string, CrmRecord>()
  const absent: string[] = []
  for (const { id } of ids) {
    const record = find(id)
    if (record) found.set(record.id, record)
    else absent.push(id)
  }
  const errors = absent.length > 0 ? [missingRecords(records.type.singular, absent)] : []
  return batchAnswer(parts, 200, parts.now(), [...found.values()].map(present), errors)
}

const batchAnswer = (
  { shuffle, now }: BatchParts,
  success: number,
  startedAt: number,
  results: object[],
  errors: readonly StandardError[],
): Answer => ({
  status: errors.length > 0 ? 207 : success,
  body: {
    status: 'COMPLETE',
    results: shuffle(results),
    startedAt: new Date(startedAt).toISOString(),
    completedAt: new Date(now()).toISOString(),
    ...(errors.length > 0 ? { numErrors: errors.length, errors } : {}),
  },
})

/** Puts results into an order that is not that of the inputs; the same seed gives the same orders. */
export const seededShuffle = (seed: number): (<Item>(items: Item[]) => Item[]) => {
  const random = randomNumbers(seed)
  return items => {
    const shuffled = [...items]
    for (let last = shuffled.length - 1; last > 0; last -= 1) {
      const other = Math.floor(random() * (last + 1))
      const [moved] = shuffled.splice(other, 1)
      if (moved !== undefined) shuffled.splice(last, 0, moved)
    }
    return shuffled
  }
}
