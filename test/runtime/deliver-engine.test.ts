import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type MemoryDestination, memoryDestination } from '../../services/runtime/deliver/memory.ts'
import type { DeliverySettings } from '../../services/runtime/deliver/settings.ts'
import { delivering, mergedRow, turns } from './delivering.ts'

const started = async (settings: Partial<DeliverySettings> = {}, batchSize = 10) => {
  const harness = await delivering(clock => memoryDestination({ clock, batchSize }), { settings })
  const running = await harness.start()
  return { ...harness, running }
}

const fieldsOf = (destination: MemoryDestination, address: string) =>
  [...destination.records.values()].find(({ addresses }) => addresses.includes(address))?.fields

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
    const { createErasures } = await import('../../services/identity/erasure.ts')
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

describe('a sink under faults', () => {
  it('36 waits as a vendor asks in a storm of 429, loses nothing and keeps the order', async () => {
    const { know, write, done, destination, clock, deadLetters } = await started({}, 5)
    for (let n = 0; n < 20; n++)
      know(`p${n}`, `email:p${n}@example.com`, `memory:contact:${destination.add([`p${n}@example.com`])}`)
    destination.fail({ limitedForMs: 2_000 }, 12)
    const before = clock.now()
    for (let revision = 1; revision <= 3; revision++)
      await write(...Array.from({ length: 20 }, (_, n) => ({ person: `p${n}`, fields: { count: revision }, revision })))
    await done()
    assert.ok(clock.now() - before >= 2_000)
    assert.deepEqual(await deadLetters(), [])
    for (const { fields } of destination.records.values()) assert.deepEqual(fields, { count: 3 })
    assert.deepEqual(destination.collisions, [])
  })

  it('36 opens the breaker after failures in a row, probes with one request, and closes it', async () => {
    const { know, write, done, until, destination, running, deadLetters, metrics } = await started(
      { pause: { failuresToOpen: 3, firstPauseMs: 60_000, longestPauseMs: 600_000 } },
      1,
    )
    for (let n = 0; n < 8; n++)
      know(`p${n}`, `email:p${n}@example.com`, `memory:contact:${destination.add([`p${n}@example.com`])}`)
    destination.fail('reset', 12)
    await write(...Array.from({ length: 8 }, (_, n) => ({ person: `p${n}`, fields: { count: 1 } })))
    await until('the sink is paused', () => running.status().state === 'paused')
    assert.match(running.status().reason ?? '', /DESTINATION_UNREACHABLE/)
    assert.equal(await metrics.value('tributary_sink_paused'), 1)
    await done()
    assert.equal(running.status().state, 'running')
    assert.equal(await metrics.value('tributary_sink_paused'), 0)
    assert.deepEqual(await deadLetters(), [])
    assert.equal(destination.effects.length, 8)
  })

  it('37 sets aside only the write that is refused: neither its batch nor the writes joined with it nor later ones', async () => {
    const { know, write, done, destination, outcomes, deadLetters } = await started()
    for (let n = 0; n < 3; n++) know(`p${n}`, `email:p${n}@example.com`)
    destination.refuse(({ status }) => status === 'poison')
    await write(
      { person: 'p0', fields: { count: 1 }, revision: 1, id: 'other' },
      { person: 'p1', fields: { count: 1 }, revision: 1, id: 'before' },
      { person: 'p1', fields: { count: 2, status: 'poison' }, revision: 2, id: 'culprit' },
      { person: 'p1', fields: { count: 3 }, revision: 3, id: 'after' },
    )
    await done()
    assert.deepEqual(await outcomes(), { other: 'CREATED', before: 'CREATED', culprit: 'REJECTED', after: 'APPLIED' })
    assert.deepEqual(fieldsOf(destination, 'p1@example.com'), { count: 3 })
    const [letter, ...rest] = await deadLetters()
    assert.equal(String(letter?.headers['error.code']), 'VALUE_REFUSED')
    assert.deepEqual(rest, [])
  })

  it('38 a reset after the vendor applied the write has no second effect that differs', async () => {
    const { know, write, done, destination } = await started()
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields: { count: 1 }, fieldsOnCreate: { source: 'zoom' } })
    destination.fail('reset-after-apply', 2, 'send')
    await done()
    assert.equal(destination.records.size, 1)
    assert.deepEqual(fieldsOf(destination, 'ada@example.com'), { count: 1, source: 'zoom' })
    assert.deepEqual(
      destination.requests.map(({ kind }) => kind),
      ['prepare', 'look-up', 'send', 'look-up', 'send', 'send'],
    )
  })

  it('38 after a crash between answer and commit the redo changes nothing', async () => {
    const { know, write, done, until, destination, kafka, outcomes } = await started()
    know('p1', 'email:ada@example.com')
    kafka.failNextCommit('memory')
    await write({ person: 'p1', fields: { count: 1 }, id: 'once' })
    await until('the commit failed and it was done again', async () => (await outcomes())['once'] !== undefined)
    await done()
    assert.equal(destination.records.size, 1)
    assert.equal(destination.effects.length, 2)
    assert.deepEqual(destination.effects[0]?.fields, destination.effects[1]?.fields)
  })

  it('38 what was committed beyond a write that takes long is not sent again after a crash', async () => {
    const { know, write, until, destination, kafka, members, start, receipts, lag } = await started()
    know('p2', 'email:bob@example.com')
    await write({ person: 'p1', fields: { count: 1 } }, { person: 'p2', fields: { count: 1 }, id: 'quick' })
    await until('the second is committed', async () => (await receipts()).length === 1)
    assert.equal(await lag(), 2)
    for (const member of members) kafka.crash(member)
    await start()
    know('p2', 'email:bob@example.com', 'memory:contact:501')
    know('p1', 'email:ada@example.com')
    await until('both are finished', async () => (await lag()) === 0)
    assert.equal(destination.effects.filter(({ record }) => record === '501').length, 1)
  })

  it('39 pauses on a refused token, sets nothing aside, and goes on when it works again', async () => {
    const { know, write, done, until, destination, running, deadLetters, logs } = await started()
    know('p1', 'email:ada@example.com')
    destination.fail('needs-person', 3)
    await write({ person: 'p1', fields: { count: 1 } })
    await until('the sink is paused', () => running.status().state === 'paused')
    assert.match(running.status().reason ?? '', /TOKEN_REFUSED/)
    assert.ok(logs.some(line => line.includes('TOKEN_REFUSED')))
    await done()
    assert.equal(running.status().state, 'running')
    assert.deepEqual(await deadLetters(), [])
    assert.deepEqual(fieldsOf(destination, 'ada@example.com'), { count: 1 })
  })

  it('40 follows a record that the vendor merged, claims both, and remembers it over a restart', async () => {
    const { know, write, done, destination, claims, delivered, running, start } = await started()
    const gone = destination.add(['ada@example.com'])
    const kept = destination.add(['lovelace@example.com'])
    know('p1', 'email:ada@example.com', `memory:contact:${gone}`)
    await write({ person: 'p1', fields: { count: 1, status: 'a' }, revision: 1 })
    await done()
    destination.merge(gone, kept)
    await write({ person: 'p1', fields: { count: 2 }, revision: 2 })
    await done()
    assert.equal(destination.records.get(kept)?.fields['count'], 2)
    assert.deepEqual(
      (await claims()).map(({ kind, aliases }) => [kind, ...aliases]),
      [['MERGE', `memory:contact:${gone}`, `memory:contact:${kept}`]],
    )
    const rows = await delivered()
    assert.equal(rows.get(`memory:contact:${gone}`)?.movedTo, kept)
    assert.equal(rows.get(`memory:contact:${kept}`)?.fields['status']?.revision, 1)
    await running.close()
    await start()
    const requests = destination.requests.length
    await write({ person: 'p1', fields: { count: 3 }, revision: 3 })
    await done()
    assert.deepEqual(
      destination.requests.slice(requests).map(({ kind }) => kind),
      ['prepare', 'send'],
    )
  })

  it('40 does not make a record again that somebody deleted, unless told to', async () => {
    for (const recreateDeleted of [false, true]) {
      const { know, write, done, destination, receipts } = await started({ recreateDeleted })
      const gone = destination.add(['ada@example.com'])
      know('p1', 'email:ada@example.com', `memory:contact:${gone}`)
      destination.remove(gone)
      await write({ person: 'p1', fields: { count: 1 }, revision: 1 })
      await done()
      const [receipt] = await receipts()
      assert.equal(receipt?.outcome, recreateDeleted ? 'CREATED' : 'SKIPPED')
      assert.equal(receipt?.code, recreateDeleted ? null : 'RECORD_DELETED')
      assert.equal(destination.records.size, recreateDeleted ? 1 : 0)
    }
  })

  it('a defect in a destination sets only the culprit aside, after a few attempts alone', async () => {
    const { know, write, done, destination, deadLetters, outcomes } = await started()
    for (let n = 0; n < 3; n++)
      know(`p${n}`, `email:p${n}@example.com`, `memory:contact:${destination.add([`p${n}@example.com`])}`)
    destination.refuse(fields => {
      if (fields['status'] === 'poison') throw new TypeError('a defect')
      return false
    })
    await write(
      { person: 'p0', fields: { count: 1 } },
      { person: 'p1', fields: { status: 'poison' }, id: 'culprit' },
      { person: 'p2', fields: { count: 1 } },
    )
    await done()
    assert.deepEqual(Object.values(await outcomes()).sort(), ['APPLIED', 'APPLIED', 'REJECTED'])
    assert.equal((await outcomes())['culprit'], 'REJECTED')
    assert.equal((await deadLetters()).length, 1)
  })

  it('gives a write up when its time is over, and time in a pause does not count', async () => {
    const { know, write, done, destination, deadLetters, clock } = await started(
      { retryForMs: 60_000, pause: { failuresToOpen: 3, firstPauseMs: 120_000, longestPauseMs: 240_000 } },
      1,
    )
    know('p1', 'email:ada@example.com', `memory:contact:${destination.add(['ada@example.com'])}`)
    destination.fail('reset', 6)
    const before = clock.now()
    await write({ person: 'p1', fields: { count: 1 } })
    await done()
    assert.ok(clock.now() - before > 240_000)
    assert.deepEqual(await deadLetters(), [])
    destination.fail({ limitedForMs: 10_000 }, 20)
    await write({ person: 'p1', fields: { count: 2 }, time: clock.now() })
    await done()
    assert.equal(String((await deadLetters())[0]?.headers['error.code']), 'RATE_LIMITED')
  })

  it('stops before more dead letters than the ceiling, and goes on later', async () => {
    const { know, write, done, until, destination, running, deadLetters, clock } = await started({
      deadLettersPerMinute: 5,
    })
    for (let n = 0; n < 8; n++) know(`p${n}`, `email:p${n}@example.com`)
    destination.refuse(() => true)
    await write(...Array.from({ length: 8 }, (_, n) => ({ person: `p${n}`, fields: { count: 1 } })))
    const before = clock.now()
    await until('the sink is paused', () => running.status().state === 'paused')
    assert.match(running.status().reason ?? '', /DEAD_LETTER_CEILING/)
    assert.equal((await deadLetters()).length, 5)
    await done()
    assert.equal((await deadLetters()).length, 8)
    assert.ok(clock.now() - before >= 60_000)
  })
})

describe('a sink keeps order and bounds', () => {
  it('never has two requests under way for one record, also when two persons share it', async () => {
    const { know, write, done, destination } = await started({}, 3)
    destination.latencyMs = 30
    const shared = destination.add(['ada@example.com', 'lovelace@example.com'])
    know('p1', 'email:ada@example.com', `memory:contact:${shared}`)
    know('p2', 'email:lovelace@example.com', `memory:contact:${shared}`)
    for (let revision = 1; revision <= 20; revision++)
      await write({ person: `p${1 + (revision % 2)}`, fields: { [`count${revision % 2}`]: revision }, revision })
    await done()
    assert.deepEqual(destination.collisions, [])
    assert.deepEqual(destination.records.get(shared)?.fields, { count0: 20, count1: 19 })
  })

  it('holds no more writes than its window when the destination is slow', async () => {
    const { know, write, until, done, destination, running } = await started({ window: 50 }, 10)
    destination.latencyMs = 10_000
    let most = 0
    for (let n = 0; n < 400; n++)
      know(`p${n}`, `email:p${n}@example.com`, `memory:contact:${destination.add([`p${n}@example.com`])}`)
    await write(...Array.from({ length: 400 }, (_, n) => ({ person: `p${n}`, fields: { count: 1 } })))
    await until('all is delivered', () => {
      most = Math.max(most, running.status().window)
      return destination.effects.length === 400
    })
    await done()
    assert.equal(most, 50)
  })

  it('a record that cannot be delivered does not hold up more writes than the window has room for', async () => {
    const { know, write, until, destination, lag, outcomes } = await started({ window: 20 }, 10)
    for (let n = 0; n < 200; n++)
      know(`p${n}`, `email:p${n}@example.com`, `memory:contact:${destination.add([`p${n}@example.com`])}`)
    await write({ person: 'stranger', fields: { count: 1 } })
    await write(...Array.from({ length: 200 }, (_, n) => ({ person: `p${n}`, fields: { count: 1 } })))
    await until('the others are through', async () => Object.keys(await outcomes()).length >= 200)
    assert.equal(destination.effects.length, 200)
    assert.ok((await lag()) >= 0)
  })

  it('after a merge the survivor waits for what is under way for the other', async () => {
    const { know, directory, write, until, done, destination } = await started()
    destination.latencyMs = 500
    know('p1', 'email:ada@example.com')
    know('p2', 'email:lovelace@example.com')
    await write({ person: 'p1', fields: { count: 1 }, time: 1 })
    await until('a request is under way', () => destination.requests.some(({ kind }) => kind === 'send'))
    know('p2', 'email:ada@example.com', 'email:lovelace@example.com')
    directory.apply('person:p1', mergedRow('p2'))
    await write({ person: 'p2', fields: { count: 2 }, time: 2 }, { person: 'p1', fields: { count: 3 }, time: 3 })
    await done()
    assert.equal(destination.records.size, 1)
    assert.deepEqual(fieldsOf(destination, 'ada@example.com'), { count: 3 })
  })

  it('gathers what was delivered to the records of merged persons at the one that is written', async () => {
    const { know, directory, write, done, destination, outcomes, delivered } = await started()
    const first = destination.add(['ada@example.com'])
    const second = destination.add(['lovelace@example.com'])
    know('p1', 'email:ada@example.com', `memory:contact:${first}`)
    know('p2', 'email:lovelace@example.com', `memory:contact:${second}`)
    await write(
      { person: 'p1', fields: { count: 3 }, revision: 3 },
      { person: 'p2', fields: { count: 7 }, revision: 7 },
    )
    await done()
    know(
      'p1',
      'email:ada@example.com',
      `memory:contact:${first}`,
      'email:lovelace@example.com',
      `memory:contact:${second}`,
    )
    directory.apply('person:p2', mergedRow('p1'))
    await write(
      { person: 'p2', fields: { count: 6 }, revision: 6, id: 'older' },
      { person: 'p2', fields: { count: 8 }, revision: 8, id: 'newer' },
    )
    await done()
    const all = await outcomes()
    assert.equal(all['older'], 'STALE')
    assert.equal(all['newer'], 'APPLIED')
    assert.equal(destination.records.get(first)?.fields['count'], 8)
    assert.equal((await delivered()).has(`memory:contact:${second}`), false)
  })

  it('a sink that loses and regains its partition reads what was delivered meanwhile', async () => {
    const { know, write, done, destination, start, running, outcomes, members, kafka } = await started()
    know('p1', 'email:ada@example.com', `memory:contact:${destination.add(['ada@example.com'])}`)
    await write({ person: 'p1', fields: { count: 1 }, revision: 1 })
    await done()
    const other = await start()
    assert.equal(other.status().state, 'standby')
    await running.close()
    await write({ person: 'p1', fields: { count: 2 }, revision: 2 })
    await done()
    assert.equal(other.status().state, 'running')
    for (const member of members) kafka.crash(member)
    await start()
    await write({ person: 'p1', fields: { count: 1 }, revision: 1, id: 'stale' })
    await done()
    assert.equal((await outcomes())['stale'], 'STALE')
    assert.deepEqual(fieldsOf(destination, 'ada@example.com'), { count: 2 })
  })

  it('drains on close: what is under way is finished and committed', async () => {
    const { know, write, until, destination, running, lag, clock } = await started()
    destination.latencyMs = 300
    know('p1', 'email:ada@example.com', `memory:contact:${destination.add(['ada@example.com'])}`)
    await write({ person: 'p1', fields: { count: 1 } })
    await until('the request is under way', () => destination.requests.some(({ kind }) => kind === 'send'))
    const closing = running.close()
    await turns(10)
    clock.advance(300)
    await closing
    assert.equal(await lag(), 0)
    assert.equal(destination.effects.length, 1)
  })

  it('no personal data reaches the log', async () => {
    const { know, write, done, destination, logs } = await started({
      pause: { failuresToOpen: 1, firstPauseMs: 10, longestPauseMs: 10 },
    })
    know('p1', 'email:ada@example.com')
    destination.fail('reset', 2)
    destination.fail('throw', 1)
    await write({ person: 'p1', fields: { lastname: 'Lovelace' } })
    await done()
    assert.ok(logs.length > 0)
    for (const line of logs) assert.doesNotMatch(line, /ada@example|Lovelace/)
  })
})
