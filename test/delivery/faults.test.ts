import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fieldsOf, started } from '../runtime/delivering-to-memory.ts'

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

  it('38 a value that is set back after its answer was lost is sent, though it equals what was delivered before', async () => {
    const { know, write, done, until, destination } = await started()
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields: { count: 1 }, revision: 1 })
    await done()
    destination.fail('reset-after-apply', 1, 'send')
    await write({ person: 'p1', fields: { count: 2 }, revision: 2 })
    await until('it was applied', () => fieldsOf(destination, 'ada@example.com')?.['count'] === 2)
    await write({ person: 'p1', fields: { count: 1 }, revision: 3 })
    await done()
    assert.deepEqual(fieldsOf(destination, 'ada@example.com'), { count: 1 })
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

  it('39 a probe that was under way when the partition was lost does not keep the sink paused', async () => {
    const { know, write, publishRaw, done, until, destination, running, kafka } = await started()
    know('p1', 'email:ada@example.com')
    destination.latencyMs = 400
    destination.fail('needs-person', 1)
    await write({ person: 'p1', fields: { count: 1 } })
    await until(
      'a probe is under way',
      () => destination.requests.filter(({ kind }) => kind === 'look-up').length === 2,
    )
    kafka.takeOver('memory', 0)
    await publishRaw(Buffer.from('not avro: its dead letter is the commit that finds out'))
    await done()
    assert.equal(running.status().state, 'running')
    assert.equal(destination.records.size, 1)
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

  it('40 does not make a record again that somebody deleted before the directory knew of it', async () => {
    const { know, write, done, destination, receipts } = await started()
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields: { count: 1 }, revision: 1 })
    await done()
    for (const record of destination.records.keys()) destination.remove(record)
    await write({ person: 'p1', fields: { count: 2 }, revision: 2 })
    await done()
    assert.deepEqual(
      (await receipts()).map(({ outcome, code }) => [outcome, code]),
      [
        ['CREATED', null],
        ['SKIPPED', 'RECORD_DELETED'],
      ],
    )
    assert.equal(destination.records.size, 0)
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

  it('a destination that throws at once, before there is a promise, does not open the task again for ever', async () => {
    const { know, write, done, destination, outcomes } = await started()
    const { contact } = destination.objects
    assert.ok(contact?.kind === 'record')
    for (let n = 0; n < 2; n++)
      know(`p${n}`, `email:p${n}@example.com`, `memory:contact:${destination.add([`p${n}@example.com`])}`)
    const send = contact.send.bind(contact)
    Object.assign(contact, {
      send: (inputs: Parameters<typeof send>[0], signal: AbortSignal) => {
        if (inputs.some(({ fields }) => fields['status'] === 'poison')) throw new TypeError('a defect')
        return send(inputs, signal)
      },
    })
    await write({ person: 'p0', fields: { count: 1 } }, { person: 'p1', fields: { status: 'poison' }, id: 'culprit' })
    await done()
    assert.deepEqual(Object.values(await outcomes()).sort(), ['APPLIED', 'REJECTED'])
    assert.equal((await outcomes())['culprit'], 'REJECTED')
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
