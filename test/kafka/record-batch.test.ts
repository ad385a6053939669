import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decodeRecords } from '../../services/kafka/reading/record-batch.ts'
import { encodeRecord, RecordBatch } from './kafkajs-batches.ts'

const attributesAt = 21
const controlAttribute = 0x20

interface BatchOptions {
  readonly at: number
  readonly producer?: number
  readonly keys: readonly (string | Buffer)[]
  readonly isControl?: boolean
}

/** A batch as a broker stores it, written by kafkajs' encoder. */
const batch = async ({ at, producer, keys, isControl = false }: BatchOptions): Promise<Buffer> => {
  const records = keys.map((key, offsetDelta) => encodeRecord({ key, value: Buffer.from('v'), offsetDelta }))
  const lastOffsetDelta = keys.length - 1
  const inTransaction = producer === undefined ? {} : { producerId: producer, transactional: true }
  const { buffer } = await RecordBatch({ firstOffset: at, records, lastOffsetDelta, ...inTransaction })
  if (isControl) buffer.writeInt16BE(buffer.readInt16BE(attributesAt) | controlAttribute, attributesAt)
  return buffer
}

/** The control record that ends a transaction: its key is a version and a type. */
const marker = (at: number, producer: number, type: 'abort' | 'commit'): Promise<Buffer> =>
  batch({ at, producer, keys: [Buffer.from([0, 0, 0, type === 'abort' ? 0 : 1])], isControl: true })

const data = (at: number, producer: number, ...keys: readonly (string | Buffer)[]): Promise<Buffer> =>
  batch({ at, producer, keys })

const decode = async (
  batches: readonly Promise<Buffer>[],
  aborted: readonly { producerId: number; firstOffset: number }[] = [],
  from = 0,
) => {
  const { records, next } = decodeRecords(
    { partition: 0, aborted, bytes: Buffer.concat(await Promise.all(batches)) },
    'topic',
    from,
  )
  return { keys: records.map(({ key }) => key?.toString('latin1')), next }
}

describe('record batches', () => {
  it('records of an aborted transaction are left out, those before, between and behind it are kept', async () => {
    const found = await decode(
      [
        data(0, 1, 'before'),
        marker(1, 1, 'commit'),
        data(2, 2, 'aborted'),
        batch({ at: 3, keys: ['between'] }),
        marker(4, 2, 'abort'),
        data(5, 2, 'behind'),
        marker(6, 2, 'commit'),
      ],
      [{ producerId: 2, firstOffset: 2 }],
    )
    assert.deepEqual(found, { keys: ['before', 'between', 'behind'], next: 7 })
  })

  it('aborted transactions listed by their ends, as brokers do, are all left out', async () => {
    const found = await decode(
      [
        data(0, 1, 'a1'),
        data(1, 2, 'a2'),
        data(2, 1, 'a3'),
        marker(3, 2, 'abort'),
        data(4, 1, 'a4'),
        marker(5, 1, 'abort'),
      ],
      [
        { producerId: 2, firstOffset: 1 },
        { producerId: 1, firstOffset: 0 },
      ],
    )
    assert.deepEqual(found, { keys: [], next: 6 })
  })

  it('a fetch that begins within two aborted transactions leaves both out from its first record on', async () => {
    const found = await decode(
      [
        data(10, 2, 'a'),
        data(11, 1, 'b'),
        marker(12, 1, 'abort'),
        marker(13, 2, 'abort'),
        batch({ at: 14, keys: ['kept'] }),
      ],
      [
        { producerId: 1, firstOffset: 3 },
        { producerId: 2, firstOffset: 5 },
      ],
      10,
    )
    assert.deepEqual(found, { keys: ['kept'], next: 15 })
  })

  it('a key of four zero bytes does not end an aborted transaction', async () => {
    const zeros = Buffer.alloc(4)
    const found = await decode(
      [
        data(0, 1, zeros, 'still aborted'),
        data(2, 1, 'this too'),
        marker(3, 1, 'abort'),
        data(4, 1, zeros),
        marker(5, 1, 'commit'),
      ],
      [{ producerId: 1, firstOffset: 0 }],
    )
    assert.deepEqual(found, { keys: ['\0\0\0\0'], next: 6 })
  })

  it('records outside a transaction are kept though their producer id is being aborted', async () => {
    const plain = batch({ at: 1, producer: 1, keys: ['plain'] }).then(bytes => {
      bytes.writeInt16BE(0, attributesAt)
      return bytes
    })
    const found = await decode(
      [data(0, 1, 'aborted'), plain, marker(2, 1, 'abort')],
      [{ producerId: 1, firstOffset: 0 }],
    )
    assert.deepEqual(found.keys, ['plain'])
  })

  it('a fetch within a batch begins at the offset asked for', async () => {
    assert.deepEqual(await decode([batch({ at: 5, keys: ['a', 'b', 'c'] })], [], 6), { keys: ['b', 'c'], next: 8 })
  })

  it('a batch that compaction has emptied, and the holes around it, are stepped over', async () => {
    const empty = batch({ at: 20, producer: 1, keys: ['x', 'y'] }).then(bytes => {
      const header = Buffer.from(bytes.subarray(0, 61))
      header.writeInt32BE(61 - 12, 8)
      header.writeInt32BE(0, 57)
      return header
    })
    assert.deepEqual(await decode([empty], [], 7), { keys: [], next: 22 })
  })

  it('a batch that is cut off at the end of the answer is left for the next one', async () => {
    const whole = await batch({ at: 0, keys: ['a'] })
    const cut = (await batch({ at: 1, keys: ['b'] })).subarray(0, -1)
    assert.deepEqual(await decode([Promise.resolve(whole), Promise.resolve(cut)]), { keys: ['a'], next: 1 })
  })

  it('a message format from before Kafka 0.11 is refused', async () => {
    const old = await batch({ at: 0, keys: ['a'] })
    old.writeInt8(1, 16)
    await assert.rejects(decode([Promise.resolve(old)]), { code: 'OLD_MESSAGE_FORMAT' })
  })
})
