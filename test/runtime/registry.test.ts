import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, it } from 'node:test'
import { schemaOf } from '../../schemas/records.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { TributaryError } from '../../services/runtime/errors.ts'
import { connectRegistry, memoryRegistry, type SchemaRegistry } from '../../services/runtime/registry.ts'
import { tracks } from '../../topology/topics.ts'
import { manualClock } from '../clock.ts'
import { trackEvent } from '../tracks/events.ts'

type Answer = (request: IncomingMessage, response: ServerResponse) => void
const password = 'hunter2-is-secret'
let server: Server | undefined

/** A registry that answers every request alike. */
const registryThat = async (answer: Answer): Promise<string> => {
  server = createServer(answer).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const says =
  (status: number, body: string, type = 'application/json'): Answer =>
  (_, response) => {
    response.writeHead(status, { 'content-type': type }).end(body)
  }
const connect = (url: string): SchemaRegistry =>
  connectRegistry({ url, auth: { username: 'tributary', password }, patienceMs: 300 })

const everyQuestion: Readonly<Record<string, (registry: SchemaRegistry) => Promise<unknown>>> = {
  register: registry => registry.register('tracks-value', schemaOf('track')),
  'look up': registry => registry.lookUp('tracks-value', schemaOf('track')),
  schema: registry => registry.schema(7),
}

const isOutage = (error: unknown): true => {
  assert.ok(error instanceof TributaryError)
  assert.deepEqual([error.code, error.errorClass], ['REGISTRY_UNAVAILABLE', 'retryable'])
  assert.match(error.message, /SCHEMA_REGISTRY_URL/)
  const everything = `${error.message} ${error.stack} ${JSON.stringify(error.cause)} ${String(error.cause)}`
  assert.ok(!everything.includes(password) && !everything.includes(btoa(`tributary:${password}`)))
  return true
}

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = undefined
})

describe('a registry that does not answer as it should is an outage, which is tried again', () => {
  const outages: Readonly<Record<string, Answer>> = {
    'status 500': says(500, '{"error_code":50001,"message":"Error in the backend data store"}'),
    'status 503 from a proxy': says(503, '<html>unavailable</html>', 'text/html'),
    'status 404 from a proxy': says(404, '<html>not found</html>', 'text/html'),
    'status 404 of another code': says(404, '{"error_code":404,"message":"HTTP 404 Not Found"}'),
    'status 400, as the client reports one (#306)': says(400, '{"message":"Confluent_Schema_Registry - "}'),
    'a refused login': says(401, '{"error_code":401}'),
    'no JSON': says(200, '<html>welcome</html>', 'text/html'),
    'a connection that is cut': (_, response) => response.destroy(),
    'no answer at all': () => undefined,
  }
  for (const [outage, answer] of Object.entries(outages)) {
    for (const [question, askIt] of Object.entries(everyQuestion)) {
      it(`20 ${question}: ${outage}`, async () => {
        await assert.rejects(askIt(connect(await registryThat(answer))), isOutage)
      })
    }
  }

  for (const [question, askIt] of Object.entries(everyQuestion)) {
    it(`20 ${question}: nobody listens there, and a login in the URL is not told`, async () => {
      const url = await registryThat(says(200, '{}'))
      server?.close()
      await assert.rejects(askIt(connect(url)), isOutage)
      await assert.rejects(askIt(connect(url.replace('://', `://tributary:${password}@`))), isOutage)
    })
  }

  it('20 the message says what came, so that the mistake is found', async () => {
    await assert.rejects(
      connect(await registryThat(says(401, '{}'))).schema(7),
      /status 401 came.*SCHEMA_REGISTRY_AUTH/,
    )
  })
})

describe('a registry', () => {
  it('is asked with the login', async () => {
    let authorization: string | undefined
    const url = await registryThat((request, response) => {
      authorization = request.headers.authorization
      says(200, '{"schema":"\\"string\\""}')(request, response)
    })
    assert.equal(await connect(url).schema(7), 'string')
    assert.equal(authorization, `Basic ${btoa(`tributary:${password}`)}`)
  })

  it('22 that says "schema not found" has none, and one that says "subject not found" too', async () => {
    const noSchema = await registryThat(says(404, '{"error_code":40403,"message":"Schema not found"}'))
    assert.equal(await connect(noSchema).schema(7), undefined)
    assert.equal(await connect(noSchema).lookUp('tracks-value', schemaOf('track')), undefined)
    server?.close()
    const noSubject = await registryThat(says(404, '{"error_code":40401,"message":"Subject not found"}'))
    assert.equal(await connect(noSubject).lookUp('tracks-value', schemaOf('track')), undefined)
  })

  it('24 that keeps the subject to another level is named, and what to do', async () => {
    const url = await registryThat(says(200, '{"compatibilityLevel":"NONE"}'))
    await assert.rejects(connect(url).register('tracks-value', schemaOf('track')), {
      code: 'SCHEMA_COMPATIBILITY_SETTING',
      errorClass: 'needs-person',
      message: /tracks-value .* Set that level/,
    })
  })

  /** Answers every registration with 409, and look-ups as given. */
  const conflicting =
    (lookUp: Answer): Answer =>
    (request, response) => {
      if (request.url?.startsWith('/config'))
        says(200, '{"compatibilityLevel":"BACKWARD_TRANSITIVE"}')(request, response)
      else if (request.url?.endsWith('/versions')) says(409, '{"error_code":409}')(request, response)
      else lookUp(request, response)
    }

  it('24 that answers 409 because another program registers the same schema just now has it', async () => {
    const url = await registryThat(conflicting(says(200, '{"id":7}')))
    assert.equal(await connect(url).register('tracks-value', schemaOf('track')), 7)
  })

  it('24 that answers 409 and does not have the schema refuses it', async () => {
    const url = await registryThat(conflicting(says(404, '{"error_code":40403}')))
    await assert.rejects(connect(url).register('tracks-value', schemaOf('track')), { code: 'SCHEMA_INCOMPATIBLE' })
  })

  it('23 with a schema of another kind makes the record a dead letter, not an endless outage', async () => {
    const url = await registryThat(
      says(200, '{"schemaType":"PROTOBUF","schema":"syntax = \\"proto3\\"; message Track {}"}'),
    )
    const memory = memoryRegistry()
    const registry = { ...memory, schema: (id: number) => connect(url).schema(id) }
    const codec = await createCodec({ registry, topics: [tracks], clock: manualClock(), register: true })
    const foreign = Buffer.from(codec.encode(tracks, trackEvent('user:42', 'x')))
    foreign.writeUInt32BE(99, 1)
    await codec.prepare([foreign])
    assert.throws(() => codec.decode(tracks, foreign), { code: 'UNDECODABLE', errorClass: 'rejected' })
  })
})
