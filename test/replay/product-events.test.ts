import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { memoryDestination } from '../../services/delivery/memory.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { hubspotEventsReplay, tracks } from '../../topology/topics.ts'
import { productEvent } from '../product-events/events.ts'
import { startReplaySystem } from './replaying.ts'

it('P4 K5 a replay sends neither what is not selected nor what is of nobody’s contact', async () => {
  const clock = { now: () => 0, sleep: () => setImmediate() }
  const appended = { kind: 'appended', of: ['contact'], waitForRecordMs: 60_000 } as const
  const hubspot = memoryDestination({ clock, name: 'hubspot', dependents: { product_event: appended } })
  const contact = hubspot.add(['ada@example.com'])
  const system = await startReplaySystem(
    { ...pipeline, consumers: pipeline.consumers.filter(({ name }) => name === 'product-events') },
    new Map([['hubspot-events', hubspot]]),
  )
  await system.person('user:42', `hubspot:contact:${contact}`)
  await system.person('user:43', 'email:grace@example.com')
  await system.given(
    tracks,
    productEvent({ name: 'selected' }),
    productEvent({ name: 'not core', core: false }),
    productEvent({ name: 'of no contact', person: 'user:43' }),
  )
  const { tally } = await system.replay(pipeline, 'product-events')
  const { handled, missing, 'not-concerned': passedOver } = tally.consumers['product-events'] ?? {}
  assert.deepEqual([handled, missing, passedOver], [1, 1, 1])
  const replayed = await system.values(hubspotEventsReplay)
  assert.deepEqual(
    replayed.map(({ fields }) => fields['event.name']),
    ['selected'],
  )
  await system.close()
})
