import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { at, batchOf, readAnything, withBody } from '../targets/record-batch.ts'

const records = [{ key: 'a', value: Buffer.from('value') }]

describe('record batches', () => {
  for (const length of [-12, -13, 0, 48, -(2 ** 31)]) {
    it(`a batch that says to be ${length} bytes long made reading go on for ever`, async () => {
      const batch = await batchOf(records)
      batch.writeInt32BE(length, at.length)
      assert.equal(readAnything(batch), undefined)
      // As compaction leaves one, without records: nothing in it shows that it is broken.
      batch.writeInt32BE(0, at.count)
      assert.equal(readAnything(batch), undefined)
    })
  }

  it('a record of a negative length was read again and again, each time as a new one, until memory was used up', async () => {
    const batch = await batchOf(records)
    // The length 1 byte: -1, so that the record ends where it begins.
    batch[at.records] = 1
    batch.writeInt32BE(2 ** 31 - 1, at.count)
    assert.equal(readAnything(batch), undefined)
  })

  it('a value that says to be longer than its batch was cut in silence', async () => {
    const batch = await batchOf(records)
    const value = batch.indexOf('value') - 1
    batch[value] = 0x7e
    assert.equal(readAnything(batch), undefined)
  })

  it('offsets beyond all numbers made a group go on from there', async () => {
    for (const first of [2n ** 62n, -5n, 2n ** 53n - 1n]) {
      const batch = await batchOf(records)
      batch.writeBigInt64BE(first, 0)
      assert.equal(readAnything(batch), undefined)
    }
  })

  it('a timestamp that no date can hold broke whoever printed it', async () => {
    for (const time of [2n ** 62n, -(2n ** 63n)]) {
      const batch = await batchOf(records)
      batch.writeBigInt64BE(time, 27)
      const [record] = readAnything(batch)?.records ?? []
      assert.ok(record)
      assert.doesNotThrow(() => new Date(record.timestamp).toISOString())
    }
  })

  it('a long literal of negative length made snappyjs read the same element for ever', async () => {
    // The tag of a literal with a length of four bytes, and -5: back to the tag.
    const block = Buffer.from([100, 63 << 2, 0xfa, 0xff, 0xff, 0xff, 0, 0, 0, 0])
    assert.equal(readAnything(withBody(await batchOf(records), 'snappy', block)), undefined)
  })

  it('a Snappy block of ten bytes made room for four gigabytes', async () => {
    const block = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0, 0])
    assert.equal(readAnything(withBody(await batchOf(records), 'snappy', block)), undefined)
  })

  it('an LZ4 frame of some bytes kept lz4js copying two billion', async () => {
    const stored = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x40, 0x70, 0, 0xff, 0xff, 0xff, 0xff, 1, 2, 3])
    assert.equal(readAnything(withBody(await batchOf(records), 'lz4', stored)), undefined)
    const sized = Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x48, 0x70, 0, 0, 0, 0x7f, 0, 0, 0, 0, 0, 0, 0, 0, 0])
    assert.equal(readAnything(withBody(await batchOf(records), 'lz4', sized)), undefined)
  })

  it('a compressed body that is none was thrown as an error without a code', async () => {
    for (const codec of ['gzip', 'snappy', 'lz4', 'zstd'] as const)
      assert.equal(readAnything(withBody(await batchOf(records), codec, Buffer.from('no such thing'))), undefined)
  })

  it('a number of too many bytes was taken for another one', async () => {
    const batch = await batchOf(records)
    const body = Buffer.concat([Buffer.alloc(12, 0x80), Buffer.from([1]), batch.subarray(at.records + 1)])
    assert.equal(readAnything(withBody(batch, 'none', body)), undefined)
  })
})
