import { SchemaRegistry as ConfluentClient } from '@kafkajs/confluent-schema-registry'
import type { AvroSchema } from '../../schemas/records.ts'
import { TributaryError } from './errors.ts'

/** The seam to a Confluent-compatible schema registry. Contract suite: test/contracts/registry.contract.ts. */
export interface SchemaRegistry {
  /**
   * Registers a schema under a subject, BACKWARD_TRANSITIVE, and gives its id; the id of the same schema registered before is the same.
   * Rejects with `SCHEMA_INCOMPATIBLE`, or `REGISTRY_UNAVAILABLE` (retryable).
   */
  register(subject: string, schema: AvroSchema): Promise<number>
  /** The id of a schema that was registered under the subject before, else undefined. Registers nothing. */
  lookUp(subject: string, schema: AvroSchema): Promise<number | undefined>
  /** The schema with this id, or undefined when the registry says that there is none. Rejects with `REGISTRY_UNAVAILABLE`. */
  schema(id: number): Promise<AvroSchema | undefined>
}

/** Confluent's error codes for "subject not found" and "schema not found". Anything else but these is an outage, whatever its HTTP status (confluent-schema-registry #306). */
const notFound = new Set([40401, 40403])

/** @param settings.url base of the Confluent-compatible API, without a trailing slash */
export const connectRegistry = (settings: {
  readonly url: string
  readonly auth?: { readonly username: string; readonly password: string }
}): SchemaRegistry => {
  const headers = {
    'content-type': 'application/vnd.schemaregistry.v1+json',
    ...(settings.auth
      ? {
          authorization: `Basic ${Buffer.from(`${settings.auth.username}:${settings.auth.password}`).toString('base64')}`,
        }
      : {}),
  }
  const client = new ConfluentClient({
    host: settings.url,
    ...(settings.auth ? { auth: settings.auth } : {}),
    retry: { retries: 0 },
  })
  const request = async (method: string, path: string, body?: unknown): Promise<{ code?: number; body: unknown }> => {
    const answer = await fetch(`${settings.url}${path}`, {
      method,
      headers,
      signal: AbortSignal.timeout(10_000),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }).catch(error => {
      throw unavailable(settings.url, error)
    })
    const parsed = (await answer.json().catch(() => ({}))) as { error_code?: number }
    if (answer.ok) return { body: parsed }
    if (parsed.error_code !== undefined && notFound.has(parsed.error_code))
      return { code: parsed.error_code, body: parsed }
    throw unavailable(settings.url, new Error(`status ${answer.status}, error code ${parsed.error_code ?? 'none'}`))
  }
  return {
    register: async (subject, schema) => {
      try {
        const registered = await client.register(
          { type: 'AVRO', schema: JSON.stringify(schema) } as Parameters<typeof client.register>[0],
          { subject, compatibility: 'BACKWARD_TRANSITIVE', updateConfig: true } as Parameters<
            typeof client.register
          >[1],
        )
        return registered.id
      } catch (error) {
        if (error instanceof Error && /incompatible|compatib/i.test(error.message)) {
          throw new TributaryError(
            'SCHEMA_INCOMPATIBLE',
            `The schema for ${subject} must be readable with all its earlier versions (BACKWARD_TRANSITIVE); the registry refused it. Give new fields a default and keep the types of old ones.`,
            { cause: error },
          )
        }
        throw unavailable(settings.url, error)
      }
    },
    lookUp: async (subject, schema) => {
      const { code, body } = await request('POST', `/subjects/${encodeURIComponent(subject)}`, {
        schema: JSON.stringify(schema),
      })
      return code === undefined ? (body as { id: number }).id : undefined
    },
    schema: async id => {
      const { code, body } = await request('GET', `/schemas/ids/${id}`)
      return code === undefined ? (JSON.parse((body as { schema: string }).schema) as AvroSchema) : undefined
    },
  }
}

const unavailable = (url: string, cause: unknown): TributaryError =>
  new TributaryError(
    'REGISTRY_UNAVAILABLE',
    `Expected a schema registry to answer at ${withoutCredentials(url)}, but it did not. Check SCHEMA_REGISTRY_URL and that it is running.`,
    { errorClass: 'retryable', cause },
  )

const withoutCredentials = (url: string): string => url.replace(/\/\/[^/@]*@/, '//')

/** A registry without a server, for tests. Compatibility is not checked. */
export const memoryRegistry = (): SchemaRegistry => {
  const schemas: AvroSchema[] = []
  const subjects = new Map<string, Map<string, number>>()
  return {
    register: (subject, schema) => {
      const text = JSON.stringify(schema)
      const known = subjects.get(subject) ?? new Map<string, number>()
      subjects.set(subject, known)
      const id = known.get(text) ?? schemas.push(schema)
      known.set(text, id)
      return Promise.resolve(id)
    },
    lookUp: (subject, schema) => Promise.resolve(subjects.get(subject)?.get(JSON.stringify(schema))),
    schema: id => Promise.resolve(schemas[id - 1]),
  }
}
