import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createErasures } from '../../services/identity/erasure.ts'
import { fieldsOf, started } from '../runtime/delivering-to-memory.ts'
import { mergedRow, turns } from './delivering.ts'

describe('a sink delivers', () => {
  it('creates a record once, with the fields for new records, and claims it for the person', async () => {
    const { know, write, done, destination, outcomes, claims, delivered } = await started()
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields: { count: 1 }, fieldsOnCreate: { source: 'zoom' }, id: 'first' })
    await done()
    assert.deepEqual(fieldsOf(destination, 'ada@example.com'), { count: 1, source: 'zoom' })
    assert.deepEqual(await outcomes(), { first: 'CREATED' })
    const [claim] = await claims()
    assert.deepEqual(claim?.aliases, ['email:ada@example.com', 'memory:contact:501'])
    assert.equal(claim?.kind, 'SEEN')
    assert.equal((await delivered()).get('memory:contact:501')?.person, 'p1')
  })

  it('looks a person up by every address, and writes a known record without looking', async () => {
    const { know, write, done, destination } = await started()
    destination.add(['work@example.com', 'ada@example.com'])
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields: { count: 1 } })
    await done()
    know('p1', 'email:ada@example.com', 'memory:contact:501')
    await write({ person: 'p1', fields: { count: 2 } })
    await done()
    assert.equal(destination.records.size, 1)
    assert.deepEqual(
      destination.requests.map(({ kind }) => kind),
      ['prepare', 'look-up', 'send', 'send'],
    )
  })

  it('does not look up again before the directory shows the claim', async () => {
    const { know, write, done, destination, claims } = await started()
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields: { count: 1 } })
    await done()
    await write({ person: 'p1', fields: { count: 2 }, time: Date.parse('2026-03-04T14:59:30Z') })
    await done()
    assert.equal(destination.requests.filter(({ kind }) => kind === 'look-up').length, 1)
    assert.equal((await claims()).length, 1)
  })

  it('skips a write that may not create, and says why', async () => {
    const { know, write, done, destination, receipts } = await started()
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields: { count: 1 }, createIfMissing: false })
    await done()
    const [receipt] = await receipts()
    assert.equal(receipt?.outcome, 'SKIPPED')
    assert.equal(receipt?.code, 'RECORD_MISSING')
    assert.equal(destination.records.size, 0)
  })

  it('joins the writes of one record that wait, and gives each its receipt', async () => {
    const { know, write, done, destination, outcomes } = await started()
    know('p1', 'email:ada@example.com')
    destination.latencyMs = 50
    await write({ person: 'p1', fields: { count: 1, status: 'a' }, revision: 1, id: 'one' })
    await write(
      { person: 'p1', fields: { count: 2 }, revision: 2, id: 'two' },
      { person: 'p1', fields: { count: 3, status: 'b' }, revision: 3, id: 'three' },
    )
    await done()
    assert.deepEqual(fieldsOf(destination, 'ada@example.com'), { count: 3, status: 'b' })
    const all = await outcomes()
    assert.equal(all['two'], 'STALE')
    assert.ok(destination.effects.length <= 2)
  })

  it('fills batches under load, and lets a single write go at once', async () => {
    const { know, write, done, destination } = await started({}, 100)
    destination.latencyMs = 20
    for (let n = 0; n < 1000; n++)
      know(`p${n}`, `email:p${n}@example.com`, `memory:contact:${destination.add([`p${n}@example.com`])}`)
    await write({ person: 'p0', fields: { count: 1 }, revision: 1 })
    await turns(20)
    assert.deepEqual(destination.requests.at(-1), { kind: 'prepare', inputs: 0 })
    await done()
    assert.deepEqual(destination.requests.at(-1), { kind: 'send', inputs: 1 })
    await write(...Array.from({ length: 1000 }, (_, n) => ({ person: `p${n}`, fields: { count: 2 }, revision: 2 })))
    await done()
    const sends = destination.requests.filter(({ kind }) => kind === 'send').length - 1
    assert.ok(sends <= 12, `${sends} requests for 1,000 writes`)
    assert.ok(destination.peak <= destination.concurrency)
  })

  it('gathers what trickles in while a request is under way', async () => {
    const { know, write, until, done, destination } = await started()
    for (let n = 0; n <= 8; n++)
      know(`p${n}`, `email:p${n}@example.com`, `memory:contact:${destination.add([`p${n}@example.com`])}`)
    destination.latencyMs = 50
    await write({ person: 'p0', fields: { count: 1 } })
    await until('the first is under way', () => destination.requests.some(({ kind }) => kind === 'send'))
    for (let n = 1; n <= 8; n++) {
      await write({ person: `p${n}`, fields: { count: 1 } })
      await turns(5)
    }
    await done()
    assert.deepEqual(
      destination.requests.map(({ inputs }) => inputs),
      [0, 1, 8],
    )
  })

  it('holds the writes of a person that the directory does not know yet', async () => {
    const { know, write, destination, outcomes, until, done } = await started()
    await write({ person: 'p1', fields: { count: 1 }, id: 'early' })
    await turns(50)
    assert.deepEqual(await outcomes(), {})
    know('p1', 'email:ada@example.com')
    await until('it is delivered', async () => (await outcomes())['early'] === 'CREATED')
    await done()
    assert.equal(destination.records.size, 1)
  })

  it('sets a write aside whose person never appears', async () => {
    const { write, done, deadLetters, receipts } = await started({ personWaitMs: 5_000 })
    await write({ person: 'nobody', fields: { count: 1 }, id: 'lost' })
    await done()
    const [letter] = await deadLetters()
    assert.equal(letter?.headers['error.code']?.toString(), 'PERSON_UNKNOWN')
    assert.equal(letter?.headers['error.write-id']?.toString(), 'lost')
    assert.deepEqual(
      (await receipts()).map(({ outcome, code }) => [outcome, code]),
      [['REJECTED', 'PERSON_UNKNOWN']],
    )
  })

  it('drops the writes of an erased person', async () => {
    const { know, directory, write, done, destination, outcomes } = await started()
    know('p1', 'email:ada@example.com')
    directory.apply(createErasures('secret').keyOf('person:p1'), {
      ...mergedRow(''),
      kind: 'ERASED',
      person: null,
      erased: 1,
    })
    directory.apply('person:p1', null)
    await write({ person: 'p1', fields: { count: 1 }, id: 'late' })
    await done()
    assert.deepEqual(await outcomes(), { late: 'ERASED' })
    assert.equal(destination.records.size, 0)
  })

  it('refuses what is no SET, and foreign bytes, without holding up the rest', async () => {
    const { know, write, publishRaw, done, deadLetters, destination } = await started()
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields: {}, operation: 'APPEND' }, { person: 'p1', fields: {}, object: 'deal' })
    await publishRaw(Buffer.from('not avro'))
    await write({ person: 'p1', fields: { count: 1 } })
    await done()
    const codes = (await deadLetters()).map(({ headers }) => String(headers['error.code']))
    assert.deepEqual(codes.sort(), ['OPERATION_UNSUPPORTED', 'OPERATION_UNSUPPORTED', 'UNDECODABLE'])
    assert.deepEqual(fieldsOf(destination, 'ada@example.com'), { count: 1 })
  })

  it('sends nothing for values that are there, yet moves the version on', async () => {
    const { know, write, done, destination, outcomes, delivered } = await started()
    know('p1', 'email:ada@example.com', `memory:contact:${destination.add(['ada@example.com'])}`)
    await write({ person: 'p1', fields: { count: 1 }, revision: 1 })
    await done()
    await write(
      { person: 'p1', fields: { count: 1 }, revision: 5, id: 'same' },
      { person: 'p1', fields: { count: 9 }, revision: 4, id: 'old' },
    )
    await done()
    const all = await outcomes()
    assert.equal(all['same'], 'UNCHANGED')
    assert.equal(all['old'], 'STALE')
    assert.equal(destination.effects.length, 1)
    assert.equal((await delivered()).get('memory:contact:501')?.fields['count']?.revision, 5)
  })
})
