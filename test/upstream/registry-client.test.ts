import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe } from 'node:test'
import { shipped } from './shipped.ts'
import { neverHappens, rejectionOf, stillHappens } from './still-happens.ts'

type Client = typeof import('@kafkajs/confluent-schema-registry')

const { SchemaRegistry, SchemaType } = shipped<Client>('@kafkajs/confluent-schema-registry')

interface Asked {
  readonly method: string
  readonly path: string
  readonly body: string
}
/** Status and body by `METHOD /path`, or silence. */
type Answers = Readonly<Record<string, { readonly status?: number; readonly body: object } | 'silence'>>

const stops: (() => Promise<unknown>)[] = []
after(() => Promise.all(stops.map(stop => stop())))

/** A registry that answers as told, and 500 to everything else. */
const startRegistry = async (answers: Answers) => {
  const asked: Asked[] = []
  const server = createServer(async (request, response) => {
    const { method = '', url: path = '' } = request
    const body = (await request.setEncoding('utf8').toArray()).join('')
    asked.push({ method, path, body })
    const answer = answers[`${method} ${path}`] ?? { status: 500, body: { error_code: 50001, message: 'broken' } }
    if (answer === 'silence') return
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' }).end(JSON.stringify(answer.body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = () => {
    server.closeAllConnections()
    return new Promise(resolve => server.close(resolve))
  }
  stops.push(stop)
  return { address: `127.0.0.1:${(server.address() as AddressInfo).port}`, asked, stop }
}

const clientOf = (address: string) => new SchemaRegistry({ host: `http://${address}`, retry: { retries: 0 } })

const schema = { type: 'record', name: 'Track', namespace: 'upstream', fields: [{ name: 'name', type: 'string' }] }
const asAvro = { type: SchemaType.AVRO, schema: JSON.stringify(schema) } as const
const framed = (id: number, body: Buffer) => Buffer.concat([Buffer.from([0, 0, 0, 0, id]), body])
const track = framed(1, Buffer.from([2, 65]))

const known: Answers = { 'GET /schemas/ids/1': { body: { schema: asAvro.schema } } }
const notFound = { status: 404, body: { error_code: 40403, message: 'Schema not found' } }
const registering: Answers = {
  'GET /config/tracks-value': notFound,
  'POST /subjects/tracks-value/versions': { body: { id: 1 } },
  'PUT /config/tracks-value': { body: {} },
  'GET /config/upstream.Track': notFound,
  'POST /subjects/upstream.Track/versions': { body: { id: 1 } },
  'PUT /config/upstream.Track': { body: {} },
}

describe('the registry client', () => {
  stillHappens('unknown-id-asked-again', async () => {
    const { address, asked } = await startRegistry({ 'GET /schemas/ids/1': notFound })
    const client = clientOf(address)
    for (let record = 0; record < 2; record++) await rejectionOf(client.decode(track))
    return asked.length === 2
  })

  stillHappens('outage-is-400', async () => {
    const { address, stop } = await startRegistry({})
    await stop()
    const error = await rejectionOf(clientOf(address).decode(track))
    return (error as { status?: number } | undefined)?.status === 400
  })

  stillHappens('reader-schema-parsed-each-time', async test => {
    const { address } = await startRegistry(known)
    const client = clientOf(address)
    const readerSchema = { ...schema, fields: [...schema.fields, { name: 'seen', type: 'int', default: 0 }] }
    const read = () =>
      client.decode(track, { [SchemaType.AVRO]: { readerSchema } } as Parameters<typeof client.decode>[1])
    const writer = await client.getSchema(1)
    const resolvers = test.mock.method(ownerOf(writer, 'createResolver'), 'createResolver')
    for (let record = 0; record < 5; record++) await read()
    // A type asks the types of its fields in turn.
    const resolved = resolvers.mock.calls.filter(({ arguments: [resolves] }) => resolves === writer)
    return resolved.length === 5
  })

  stillHappens('retry-bleeds', async () => {
    const { address, asked } = await startRegistry({})
    new SchemaRegistry({ host: `http://${address}`, retry: { retries: 0 } })
    await rejectionOf(new SchemaRegistry({ host: `http://${address}` }).decode(track))
    return asked.length === 1
  })

  stillHappens('registry-waits-for-ever', async () => {
    const { address, stop } = await startRegistry({ 'GET /schemas/ids/1': 'silence' })
    let isDone = false
    const decoding = rejectionOf(clientOf(address).decode(track)).then(() => {
      isDone = true
    })
    const waits = await neverHappens(() => isDone)
    await stop()
    await decoding
    return waits
  })

  stillHappens('url-in-error', async () => {
    const { address } = await startRegistry({ 'GET /schemas/ids/1': notFound })
    const error = await rejectionOf(clientOf(`person:secret@${address}`).decode(track))
    return error !== undefined && JSON.stringify({ ...error, message: error.message }).includes('secret')
  })

  stillHappens('default-compatibility-written', async () => {
    const { address, asked } = await startRegistry(registering)
    await clientOf(address).register(asAvro, { subject: 'tracks-value' })
    return asked.some(({ method, body }) => method === 'PUT' && body.includes('"BACKWARD"'))
  })

  stillHappens('default-subject-is-record', async () => {
    const { address, asked } = await startRegistry(registering)
    await rejectionOf(clientOf(address).register(asAvro))
    return asked.some(({ path }) => path === '/subjects/upstream.Track/versions')
  })
})

/** The object in the prototype chain that has a method of its own. */
const ownerOf = <Name extends string>(of: object, name: Name): Record<Name, (...given: unknown[]) => unknown> => {
  for (let at = of; at; at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, name)) return at as Record<Name, (...given: unknown[]) => unknown>
  }
  throw new Error(`The client's schemas have no ${name}`)
}
