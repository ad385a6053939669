import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import {
  invalidType,
  malformedId,
  missingArgument,
  notParsed,
  refused,
  type SalesforceError,
  SalesforceRefusal,
} from '../errors.ts'
import type { Org } from '../org.ts'
import { normalizedId, prefixOf } from '../records/ids.ts'
import { type Draft, isLive, type Values } from '../records/records.ts'
import { valuesOf } from '../records/values.ts'
import type { Field } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'
import { chosenFields, presentedRecord } from './presentation.ts'
import { basePath, DATA, keyOf, listed, objectOf, parsed, writeOptions } from './requests.ts'

/** Records of one collection, and changes of object from one record to the next; facts/salesforce.md §3. */
const RECORDS = 200
const CHUNKS = 10
const RETRIEVED = 2000

const attributes = z.looseObject({ type: z.string() })
const collection = z.object({
  allOrNone: z.boolean().default(false),
  records: z.array(z.looseObject({ attributes })),
})
const retrieval = z.object({ ids: z.array(z.string()).max(RETRIEVED), fields: z.array(z.string()) })

type CollectionRecord = z.infer<typeof collection>['records'][number]

interface CollectionRequest {
  Params: { version: string; object: string; field: string }
  Querystring: { ids?: string; fields?: string; allOrNone?: string }
}

interface Outcome {
  readonly id: string
  readonly created?: boolean
}

interface RowTask {
  /** Throws a SalesforceRefusal for this record alone. */
  apply(draft: Draft): Outcome
}

/** `/composite/sobjects`: up to 200 records, results in their order. */
export const collectionRoutes = (app: FastifyInstance, org: Org): void => {
  const path = `${DATA}/composite/sobjects`
  app.post<CollectionRequest>(path, request => {
    const { records, allOrNone } = readCollection(request.body)
    const options = writeOptions(request)
    const tasks = records.map(record => {
      const { object, values } = readRecord(org, record)
      return { apply: (draft: Draft) => ({ id: org.writing.create(draft, object, values, options).Id }) }
    })
    return carriedOut(org, tasks, allOrNone)
  })
  app.patch<CollectionRequest>(path, request => {
    const { records, allOrNone } = readCollection(request.body)
    const options = writeOptions(request)
    const tasks = records.map(record => {
      const { object, values: given } = readRecord(org, record)
      const { Id, ...values } = given
      return {
        apply: (draft: Draft) => {
          if (typeof Id !== 'string') throw missingArgument()
          return { id: org.writing.update(draft, object, idOfRow(object, Id), values, options).Id }
        },
      }
    })
    return carriedOut(org, tasks, allOrNone)
  })
  app.delete<CollectionRequest>(path, ({ query }) => {
    const ids = listed(query.ids)
    assertSize(ids.length)
    const tasks = ids.map(value => ({
      apply: (draft: Draft) => {
        const object = org.schema.objectOfPrefix(prefixOf(value))
        if (!object) throw malformedId('Record ID', value, 'Id')
        const id = idOfRow(object, value)
        org.writing.remove(draft, object, id)
        return { id }
      },
    }))
    return carriedOut(org, tasks, query.allOrNone === 'true')
  })
  app.patch<CollectionRequest>(`${path}/:object/:field`, request => {
    const object = objectOf(org, request.params.object)
    const field = keyOf(org, object, request.params.field)
    return upserted(org, object, field, request.body, writeOptions(request))
  })
  retrievalRoutes(app, org, path)
}

const upserted = (
  org: Org,
  object: SObjectType,
  field: Field,
  body: unknown,
  options: ReturnType<typeof writeOptions>,
): Result[] => {
  const { records, allOrNone } = readCollection(body)
  const seen = new Set<string>()
  const tasks = records.map((record): RowTask => {
    const { object: own, values: given } = readRecord(org, record)
    if (own !== object)
      throw invalidType(`Expected records of type ${object.name} only, but one is of type ${own.name}`)
    const { [field.name]: value = null, ...values } = given
    return {
      apply: draft => {
        const folded = field.caseSensitive ? String(value) : String(value).toLowerCase()
        if (value !== null && seen.has(folded))
          throw refused('DUPLICATE_VALUE', `Duplicate external id specified: ${value}`, [field.name])
        seen.add(folded)
        const result = org.writing.upsert(draft, object, { field, value }, values, options)
        if ('candidates' in result) throw ambiguous(field)
        return { id: result.row.Id, created: result.created }
      },
    }
  })
  return carriedOut(org, tasks, allOrNone)
}

const ambiguous = ({ name }: Field): SalesforceRefusal =>
  refused('DUPLICATE_EXTERNAL_ID', `${name}: more than one record found for external id field`, [name])

const readCollection = (body: unknown): z.infer<typeof collection> => {
  const { records, allOrNone } = parsed(collection, body)
  assertSize(records.length)
  const chunks = records.filter((one, index) => one.attributes.type !== records[index - 1]?.attributes.type).length
  if (chunks > CHUNKS)
    throw refused(
      'LIMIT_EXCEEDED',
      `Cannot have more than ${CHUNKS} chunks in a single operation. Please rearrange the data to reduce chunking.`,
    )
  return { records, allOrNone }
}

const assertSize = (size: number): void => {
  if (size > RECORDS)
    throw refused(
      'EXCEEDED_ID_LIMIT',
      `record limit reached. cannot submit more than ${RECORDS} records into this call`,
    )
}

const readRecord = (org: Org, record: CollectionRecord): { object: SObjectType; values: Values } => {
  const object = org.schema.object(record.attributes.type)
  if (!object) throw invalidType(`sObject type '${record.attributes.type}' is not supported.`)
  return { object, values: valuesOf(org.schema, object, record) }
}

const idOfRow = (object: SObjectType, value: string): string => {
  const id = normalizedId(value)
  if (!id || prefixOf(id) !== object.prefix) throw malformedId(`${object.name} ID`, value, 'Id')
  return id
}

const ROLLED_BACK = {
  statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
  message: 'Record rolled back because not all records were valid and the request was using AllOrNone header',
  fields: [],
}

/** Each record for itself, or all together or none. Failures are results; the answer's status is 200 in any case. */
const carriedOut = (org: Org, tasks: readonly RowTask[], allOrNone: boolean): Result[] => {
  const whole = org.records.draft(org.program)
  const results = tasks.map(task => attempt(task, whole))
  const failed = results.some(({ success }) => !success)
  if (!failed || !allOrNone) {
    whole.commit()
    return results
  }
  return results.map(result => (result.success ? { success: false, errors: [ROLLED_BACK] } : result))
}

interface Result extends Partial<Outcome> {
  readonly success: boolean
  readonly errors: readonly object[]
}

const attempt = (task: RowTask, whole: Draft): Result => {
  const draft = whole.draft()
  try {
    const outcome = task.apply(draft)
    draft.commit()
    return { ...outcome, success: true, errors: [] }
  } catch (error) {
    if (error instanceof SalesforceRefusal) return { success: false, errors: [resultError(error.error)] }
    throw error
  }
}

const resultError = ({ errorCode, message, fields = [] }: SalesforceError): object => ({
  statusCode: errorCode,
  message,
  fields,
})

const retrievalRoutes = (app: FastifyInstance, org: Org, path: string): void => {
  const retrieved = (
    params: CollectionRequest['Params'],
    ids: readonly string[],
    names: readonly string[],
  ): (object | null)[] => {
    const object = objectOf(org, params.object)
    if (names.length === 0) throw notParsed('The fields to retrieve are missing')
    const fields = chosenFields(org, object, names)
    return ids.map(value => {
      const row = org.records.get(idOfRow(object, value))
      return row && isLive(row) ? presentedRecord(object, row, fields, basePath(params)) : null
    })
  }
  app.get<CollectionRequest>(`${path}/:object`, ({ params, query }) =>
    retrieved(params, listed(query.ids), listed(query.fields)),
  )
  app.post<CollectionRequest>(`${path}/:object`, ({ params, body }) => {
    const { ids, fields } = parsed(retrieval, body)
    return retrieved(params, ids, fields)
  })
}
