import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Step, TaskContext } from '../../../services/kafka/kafka.ts'
import { memoryKafka } from '../../../services/kafka/memory/memory.ts'
import { claimOf } from '../../../services/producers/zoom/reports/records.ts'
import { tell } from '../../../services/producers/zoom/reports/telling.ts'
import { createCodec } from '../../../services/runtime/codec.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { identityClaims, webinars } from '../../../topology/topics.ts'
import { manualClock } from '../../clock.ts'
import { reported, settled } from '../../webinars/events.ts'

test('Z13 a report of very many rows is several transactions, SETTLED in the last with the offset', async () => {
  const clock = manualClock()
  const topics = [webinars, identityClaims]
  const codec = await createCodec({ registry: memoryRegistry(), topics, clock, register: true })
  const steps: Step[] = []
  const commit: TaskContext['commit'] = step => {
    steps.push(step)
    return Promise.resolve([])
  }
  const rows = Array.from({ length: 12_000 }, (_, index) => reported([`zoom:registrant:r${index}`], `u${index}`, 5, 25))
  const told = { records: [...rows, settled()], claims: rows.flatMap(claimOf) }
  const kafka = { ...memoryKafka({ clock }), lag: () => Promise.resolve([]) }
  const parts = {
    kafka,
    codec,
    clock: { ...clock, sleep: () => Promise.resolve() },
    logger: createLogger({ level: 'silent' }),
  }
  const never = new AbortController().signal
  await tell(parts, { commit } as TaskContext, told, never, () => 7)
  assert.ok(steps.every(({ records }) => records.length <= 5_000))
  const events = steps.filter(({ records }) => records.some(({ topic }) => topic === webinars.name))
  assert.deepEqual(
    events.map(({ offsets }) => [...offsets]),
    [[], [], [[webinars.name, 7]]],
  )
  const values = events.flatMap(({ records }) => records.map(({ value }) => value))
  assert.equal(values.length, rows.length + 1)
  const last = values.at(-1)
  assert.ok(last)
  assert.equal(codec.decode(webinars, last).kind, 'SETTLED')
})
