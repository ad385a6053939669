import type { AddressInfo } from 'node:net'
import fastify from 'fastify'
import { endWithParent } from '../../services/platform/parent.ts'

/** What the ingest is measured against: fastify as it comes, which parses the JSON of a request and answers. Sends its address to its parent. */
const app = fastify()
app.post('/v1/batch', () => ({ success: true }))
await app.listen({ host: '127.0.0.1', port: 0 })
endWithParent()
process.send?.(`http://127.0.0.1:${(app.server.address() as AddressInfo).port}`)
