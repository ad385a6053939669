import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDeepStrictEqual } from 'node:util'
import type { Consumer, Stream, Table } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { deadLetters, sharedPartitions } from '../../topology/topics.ts'
import { startTestSystem, type TestSystem } from '../system.ts'
import type { Output } from './drive.ts'
import { outsideOf } from './pure.ts'

/** What the laws need of an event. */
interface LawEvent {
  readonly eventId: string
  readonly occurredAt: number
  readonly aliases?: readonly string[]
}

/** The laws of consumers (design.md, Vocabulary), as tests: one `it` each. The events must fit the consumer's input. */
export const checkLaws = (consumer: Consumer, events: readonly LawEvent[]): void => {
  describe(`the laws, on ${consumer.name}`, () => {
    for (const [law, violationsOf] of Object.entries(laws)) {
      it(`K2 ${law}`, async () => assert.deepEqual(await violationsOf(consumer, events), []))
    }
  })
}

/** Each law by what it says; gives what a consumer does against it, nothing when it keeps it. */
export const laws: Readonly<
  Record<string, (consumer: Consumer, events: readonly LawEvent[]) => Promise<readonly string[]>>
> = {
  'the same input has the same output, and nothing else has a part in it': async (consumer, events) => {
    const { watched, violations } = watch(consumer)
    const [once, again] = [await run(watched, events), await run(consumer, events)]
    return [...violations, ...differences('a second run', once, again)]
  },
  'it asks only for what it declares': async (consumer, events) => {
    const declared = new Set(consumer.writes.map(each => (each.kind === 'stream' ? each.name : each.target)))
    const { watched, asked } = watch(consumer)
    const { problems } = await run(watched, events)
    return [...problems, ...[...asked].filter(name => !declared.has(name)).map(name => `asked for ${name}`)]
  },
  'ids do not come from offsets': async (consumer, events) =>
    differences('a topic that held other records', await run(consumer, events), await run(consumer, events, makeNoise)),
  'who is erased is dropped and counted': async (consumer, events) => {
    const { outputs, rows, erased } = await run(consumer, events, erase)
    const named = events.filter(event => aliasOf(consumer, event) !== null).length
    const aliasesOf = consumer.keepsPerKey?.aliasesOf ?? (() => ['the person'])
    const kept = Object.entries(rows).filter(([, row]) => aliasesOf(row as never).length > 0)
    return [
      ...(personal(outputs).length === 0 ? [] : [`asked for ${personal(outputs).length} writes about erased people`]),
      ...kept.map(([key]) => `kept the row ${key}`),
      ...(erased === named ? [] : [`counted ${erased} erased events of ${named}`]),
    ]
  },
  'an event handled twice changes no row and asks for the same again': repetitionViolations,
}

/** What is not about nobody: writes that name no person tell of accounts and the like. */
const personal = (outputs: readonly unknown[]): readonly unknown[] =>
  outputs.filter(output => (output as { readonly person?: unknown }).person !== null)

interface Outcome {
  /** Everything asked for, as records of its topic: with ids, versions and keys. */
  readonly outputs: readonly unknown[]
  readonly rows: Readonly<Record<string, unknown>>
  /** Codes of dead letters that came of the events. */
  readonly problems: readonly string[]
  /** Events counted as erased. */
  readonly erased: number
}

type Preparation = (system: TestSystem, consumer: Consumer, events: readonly LawEvent[]) => Promise<void>

/** Runs the consumer alone in the real runtime, on a Kafka in memory: everybody is known, then the events come in order. */
const run = async (consumer: Consumer, events: readonly LawEvent[], prepare?: Preparation): Promise<Outcome> => {
  const system = await startAlone(consumer)
  try {
    await introduce(system, consumer, events)
    const keys = events.map(event => keyOf(system, consumer, event))
    await prepare?.(system, consumer, events)
    for (const [index, event] of events.entries()) await send(system, consumer, event, keys[index] ?? null)
    return {
      outputs: (await outputRecords(system, consumer)).map(({ value }) => value),
      rows: await rowsOf(system, consumer),
      problems: (await system.records(deadLetters.name)).flatMap(({ headers, value }) =>
        value?.equals(noise) ? [] : [`${headers['error.code']}: ${headers['error.message']}`],
      ),
      erased: await system.metrics.value('tributary_events_total', { consumer: consumer.name, outcome: 'erased' }),
    }
  } finally {
    await system.close()
  }
}

async function repetitionViolations(consumer: Consumer, events: readonly LawEvent[]): Promise<readonly string[]> {
  const system = await startAlone(consumer)
  const violations: string[] = []
  try {
    await introduce(system, consumer, events)
    const handled = async (event: LawEvent): Promise<readonly unknown[]> => {
      const before = new Set((await outputRecords(system, consumer)).map(({ id }) => id))
      await send(system, consumer, event, keyOf(system, consumer, event))
      return (await outputRecords(system, consumer)).flatMap(({ id, value }) => (before.has(id) ? [] : [value]))
    }
    for (const event of events) {
      const first = await handled(event)
      const rows = await rowsOf(system, consumer)
      const second = await handled(event)
      if (!isDeepStrictEqual(second, first)) violations.push(`${event.eventId} asked for something else when repeated`)
      if (!isDeepStrictEqual(await rowsOf(system, consumer), rows))
        violations.push(`${event.eventId} changed a row again`)
    }
    const rows = await rowsOf(system, consumer)
    await system.restart()
    for (const event of events) await handled(event)
    if (!isDeepStrictEqual(await rowsOf(system, consumer), rows))
      violations.push('after a restart, repeats changed rows')
  } finally {
    await system.close()
  }
  return violations
}

const startAlone = (consumer: Consumer): Promise<TestSystem> => startTestSystem({ ...pipeline, consumers: [consumer] })

/** The field that names the person; null for an event about nobody. */
const aliasOf = ({ joins }: Consumer, event: LawEvent): string | null =>
  joins && ((event as unknown as Record<string, string | null>)[joins.by] ?? null)

/** Claims everybody whom the events name. */
const introduce = async (system: TestSystem, consumer: Consumer, events: readonly LawEvent[]): Promise<void> => {
  for (const event of events) {
    const alias = aliasOf(consumer, event)
    if (alias === null) continue
    await system.claim({ id: `${event.eventId}:seen`, time: event.occurredAt, aliases: event.aliases ?? [alias] })
  }
}

const keyOf = (system: TestSystem, consumer: Consumer, event: LawEvent): string | null => {
  const { keyedBy } = consumer.reads
  if (keyedBy !== 'person') return keyedBy(event as never)
  const found = system.pipeline.directory.find(aliasOf(consumer, event) ?? '')
  return found.status === 'known' ? found.person.id : null
}

const send = async (system: TestSystem, { reads }: Consumer, event: LawEvent, key: string | null): Promise<void> => {
  const publisher = await system.kafka.publisher('laws')
  await publisher.publish([{ topic: reads.name, key, value: system.codec.encode(reads as Stream<unknown>, event) }])
  await publisher.close()
  await system.settle()
}

const noise = Buffer.from('noise')

/** Other records before the events, so that all have other offsets. */
const makeNoise: Preparation = async (system, { reads }) => {
  const partitions = reads.partitions === 'one' ? 1 : sharedPartitions
  const records = Array.from({ length: partitions * 3 }, (_, index) => ({
    topic: reads.name,
    partition: index % partitions,
    key: 'noise',
    value: noise,
  }))
  const publisher = await system.kafka.publisher('noise')
  await publisher.publish(records)
  await publisher.close()
  await system.settle()
}

const erase: Preparation = async (system, consumer, events) => {
  for (const event of events) {
    const alias = aliasOf(consumer, event)
    if (alias === null) continue
    const time = system.clock.now()
    await system.claim({ id: `erase:${event.eventId}`, kind: 'ERASE', aliases: event.aliases ?? [alias], time })
  }
}

const outputRecords = async (
  system: TestSystem,
  consumer: Consumer,
): Promise<readonly { readonly id: string; readonly value: unknown }[]> => {
  const streams = new Set(consumer.writes.map(each => (each.kind === 'stream' ? each : each.topic)))
  const records = await Promise.all(
    [...streams].map(async stream =>
      (await system.records(stream.name)).map(({ partition, offset, key, value }) => ({
        id: `${stream.name}/${partition}/${offset}`,
        value: { key: key?.toString(), ...(value && system.codec.decode(stream as Stream<object>, value)) },
      })),
    ),
  )
  return records.flat()
}

const rowsOf = async (system: TestSystem, consumer: Consumer): Promise<Readonly<Record<string, unknown>>> => {
  const table = (consumer.keepsPerPerson ?? consumer.keepsPerKey)?.table as Table<unknown> | undefined
  return table ? Object.fromEntries(await system.rows(table)) : {}
}

const differences = (what: string, one: Outcome, other: Outcome): readonly string[] => [
  ...one.problems,
  ...other.problems,
  ...(one.outputs.length === 0 ? ['nothing was asked for, so nothing was compared'] : []),
  ...(isDeepStrictEqual(one.outputs, other.outputs) ? [] : [`${what} led to other writes`]),
  ...(isDeepStrictEqual(one.rows, other.rows) ? [] : [`${what} led to other rows`]),
]

/** The consumer with its handler under watch: it is called twice with the same input, cut off from clock, chance and network. */
const watch = (consumer: Consumer) => {
  const violations: string[] = []
  const asked = new Set<string>()
  const handle: Consumer['handle'] = input => {
    const [before, copy] = [structuredClone(input), structuredClone(input)]
    const { result, used } = outsideOf(() => consumer.handle(input))
    const again = outsideOf(() => consumer.handle(copy)).result
    for (const name of used) violations.push(`the handler used ${name}`)
    if (!isDeepStrictEqual(again, result)) violations.push('the handler gave two results for one input')
    if (!isDeepStrictEqual(input, before)) violations.push('the handler changed its input')
    for (const output of result.writes as readonly Output[]) {
      asked.add(output.kind === 'emission' ? output.stream : output.target)
    }
    return result
  }
  return { watched: { ...consumer, handle }, violations, asked }
}
