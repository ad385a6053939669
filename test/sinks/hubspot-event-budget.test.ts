import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { TributaryError } from '../../services/runtime/errors.ts'
import { createLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { type BudgetAccount, createEventBudget, type UsageLog } from '../../services/sinks/hubspot/events/budget.ts'
import { kafkaUsageLog } from '../../services/sinks/hubspot/events/usage-log.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import { eventUsage } from '../../topology/topics.ts'
import { manualClock } from '../clock.ts'

const account: BudgetAccount = { portalId: '24700001', timeZone: 'UTC' }
const november = Date.UTC(2026, 10, 15)
const dayMs = 86_400_000

/** Processes that share a Kafka, in memory, and a clock. */
const processes = async (start = november) => {
  const clock = manualClock(start)
  const kafka = memoryKafka({ clock })
  await kafka.topics.create([...topicSpecs([eventUsage])])
  const codec = await createCodec({ registry: memoryRegistry(), topics: [eventUsage], clock, register: true })
  let writers = 0
  const logs: ReturnType<typeof kafkaUsageLog>[] = []
  const newLog = () => {
    writers += 1
    const log = kafkaUsageLog({ kafka, codec, clock, writer: `w${writers}`, onFatal: assert.fail })
    logs.push(log)
    return log
  }
  const startProcess = async (limit: number, of = account) => {
    const log = newLog()
    const metrics = createMetrics()
    const lines: string[] = []
    const logger = createLogger({ level: 'info', write: line => lines.push(line) })
    const budget = createEventBudget({ log, limit, clock, metrics, logger })
    await budget.open(of)
    return { budget, metrics, lines }
  }
  /** What is counted in Kafka, of all processes. */
  const counted = async (month: string, of = account): Promise<number> => {
    const log = newLog()
    await log.caughtUp()
    return log.ofOthers(of, month)
  }
  const close = async (): Promise<void> => {
    for (const log of logs) await log.close()
    await kafka.close()
  }
  return { clock, kafka, startProcess, counted, close }
}

const inProcesses =
  (test: (given: Awaited<ReturnType<typeof processes>>) => Promise<void>, start?: number) =>
  async (): Promise<void> => {
    const given = await processes(start)
    try {
      await test(given)
    } finally {
      await given.close()
    }
  }

describe('the budget of custom events', () => {
  it(
    'P6 grants what is left, and then tells what the rest waits for',
    inProcesses(async ({ startProcess }) => {
      const { budget } = await startProcess(10)
      assert.equal((await budget.take(7)).granted, 7)
      // Made ready once more, it reads what it has counted itself.
      await budget.open(account)
      const { granted, problem } = await budget.take(7)
      assert.equal(granted, 3)
      assert.equal(problem?.kind, 'needs-person')
      assert.equal(problem?.code, 'HUBSPOT_EVENT_BUDGET')
      assert.match(problem?.message ?? '', /10 custom event completions of 2026-11 .* UTC.* HUBSPOT_EVENT_BUDGET/)
    }),
  )

  it(
    'P6 goes on where it was after a restart and after a crash, and never below what may have been sent',
    inProcesses(async ({ startProcess, counted }) => {
      const first = await startProcess(20_000)
      await first.budget.take(1_000)
      await first.budget.close()
      assert.equal(await counted('2026-11'), 1_000)
      const second = await startProcess(20_000)
      await second.budget.take(500)
      // It dies here.
      const third = await startProcess(20_000)
      const used = await counted('2026-11')
      assert.ok(used >= 1_500, `${used}`)
      assert.ok(used <= 1_500 + 20, `${used}: at most a thousandth of the budget is counted ahead`)
      const { granted } = await third.budget.take(20_000)
      assert.equal(granted, 20_000 - used)
    }),
  )

  it(
    'P6 of an account has nothing to do with another one',
    inProcesses(async ({ startProcess }) => {
      await (await startProcess(10)).budget.take(10)
      const other = await startProcess(10, { ...account, portalId: '2' })
      assert.equal((await other.budget.take(10)).granted, 10)
    }),
  )

  it(
    'P6 what HubSpot refused is given back, also when the month has turned meanwhile',
    inProcesses(async ({ startProcess, clock, counted }) => {
      const { budget } = await startProcess(10)
      const taken = await budget.take(10)
      taken.giveBack(4)
      const again = await budget.take(6)
      assert.equal(again.granted, 4)
      clock.advance(30 * dayMs)
      const inDecember = await budget.take(10)
      assert.equal(inDecember.granted, 10)
      again.giveBack(4)
      assert.equal((await budget.take(1)).granted, 0)
      await budget.close()
      assert.deepEqual([await counted('2026-11'), await counted('2026-12')], [6, 10])
    }),
  )

  const turns: { timeZone: string; before: string; after: string }[] = [
    { timeZone: 'UTC', before: '2026-11-30T23:59:59.999Z', after: '2026-12-01T00:00:00Z' },
    { timeZone: 'Europe/Berlin', before: '2026-11-30T22:59:59.999Z', after: '2026-11-30T23:00:00Z' },
    { timeZone: 'US/Eastern', before: '2026-12-01T04:59:59.999Z', after: '2026-12-01T05:00:00Z' },
    { timeZone: 'Australia/Sydney', before: '2026-11-30T12:59:59.999Z', after: '2026-11-30T13:00:00Z' },
    { timeZone: 'Mars/Olympus', before: '2026-11-30T23:59:59.999Z', after: '2026-12-01T00:00:00Z' },
  ]
  for (const { timeZone, before, after } of turns) {
    it(
      `P6 the month turns in the account's time zone: ${timeZone}`,
      inProcesses(async ({ startProcess, clock }) => {
        const { budget } = await startProcess(5, { ...account, timeZone })
        assert.equal((await budget.take(5)).granted, 5)
        assert.equal((await budget.take(1)).granted, 0)
        clock.advance(Date.parse(after) - Date.parse(before))
        assert.equal((await budget.take(6)).granted, 5)
      }, Date.parse(before)),
    )
  }

  it(
    'P6 a warning is raised at 80 %, once a month, in the log and as a metric',
    inProcesses(async ({ startProcess, clock }) => {
      const { budget, metrics, lines } = await startProcess(10)
      const shown = async () => [
        await metrics.value('tributary_event_completions_used'),
        await metrics.value('tributary_event_completions_budget'),
        await metrics.value('tributary_event_budget_warning'),
      ]
      await budget.take(7)
      assert.deepEqual([await shown(), lines.length], [[7, 10, 0], 0])
      await budget.take(1)
      await budget.take(1)
      assert.deepEqual([await shown(), lines.length], [[9, 10, 1], 1])
      assert.match(lines[0] ?? '', /80 % of the 10 custom event completions of 2026-11/)
      clock.advance(30 * dayMs)
      await budget.take(1)
      assert.deepEqual([await shown(), lines.length], [[1, 10, 0], 1])
    }),
  )

  it('P6 grants nothing that Kafka has not counted, and goes on when it has', async () => {
    let isAway = true
    const log: UsageLog = {
      caughtUp: () => Promise.resolve(),
      ofOthers: () => 0,
      count: () => (isAway ? Promise.reject(new TributaryError('KAFKA_UNAVAILABLE', 'away')) : Promise.resolve()),
    }
    const budget = createEventBudget({ log, limit: 10, clock: manualClock() })
    await budget.open(account)
    const { granted, problem } = await budget.take(2)
    assert.deepEqual([granted, problem?.kind, problem?.code], [0, 'retry', 'HUBSPOT_EVENT_NOT_COUNTED'])
    isAway = false
    assert.equal((await budget.take(2)).granted, 2)
  })

  it(
    'P6 rows of months that are long over are removed',
    inProcesses(async ({ startProcess, clock, counted }) => {
      const { budget } = await startProcess(10)
      await budget.take(5)
      clock.advance(30 * dayMs)
      await budget.take(5)
      assert.equal(await counted('2026-11'), 5)
      clock.advance(31 * dayMs)
      await (await startProcess(10)).budget.take(5)
      assert.deepEqual([await counted('2026-11'), await counted('2026-12')], [0, 5])
    }),
  )
})

const limit = 3_000
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ take: fc.integer({ min: 1, max: 500 }), refused: fc.nat({ max: 500 }) }) },
  { weight: 1, arbitrary: fc.constant('crash' as const) },
  { weight: 1, arbitrary: fc.constant('restart' as const) },
  { weight: 1, arbitrary: fc.record({ days: fc.integer({ min: 1, max: 20 }) }) },
)

describe('the count of custom events', () => {
  it('P6 is never less than what may have been sent, and never lets more be sent than the month has, whatever happens', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 30 }), async steps => {
        const { clock, startProcess, counted, close } = await processes()
        try {
          const sent = new Map<string, number>()
          let crashes = 0
          let running = await startProcess(limit)
          for (const one of steps) {
            if (one === 'crash') {
              crashes += 1
              running = await startProcess(limit)
            } else if (one === 'restart') {
              await running.budget.close()
              running = await startProcess(limit)
            } else if ('days' in one) clock.advance(one.days * dayMs)
            else {
              const month = new Date(clock.now()).toISOString().slice(0, 7)
              const { granted, giveBack } = await running.budget.take(one.take)
              const refused = Math.min(granted, one.refused)
              giveBack(refused)
              sent.set(month, (sent.get(month) ?? 0) + granted - refused)
            }
          }
          const months = [...sent].slice(-2)
          for (const [month, count] of sent) assert.ok(count <= limit, `${count} sent in ${month}`)
          for (const [month, count] of months) assert.ok((await counted(month)) >= count, `${month} counts too few`)
          await running.budget.close()
          if (crashes > 0) return
          for (const [month, count] of months) assert.equal(await counted(month), count, 'counted otherwise than sent')
        } finally {
          await close()
        }
      }),
      { numRuns: 60 },
    )
  })
})
