import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { examineEventBudget } from '../../services/doctor/event-budget.ts'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { kafkaUsageLog } from '../../services/sinks/hubspot/events/usage-log.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import { eventUsage } from '../../topology/topics.ts'
import { manualClock } from '../clock.ts'

const berlin = { portalId: '24700001', timeZone: 'Europe/Berlin' }

/** What the doctor finds at a moment, after processes have counted so much. */
const found = async (limit: number, at: string, ...counts: readonly (readonly [month: string, reserved: number])[]) => {
  const clock = manualClock(Date.parse(at))
  const kafka = memoryKafka({ clock })
  await kafka.topics.create([...topicSpecs([eventUsage])])
  const codec = await createCodec({ registry: memoryRegistry(), topics: [eventUsage], clock, register: true })
  for (const [index, [month, reserved]] of counts.entries()) {
    const log = kafkaUsageLog({ kafka, codec, clock, writer: `w${index}`, onFatal: assert.fail })
    await log.count(berlin, month, reserved)
    await log.close()
  }
  return await examineEventBudget({ kafka, codec, clock }, limit)
}

describe('the doctor on the budget of custom events', () => {
  const cases: { name: string; used: number; code: string; level: string }[] = [
    { name: 'is fine below 80 %', used: 799, code: 'EVENT_BUDGET', level: 'fine' },
    { name: 'warns from 80 % on', used: 800, code: 'EVENT_BUDGET_LOW', level: 'warning' },
    { name: 'tells that events wait', used: 1_000, code: 'EVENT_BUDGET_USED_UP', level: 'problem' },
  ]
  for (const { name, used, code, level } of cases) {
    it(`P6 ${name}`, async () => {
      const [finding, ...others] = await found(1_000, '2026-11-15T12:00:00Z', ['2026-11', used - 100], ['2026-11', 100])
      assert.deepEqual([finding?.code, finding?.level, others], [code, level, []])
      assert.match(
        finding?.message ?? '',
        new RegExp(`${used.toLocaleString('en')} of 1,000 .* 2026-11 .Europe/Berlin`),
      )
    })
  }

  it("P6 looks at the month of the account's time zone", async () => {
    const counts = ['2026-11', 900] as const
    assert.equal((await found(1_000, '2026-11-30T22:59:00Z', counts)).length, 1)
    assert.deepEqual(await found(1_000, '2026-11-30T23:01:00Z', counts), [])
  })
})
