import { SchemaRegistry as ConfluentClient } from '@kafkajs/confluent-schema-registry'
import { incompatibilities } from '../../schemas/compatibility.ts'
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

/** How the registry answers a schema that is not compatible. */
const conflict = 409

/** Confluent's error codes for "subject not found" and "schema not found". Anything else but these is an outage, whatever its HTTP status (confluent-schema-registry #306). */
const notFound = new Set([40401, 40403])

const defaultPatienceMs = 10_000

interface Settings {
  /** Base of the Confluent-compatible API, without a trailing slash. */
  readonly url: string
  readonly auth?: { readonly username: string; readonly password: string }
  /** An answer that takes longer counts as none. */
  readonly patienceMs?: number
}

export const connectRegistry = (settings: Settings): SchemaRegistry => {
  const client = new ConfluentClient({
    host: settings.url,
    ...(settings.auth ? { auth: settings.auth } : {}),
    retry: { retries: 0 },
  })
  const lookUp: SchemaRegistry['lookUp'] = async (subject, schema) => {
    const path = `/subjects/${encodeURIComponent(subject)}`
    return (await ask<{ id: number }>(settings, 'POST', path, { schema: JSON.stringify(schema) }))?.id
  }
  return {
    register: async (subject, schema) => {
      try {
        const avro = { type: 'AVRO', schema: JSON.stringify(schema) } as Parameters<typeof client.register>[0]
        const options = { subject, compatibility: 'BACKWARD_TRANSITIVE', updateConfig: true }
        const work = client.register(avro, options as Parameters<typeof client.register>[1])
        return (await answered(work, settings)).id
      } catch (error) {
        // Apicurio answers 409 also when two programs register the same schema in the same moment.
        const registered = isConflict(error) ? await lookUp(subject, schema) : undefined
        if (registered !== undefined) return registered
        throw refusalOf(subject, error) ?? unavailable(settings.url, error)
      }
    },
    lookUp,
    schema: async id => {
      const answer = await ask<{ schema: string; schemaType?: string }>(settings, 'GET', `/schemas/ids/${id}`)
      if (!answer) return undefined
      const { schema, schemaType = 'AVRO' } = answer
      return schemaType === 'AVRO' ? (JSON.parse(schema) as AvroSchema) : schemaType
    },
  }
}

/** The answer's body; undefined when the registry says that there is no such subject or schema. */
const ask = async <Body>(
  settings: Settings,
  method: string,
  path: string,
  body?: object,
): Promise<Body | undefined> => {
  const { url, auth, patienceMs = defaultPatienceMs } = settings
  const login = auth && Buffer.from(`${auth.username}:${auth.password}`).toString('base64')
  try {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: {
        'content-type': 'application/vnd.schemaregistry.v1+json',
        ...(login ? { authorization: `Basic ${login}` } : {}),
      },
      signal: AbortSignal.timeout(patienceMs),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    if (answer.ok) return (await answer.json()) as Body
    const problem = (await answer.json().catch(() => ({}))) as { error_code?: number }
    if (notFound.has(problem.error_code ?? 0)) return undefined
    throw Object.assign(new Error(), { status: answer.status })
  } catch (error) {
    throw unavailable(url, error)
  }
}

/** The client itself waits for ever. */
const answered = async <Value>(work: Promise<Value>, { patienceMs = defaultPatienceMs }: Settings): Promise<Value> => {
  const patience = AbortSignal.timeout(patienceMs)
  const tooLate = new Promise<never>((_, reject) => {
    patience.addEventListener('abort', () => reject(patience.reason), { once: true })
  })
  return await Promise.race([work, tooLate])
}

const isConflict = (error: unknown): boolean => (error as { status?: number }).status === conflict

/** What the registry has against the schema itself; undefined for any other failure. */
const refusalOf = (subject: string, error: unknown): TributaryError | undefined => {
  if (isConflict(error)) return incompatible(subject, 'the registry refused it')
  if ((error as Error).name !== 'ConfluentSchemaRegistryCompatibilityError') return undefined
  return new TributaryError(
    'SCHEMA_COMPATIBILITY_SETTING',
    `The subject ${subject} has another compatibility level than BACKWARD_TRANSITIVE. Set that level for it in the registry, then start again.`,
  )
}

/** Names no cause: an error of a client may quote the URL with its login. */
const unavailable = (url: string, error: unknown): TributaryError =>
  new TributaryError(
    'REGISTRY_UNAVAILABLE',
    `Expected a schema registry to answer at ${withoutCredentials(url)}, but ${whatCame(error)}. Check SCHEMA_REGISTRY_URL, SCHEMA_REGISTRY_AUTH and that it is running.`,
    { errorClass: 'retryable' },
  )

const whatCame = (error: unknown): string => {
  const { status, name, cause } = error as { status?: number; name?: string; cause?: { code?: string } }
  if (status) return `status ${status} came`
  if (name === 'TimeoutError') return 'nothing came in time'
  return cause?.code ? `the connection failed (${cause.code})` : 'it did not'
}

const withoutCredentials = (url: string): string => url.replace(/\/\/[^/@]*@/, '//')

const incompatible = (subject: string, why: string): TributaryError =>
  new TributaryError(
    'SCHEMA_INCOMPATIBLE',
    `The schema for ${subject} must be able to read what was written with all its earlier versions (BACKWARD_TRANSITIVE): ${why}. Give new fields a default and keep the types of old ones.`,
  )

/** A registry without a server, for tests. */
export const memoryRegistry = (): SchemaRegistry => {
  const schemas: string[] = []
  const subjects = new Map<string, Set<number>>()
  const idOf = (schema: AvroSchema): number => schemas.indexOf(JSON.stringify(schema)) + 1
  const schemaOf = (id: number): AvroSchema => JSON.parse(schemas[id - 1] ?? 'null') as AvroSchema
  const register = (subject: string, schema: AvroSchema): number => {
    const versions = subjects.get(subject) ?? new Set<number>()
    const id = idOf(schema) || schemas.length + 1
    if (versions.has(id)) return id
    const problems = [...versions].flatMap(version => incompatibilities(schema, schemaOf(version)))
    if (problems.length > 0) throw incompatible(subject, problems.join('; '))
    if (id > schemas.length) schemas.push(JSON.stringify(schema))
    subjects.set(subject, versions.add(id))
    return id
  }
  return {
    register: (subject, schema) => Promise.try(register, subject, schema),
    lookUp: (subject, schema) => Promise.resolve(subjects.get(subject)?.has(idOf(schema)) ? idOf(schema) : undefined),
    schema: id => Promise.resolve(schemas[id - 1] === undefined ? undefined : schemaOf(id)),
  }
}
