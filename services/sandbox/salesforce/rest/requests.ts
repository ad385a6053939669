import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { malformedId, notFound, notParsed } from '../errors.ts'
import type { Org } from '../org.ts'
import { normalizedId, prefixOf } from '../records/ids.ts'
import type { WriteOptions } from '../records/writing.ts'
import type { Field } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'

export const DATA = '/services/data/:version'

/** The path of the API in the version that was called. */
export const basePath = (params: { readonly version: string }): string => `/services/data/${params.version}`

/** Parses a request's body, or refuses it as Salesforce refuses a body that does not fit. */
export const parsed = <Shape extends z.ZodType>(shape: Shape, body: unknown): z.infer<Shape> => {
  const result = shape.safeParse(body)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw notParsed(`${issue?.message ?? 'not understood'} at [${issue?.path.join('.') ?? ''}]`)
}

/** The fields of one record. */
export const recordBody = z.record(z.string(), z.unknown())

export const objectOf = ({ schema }: Org, name: string): SObjectType => {
  const object = schema.object(name)
  if (!object) throw notFound()
  return object
}

/** An id in the path: something else that is no id is taken for an external id field that is missing. */
export const idOf = (object: SObjectType, value: string): string => {
  if (!/^(?:[0-9A-Za-z]{15}|[0-9A-Za-z]{18})$/.test(value)) throw noSuchKey(value)
  const id = normalizedId(value)
  if (!id || prefixOf(id) !== object.prefix) throw malformedId(`${object.name} ID`, value, 'Id')
  return id
}

/** The external id field of this name. */
export const keyOf = ({ schema }: Org, object: SObjectType, name: string): Field => {
  const field = schema.field(object, name)
  if (!field?.externalId) throw noSuchKey(name)
  return field
}

const noSuchKey = (name: string): ReturnType<typeof notFound> =>
  notFound(`Provided external ID field does not exist or is not accessible: ${name}`)

export const writeOptions = (request: FastifyRequest): WriteOptions => ({
  allowDuplicates: /allowSave\s*=\s*true/i.test(String(request.headers['sforce-duplicate-rule-header'] ?? '')),
})

/** The names in a parameter that lists them with commas. */
export const listed = (value: string | undefined): string[] =>
  (value ?? '')
    .split(',')
    .map(one => one.trim())
    .filter(Boolean)
