import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { OutgoingRecord } from '../../../services/kafka/kafka.ts'
import { createPendoClient } from '../../../services/producers/pendo/rest/client.ts'
import { openPendo } from '../../../services/producers/pendo/service.ts'
import { systemClock as clock } from '../../../services/runtime/clock.ts'
import { createCodec } from '../../../services/runtime/codec.ts'
import { silentLogger as log } from '../../../services/runtime/log.ts'
import { createMetrics } from '../../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { startPendoSandbox } from '../../../services/sandbox/pendo/start.ts'
import { identityClaims, tracks } from '../../../topology/topics.ts'
import { receivedAt, secret, signed, used } from './receiving.ts'

it('P4 webhooks that come at the start know the Core Events that Pendo tells', async context => {
  const sandbox = await startPendoSandbox()
  context.after(sandbox.close)
  const body = JSON.stringify({ kind: 'TrackType', name: 'Registered', isCoreEvent: true })
  await fetch(`${sandbox.url}/_sandbox/items`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  })
  const metrics = createMetrics()
  const codec = await createCodec({
    ...{ registry: memoryRegistry(), topics: [tracks, identityClaims], clock, register: true },
  })
  const published: OutgoingRecord[] = []
  const publisher = {
    publish: (records: readonly OutgoingRecord[]) => {
      published.push(...records)
      return Promise.resolve([])
    },
  }
  const client = createPendoClient({ baseUrl: sandbox.url, integrationKey: 'sandbox', clock, metrics })
  const { routes, close } = openPendo({ webhookSecret: secret, client, publisher, codec, metrics, clock, log })
  context.after(close)
  const [route] = routes
  assert.ok(route)
  for (const name of ['Registered', 'Looked']) {
    const raw = Buffer.from(JSON.stringify(used(name, { uniqueId: name })))
    const { status } = await route.handle({
      headers: signed(raw),
      params: {},
      url: '/webhooks/pendo',
      body: raw,
      receivedAt,
    })
    assert.equal(status, 200)
  }
  const told = published.flatMap(({ topic, value }) =>
    topic === tracks.name && value ? [codec.decode(tracks, value)] : [],
  )
  assert.deepEqual(
    told.map(({ name, core }) => [name, core]),
    [
      ['Registered', true],
      ['Looked', false],
    ],
  )
})
