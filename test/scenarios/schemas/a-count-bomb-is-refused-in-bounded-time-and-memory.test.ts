/*
 * Guard: services/runtime/avro-bounds.ts
 * -   if (count > tap.buf.length - tap.pos) throw new Error('count exceeds the bytes left')
 * +
 * -   if (counted.items > tap.buf.length) throw new Error('more items than bytes')
 * +
 */
import assert from 'node:assert/strict'
import avsc from 'avsc'
import { webinars } from '../../../topology/topics.ts'
import { registered, webinarNumber } from '../../webinars/events.ts'
import { append, contactServices, lettersIn, openSharedSystem, untilContactsAreQuiet } from '../contact-services.ts'
import { startHere } from '../here.ts'
import { newerWriter } from '../newer-schema.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'

/** Of the time that a record takes which can be read. Believed, each of these bombs takes some thousand times as long. */
const MOST_TIME_RATIO = 200
/** Believed, each of these bombs fills tens of megabytes. */
const MOST_MEMORY_BYTES = 4 * 2 ** 20
const ROUNDS = 21
const ITEMS = 3_000_000

scenario(
  {
    id: '26',
    sentence:
      'a record that claims millions of items is refused in the time and memory of others, and what is behind it goes on',
    faults: 'arrays and maps that claim 3 million items in a few bytes, and items that take no bytes',
  },
  async context => {
    const { settings, cluster, hubspot, registryUrl } = await openSharedSystem(context)
    const ada = registered(['zoom:registrant:ada', 'email:ada@example.com'])
    const good = cluster.codec.encode(webinars, ada)
    const newer = await newerWriter(registryUrl, settings, webinars, fields => [
      ...fields,
      { name: 'padding', type: { type: 'array', items: 'null' }, default: [] },
    ])
    const bombs = {
      'an array': replaced(good, ALIASES, claimed(ITEMS)),
      'an array that tells its size': replaced(good, ALIASES, Buffer.concat([claimed(-ITEMS), long.toBuffer(8)])),
      'a map': replaced(good, NO_ANSWERS, claimed(ITEMS)),
      'items of no bytes': Buffer.concat([newer({ ...ada, padding: [] }).subarray(0, -1), ...manyBlocks(ITEMS)]),
    }
    await cluster.codec.prepare(Object.values(bombs))
    const decode = (bytes: Buffer) => () => cluster.codec.decode(webinars, bytes)
    const usual = costOf(decode(good))
    for (const [name, bytes] of Object.entries(bombs)) {
      assert.throws(decode(bytes), { code: 'UNDECODABLE', errorClass: 'rejected' }, name)
      const { ms, heapBytes } = costOf(decode(bytes))
      assert.ok(ms < usual.ms * MOST_TIME_RATIO, `${name} took ${ms / usual.ms} times as long as a record`)
      assert.ok(heapBytes < usual.heapBytes + MOST_MEMORY_BYTES, `${name} took ${heapBytes} bytes`)
    }

    const { fatal } = await startHere(context, contactServices, settings)
    const records = Object.values(bombs).map(value => ({ topic: webinars.name, key: webinarNumber, value }))
    await append(cluster, records)
    await publishTraffic(cluster, [ada])
    await untilContactsAreQuiet(cluster)
    const letters = await lettersIn(cluster)
    assert.deepEqual(new Set(letters.map(({ code }) => code)), new Set(['UNDECODABLE']))
    assert.equal(letters.length, 2 * records.length, 'one for each consumer')
    assert.equal((await hubspot.contacts()).length, 1)
    assert.deepEqual(fatal, [])
    return { events: records.length + 1, lost: 0, duplicated: 0 }
  },
)

const long = avsc.Type.forSchema('long')
/** The head of a block: so many items, though none follows. */
const claimed = (items: number): Buffer => long.toBuffer(items)

/** In the bytes of the record: the aliases with their count, and the two empty maps of answers before the null participant. */
const ALIASES = Buffer.concat([
  claimed(2),
  avsc.Type.forSchema('string').toBuffer('zoom:registrant:ada'),
  avsc.Type.forSchema('string').toBuffer('email:ada@example.com'),
  claimed(0),
])
const NO_ANSWERS = Buffer.of(0, 0)

const replaced = (record: Buffer, part: Buffer, by: Buffer): Buffer => {
  const at = record.lastIndexOf(part)
  assert.ok(at > 0)
  return Buffer.concat([record.subarray(0, at), by])
}

/** Blocks of items of no bytes, each of no more than there are bytes behind it. */
const manyBlocks = (items: number): readonly Buffer[] => {
  const block = claimed(1_000)
  return [...Array.from({ length: items / 1_000 }, () => block), claimed(0)]
}

/** The median time and the most memory of some calls. */
const costOf = (work: () => unknown): { readonly ms: number; readonly heapBytes: number } => {
  const costs = Array.from({ length: ROUNDS }, () => {
    const heap = process.memoryUsage().heapUsed
    const beganAt = performance.now()
    try {
      work()
    } catch {}
    return { ms: performance.now() - beganAt, heapBytes: process.memoryUsage().heapUsed - heap }
  })
  const times = costs.map(({ ms }) => ms).sort((a, b) => a - b)
  return { ms: times[Math.floor(ROUNDS / 2)] ?? 0, heapBytes: Math.max(...costs.map(({ heapBytes }) => heapBytes)) }
}
