import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { OutgoingRecord } from '../../../services/kafka/kafka.ts'
import { hashesOf } from '../../../services/producers/input/hash.ts'
import {
  type Deduplication,
  openDeduplication,
} from '../../../services/producers/segment/deduplication/deduplication.ts'
import { createKnownIds } from '../../../services/producers/segment/deduplication/known-ids.ts'
import { TributaryError } from '../../../services/runtime/errors.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { segmentMessageIds } from '../../../topology/topics.ts'
import { type Cluster, startCluster } from './serving.ts'

const day = 86_400_000
const hour = 3_600_000

describe('S5 the hash of an id', () => {
  it('stays what it is: it lies in Kafka', () => {
    const words = hashesOf(['', 'a', 'web\nnode-next-1795310177397-6566e8f5-585f-48d9-aefe-ae7236447677', 'web\nÄ😀'])
    assert.deepEqual(
      [...words].map(word => word.toString(16).padStart(8, '0')),
      ['5d249671', '86cb5543', '2b4a3d07', '2d990142', 'a3b6b9ac', '542f4e5e', '4b616499', 'a14da2d8'],
    )
  })

  it('sets each bit of half of the ids, and no two of 200,000 like ids have one', () => {
    const count = 200_000
    const words = hashesOf(Array.from({ length: count }, (_, index) => `web\nm-${index}`))
    const seen = new Set<bigint>()
    const ones = new Uint32Array(64)
    for (let index = 0; index < count; index++) {
      const hash = (BigInt(words[index * 2] ?? 0) << 32n) | BigInt(words[index * 2 + 1] ?? 0)
      seen.add(hash)
      for (let bit = 0; bit < 32; bit++) {
        ones[bit] = (ones[bit] ?? 0) + (((words[index * 2] ?? 0) >>> bit) & 1)
        ones[32 + bit] = (ones[32 + bit] ?? 0) + (((words[index * 2 + 1] ?? 0) >>> bit) & 1)
      }
    }
    assert.equal(seen.size, count)
    // Six standard deviations of a fair coin.
    for (const one of ones) assert.ok(Math.abs(one - count / 2) < 6 * Math.sqrt(count / 4), `${one}`)
  })
})

describe('S5 known ids', () => {
  const options = { keptForMs: day, capacity: 1_000 }

  it('know every id for its time and none for much longer, whatever comes in between', () => {
    const steps = fc.array(
      fc.record({ id: fc.integer({ min: 0, max: 25 }), later: fc.integer({ min: 0, max: 3 * hour }) }),
      { maxLength: 400, size: 'max' },
    )
    fc.assert(
      fc.property(steps, given => {
        const known = createKnownIds(options)
        const taken = new Map<number, number>()
        let now = Date.UTC(2026, 0)
        for (const { id, later } of given) {
          now += later
          known.advance(now)
          const hash = hashesOf([`m${id}`])
          const since = now - (taken.get(id) ?? Number.NEGATIVE_INFINITY)
          if (since < day) assert.ok(known.has(hash, 0), `forgotten after ${since} ms`)
          if (since > day + day / 360) assert.ok(!known.has(hash, 0), `known after ${since} ms`)
          if (known.has(hash, 0)) continue
          known.add(hash, 0, now)
          taken.set(id, now)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('never hold more than they may, and let the oldest go first', () => {
    const known = createKnownIds(options)
    const count = 10_000
    const hashes = hashesOf(Array.from({ length: count }, (_, index) => `m${index}`))
    for (let index = 0; index < count; index++) {
      known.add(hashes, index, 1_000 + index)
      assert.ok(known.size() <= options.capacity)
    }
    const held = Array.from({ length: count }, (_, index) => known.has(hashes, index))
    const first = held.indexOf(true)
    assert.ok(held.slice(first).every(Boolean), 'what is held is what came last')
    assert.ok(count - first > options.capacity * 0.95 && known.size() === count - first)
  })

  it('hold as many in one minute as in a day: nothing is let go before there are too many', () => {
    const known = createKnownIds(options)
    const hashes = hashesOf(Array.from({ length: options.capacity }, (_, index) => `m${index}`))
    for (let index = 0; index < options.capacity; index++) known.add(hashes, index, 1_000)
    assert.equal(known.size(), options.capacity)
    assert.ok(Array.from({ length: options.capacity }, (_, index) => known.has(hashes, index)).every(Boolean))
  })

  it('take at most 16 bytes each, and give the memory of the forgotten back', () => {
    const known = createKnownIds({ keptForMs: day, capacity: 50_000_000 })
    const empty = known.bytes()
    const add = (from: number, count: number, now: number): void => {
      const hashes = hashesOf(Array.from({ length: count }, (_, index) => `m${from + index}`))
      for (let index = 0; index < count; index++) known.add(hashes, index, now)
    }
    for (let from = 0; from < 400_000; from += 50_000) {
      add(from, 50_000, 1_000)
      if (from >= 150_000) assert.ok(known.bytes() / known.size() <= 16, `${known.bytes() / known.size()}`)
    }
    const grown = hashesOf(Array.from({ length: 400_000 }, (_, index) => `m${index}`))
    for (let index = 0; index < 400_000; index++) assert.ok(known.has(grown, index), 'lost while the table grew')
    add(1_000_000, 100_000, 1_000 + 2 * day)
    assert.equal(known.size(), 100_000)
    add(2_000_000, 100_000, 1_000 + 2 * day)
    assert.ok(known.bytes() < 200_000 * 16 + empty, `${known.bytes()}`)
  })

  it('count an id that comes again within its time once', () => {
    const known = createKnownIds(options)
    for (const now of [1_000, 2_000]) known.add(hashesOf(['m']), 0, now)
    assert.equal(known.size(), 1)
  })
})

interface Opened {
  readonly deduplication: Deduplication
  readonly logged: readonly string[]
  refuse(yes: boolean): void
}

const open = async ({ kafka, codec, clock }: Cluster): Promise<Opened> => {
  const logged: string[] = []
  const log = createLogger({ level: 'trace', write: line => logged.push(line) })
  const real = await kafka.publisher('ingest')
  let refused = false
  const publish = (records: readonly OutgoingRecord[]) =>
    refused
      ? Promise.reject(new TributaryError('KAFKA_UNAVAILABLE', 'It is away.', { errorClass: 'retryable' }))
      : real.publish(records)
  const deduplication = await openDeduplication({
    ...{ kafka, codec, clock, log, publisher: { publish } },
    onFatal: error => assert.fail(error),
  })
  return {
    deduplication,
    logged,
    refuse: yes => {
      refused = yes
    },
  }
}

const all = ['1', '2', '3'].map(id => `web\n${id}`)
const taken: (readonly number[])[] = []
const publish = (fresh: readonly number[]): Promise<void> => {
  taken.push(fresh)
  return Promise.resolve()
}
const failing = (): Promise<never> => Promise.reject(new TypeError('not acknowledged'))
const idle = async ({ kafka, clock }: Cluster, ms = 100): Promise<void> => {
  await kafka.idle()
  clock.advance(ms)
  await kafka.idle()
}

describe('S5 each message once', () => {
  it('publishes what is new, once within a call too', async () => {
    const { deduplication } = await open(await startCluster())
    taken.length = 0
    assert.equal(await deduplication.once([...all, ...all], publish), 3)
    assert.equal(await deduplication.once(all, () => assert.fail('published again')), 0)
    assert.equal(await deduplication.once([...all, 'web\n4'], publish), 1)
    assert.deepEqual(taken, [[0, 1, 2], [3]])
    await deduplication.close()
  })

  it('never knows an id whose publish failed, whatever calls there were', async () => {
    const call = fc.record({
      ids: fc.array(fc.integer({ min: 0, max: 12 }), { maxLength: 6 }),
      fails: fc.boolean(),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(call, { maxLength: 4, size: 'max' }), { maxLength: 8, size: 'max' }),
        async rounds => {
          const cluster = await startCluster()
          const { deduplication } = await open(cluster)
          const acknowledged = new Set<string>()
          for (const calls of rounds) {
            await Promise.all(
              calls.map(async ({ ids, fails }) => {
                const names = ids.map(id => `web\n${id}`)
                const done = deduplication.once(names, async fresh => {
                  assert.ok(fresh.length > 0)
                  for (const index of fresh) assert.ok(!acknowledged.has(names[index] ?? ''), 'published twice')
                  await Promise.resolve()
                  if (fails) throw new TypeError('not acknowledged')
                  for (const index of fresh) acknowledged.add(names[index] ?? '')
                })
                const outcome = await done.catch(error => error)
                // What is answered as done is with Kafka, every message of it.
                if (typeof outcome === 'number') for (const name of names) assert.ok(acknowledged.has(name), name)
              }),
            )
          }
          assert.equal(deduplication.known().ids, acknowledged.size)
          await deduplication.close()
          const later = await open(cluster)
          assert.equal(later.deduplication.known().ids, acknowledged.size)
          await later.deduplication.close()
        },
      ),
      { numRuns: 60 },
    )
  })

  it('lets calls with an id that is being published share its outcome', async () => {
    const { deduplication } = await open(await startCluster())
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const first = deduplication.once(all.slice(0, 2), () => promise)
    let shared: unknown
    const second = deduplication.once(all.slice(1), publish).then(
      count => {
        shared = count
      },
      error => {
        shared = error
      },
    )
    await new Promise(setImmediate)
    assert.equal(shared, undefined, 'it waits for the message that another call publishes')
    const error = new TypeError('not acknowledged')
    reject(error)
    resolve()
    await assert.rejects(first, error)
    await second
    assert.equal(shared, error)
    assert.equal(await deduplication.once(all, publish), 2, 'the third is known, the failed ones are not')
    await deduplication.close()
  })
})

describe('S5 what was taken survives restarts', () => {
  it('ids are appended within 0.1 s, joined, and known to who starts later', async () => {
    const cluster = await startCluster()
    const first = await open(cluster)
    for (const id of all) await first.deduplication.once([id], publish)
    await idle(cluster)
    const records = await cluster.decoded(segmentMessageIds)
    assert.deepEqual(
      records.map(({ hashes }) => hashes.length),
      [24],
    )
    // Not closed: a process that was killed.
    const second = await open(cluster)
    assert.equal(await second.deduplication.once(all, () => assert.fail('published again')), 0)
    await second.deduplication.close()
    await first.deduplication.close()
  })

  it('ids that were not appended yet are when it closes', async () => {
    const cluster = await startCluster()
    const first = await open(cluster)
    await first.deduplication.once(all, publish)
    await first.deduplication.close()
    const second = await open(cluster)
    assert.equal(second.deduplication.known().ids, 3)
    await second.deduplication.close()
  })

  it('a process that runs knows what another one takes', async () => {
    const cluster = await startCluster()
    const [first, second] = [await open(cluster), await open(cluster)]
    await first.deduplication.once(all, publish)
    await idle(cluster)
    assert.equal(await second.deduplication.once(all, () => assert.fail('published again')), 0)
    await first.deduplication.close()
    await second.deduplication.close()
  })

  it('a failed call leaves nothing in the topic', async () => {
    const cluster = await startCluster()
    const { deduplication } = await open(cluster)
    await assert.rejects(deduplication.once(all, failing))
    await deduplication.close()
    assert.deepEqual(await cluster.stored(segmentMessageIds.name), [])
  })

  it('what is a day old is not known any more, here and after a restart', async () => {
    const cluster = await startCluster()
    const first = await open(cluster)
    await first.deduplication.once(all, publish)
    await idle(cluster, day - 1)
    assert.equal(await first.deduplication.once(all, () => assert.fail('published again')), 0)
    cluster.clock.advance(day / 360)
    assert.equal(await first.deduplication.once([all[0] ?? ''], publish), 1)
    await first.deduplication.close()
    const second = await open(cluster)
    assert.equal(second.deduplication.known().ids, 1)
    await second.deduplication.close()
  })

  it('ids that Kafka does not take wait and are appended when it does', async () => {
    const cluster = await startCluster()
    const { deduplication, refuse } = await open(cluster)
    refuse(true)
    await deduplication.once(all, publish)
    await idle(cluster)
    await idle(cluster, 1_000)
    assert.deepEqual(await cluster.stored(segmentMessageIds.name), [])
    refuse(false)
    await idle(cluster, 1_000)
    assert.equal((await cluster.decoded(segmentMessageIds))[0]?.hashes.length, 24)
    await deduplication.close()
  })

  it('a foreign record in the topic is passed over, and said', async () => {
    const cluster = await startCluster()
    const publisher = await cluster.kafka.publisher('other')
    for (const value of [Buffer.from('foreign'), null])
      await publisher.publish([{ topic: segmentMessageIds.name, key: 'x', value }])
    const { deduplication, logged } = await open(cluster)
    assert.equal(deduplication.known().ids, 0)
    assert.equal(logged.filter(line => line.includes('UNDECODABLE')).length, 1)
    await deduplication.close()
  })
})
