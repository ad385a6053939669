import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryDestination } from '../../services/delivery/memory.ts'
import type { DeliverySettings } from '../../services/delivery/settings.ts'
import { hubspotEvents, hubspotEventsReplay } from '../../topology/topics.ts'
import { delivering, mergedRow, turns, type WriteFacts } from './delivering.ts'

const waitForRecordMs = 600_000

const joined = (facts: Partial<WriteFacts> = {}): WriteFacts => ({
  person: 'p1',
  object: 'joined',
  operation: 'APPEND',
  once: 'joined:w1:r-ada',
  at: 1_000,
  fields: { webinar: 'w1' },
  ...facts,
})

/** A sink of what belongs to contacts, or to leads when there is no contact. */
const startedWaiting = async (
  facts: { readonly waitForRecordMs?: number; readonly settings?: Partial<DeliverySettings> } = {},
) => {
  const of = ['contact', 'lead']
  const dependent = { of, waitForRecordMs: facts.waitForRecordMs ?? waitForRecordMs }
  const dependents = { joined: { kind: 'appended', ...dependent }, task: { kind: 'keyed', ...dependent } } as const
  const harness = await delivering(clock => memoryDestination({ clock, dependents }), {
    settings: facts.settings ?? {},
  })
  const running = await harness.start()
  const lookUps = () => harness.destination.requests.filter(({ kind }) => kind === 'look-up')
  return { ...harness, running, lookUps }
}

describe('what belongs to a record', () => {
  it('finds the record by a look-up, claims it, and shares the look-up with what else the person has', async () => {
    const { know, write, done, destination, claims, lookUps } = await startedWaiting()
    destination.add(['ada@example.com'], {}, 'lead')
    const contact = destination.add(['ada@example.com'])
    know('p1', 'email:ada@example.com')
    await write(joined(), { person: 'p1', object: 'task', key: 'k', fields: { status: 'a' } })
    await done()
    assert.deepEqual(lookUps(), [{ kind: 'look-up', inputs: 1 }])
    assert.deepEqual(
      destination.puts.map(({ of }) => of),
      [
        { object: 'contact', id: contact },
        { object: 'contact', id: contact },
      ],
    )
    assert.deepEqual(
      (await claims()).map(({ aliases }) => aliases),
      [['email:ada@example.com', `memory:contact:${contact}`]],
    )
  })

  it('takes the lead of a person without a contact', async () => {
    const { know, write, done, destination, lookUps } = await startedWaiting()
    const lead = destination.add(['ada@example.com'], {}, 'lead')
    know('p1', 'email:ada@example.com', `memory:lead:${lead}`)
    await write(joined())
    await done()
    assert.deepEqual(destination.puts[0]?.of, { object: 'lead', id: lead })
    assert.deepEqual(lookUps(), [])
  })

  it('writes no row for a record that it only belongs to', async () => {
    const { know, write, done, destination, delivered } = await startedWaiting()
    destination.add(['ada@example.com'])
    know('p1', 'email:ada@example.com')
    await write(joined())
    await done()
    assert.deepEqual([...(await delivered()).keys()], ['memory:joined:joined:w1:r-ada'])
  })

  it('waits for the contact that another lane of its sink makes, and goes at once when it is there', async () => {
    const { know, write, until, done, destination, outcomes, clock } = await startedWaiting()
    know('p1', 'email:ada@example.com')
    await write(joined({ id: 'event' }))
    await until('it was looked for', () => destination.requests.length >= 2)
    const before = clock.now()
    await write({ person: 'p1', fields: { count: 1 }, id: 'contact' })
    await done()
    assert.deepEqual(await outcomes(), { contact: 'CREATED', event: 'CREATED' })
    assert.ok(clock.now() - before < 1_000, `${clock.now() - before} ms`)
  })

  it('goes when the person’s row shows the record that another process made', async () => {
    const { know, write, until, done, destination, outcomes, clock, lookUps } = await startedWaiting()
    know('p1', 'email:ada@example.com')
    await write(joined({ id: 'event' }))
    await until('it was looked for', () => destination.requests.length >= 2)
    const before = clock.now()
    know('p1', 'email:ada@example.com', `memory:contact:${destination.add(['other@example.com'])}`)
    await done()
    assert.deepEqual(await outcomes(), { event: 'CREATED' })
    assert.ok(clock.now() - before < 1_000)
    assert.equal(lookUps().length, 1)
  })

  it('looks again soon when the person’s row changes, and is not made to ask the vendor at each change', async () => {
    const { know, write, until, done, destination, outcomes, clock, lookUps } = await startedWaiting()
    know('p1', 'email:ada@example.com')
    await write(joined({ id: 'event' }))
    await until('it was looked for', () => destination.requests.length >= 2)
    await turns(20)
    for (let n = 0; n < 30; n++) {
      know('p1', 'email:ada@example.com', `email:ada${n}@example.com`)
      await turns(2)
    }
    assert.equal(lookUps().length, 1)
    destination.add(['ada29@example.com'])
    const before = clock.now()
    await done()
    assert.deepEqual(await outcomes(), { event: 'CREATED' })
    assert.ok(clock.now() - before <= 1_100)
  })

  it('looks again at growing pauses, at last when its time is over, and is then skipped', async () => {
    const { know, write, done, receipts, clock, lookUps } = await startedWaiting()
    know('p1', 'email:ada@example.com')
    const before = clock.now()
    await write(joined())
    await done()
    const [receipt] = await receipts()
    assert.deepEqual([receipt?.outcome, receipt?.code], ['SKIPPED', 'RECORD_MISSING'])
    const waited = clock.now() - before
    assert.ok(waited >= waitForRecordMs && waited < waitForRecordMs + 2_000, `${waited} ms`)
    assert.ok(lookUps().length >= 10 && lookUps().length <= 20, `${lookUps().length} look-ups`)
  })

  it('finds a record that appeared just before its time is over', async () => {
    const { know, write, until, done, destination, outcomes, clock } = await startedWaiting()
    know('p1', 'email:ada@example.com')
    const end = clock.now() + waitForRecordMs
    await write(joined({ id: 'event' }))
    await until('its time is nearly over', () => clock.now() > end - 90_000)
    destination.add(['ada@example.com'])
    await done()
    assert.deepEqual(await outcomes(), { event: 'CREATED' })
  })

  it('is skipped at once where nobody makes the record', async () => {
    const { know, write, done, receipts, clock, lookUps } = await startedWaiting({ waitForRecordMs: 0 })
    know('p1', 'email:ada@example.com')
    const before = clock.now()
    await write(joined())
    await done()
    assert.equal((await receipts())[0]?.code, 'RECORD_MISSING')
    assert.ok(clock.now() - before < 100)
    assert.equal(lookUps().length, 1)
  })

  it('is skipped at once when there is nothing to look the person up by', async () => {
    const { know, write, done, receipts, clock } = await startedWaiting()
    know('p1', 'user:42')
    const before = clock.now()
    await write(joined())
    await done()
    const [receipt] = await receipts()
    assert.deepEqual([receipt?.outcome, receipt?.code], ['SKIPPED', 'NO_ADDRESS'])
    assert.ok(clock.now() - before < 100)
  })

  it('time in a pause does not count', async () => {
    const { know, write, until, done, destination, outcomes, clock, running } = await startedWaiting({
      settings: { pause: { failuresToOpen: 1, firstPauseMs: 3_600_000, longestPauseMs: 3_600_000 } },
    })
    know('p1', 'email:ada@example.com')
    destination.fail('reset', 1, 'look-up')
    await write(joined({ id: 'event' }))
    await until('the sink is paused', () => running.status().state === 'paused')
    const before = clock.now()
    await until('the sink delivers again', () => running.status().state === 'running')
    assert.ok(clock.now() - before > waitForRecordMs)
    assert.deepEqual(await outcomes(), {})
    await write({ person: 'p1', fields: { count: 1 }, id: 'contact' })
    await done()
    assert.equal((await outcomes())['event'], 'CREATED')
  })

  it('keeps a place of its own while it waits: others go on, and are not done again after a crash', async () => {
    const { know, write, until, destination, outcomes, members, kafka, start, lag, running } = await startedWaiting({
      settings: { window: 10 },
    })
    for (let n = 0; n < 100; n++) know(`p${n}`, `email:p${n}@example.com`)
    const waiting = Array.from({ length: 30 }, (_, n) => joined({ person: `p${n}`, once: `joined:w1:${n}` }))
    await write(...waiting)
    const others = Array.from({ length: 60 }, (_, n) => ({ person: `p${40 + n}`, fields: { count: 1 } }))
    await write(...others)
    await until('the others are through', async () => Object.keys(await outcomes()).length === 60)
    assert.equal(await lag(), 90)
    assert.equal(running.status().window, 30)
    for (const member of members.splice(0)) kafka.crash(member)
    await start()
    await write(...Array.from({ length: 30 }, (_, n) => ({ person: `p${n}`, fields: { count: 1 } })))
    await until('all is done', async () => (await lag()) === 0)
    assert.equal(destination.effects.length, 120)
  })

  it('follows a person who is merged while it waits', async () => {
    const { know, directory, write, until, done, destination, outcomes } = await startedWaiting()
    know('p1', 'email:ada@example.com')
    await write(joined({ id: 'event' }))
    await until('it was looked for', () => destination.requests.length >= 2)
    const contact = destination.add(['grace@example.com'])
    know('p2', 'email:grace@example.com', `memory:contact:${contact}`, 'email:ada@example.com')
    directory.apply('person:p1', mergedRow('p2'))
    await done()
    assert.deepEqual(await outcomes(), { event: 'CREATED' })
    assert.deepEqual([destination.puts[0]?.person.id, destination.puts[0]?.of.id], ['p2', contact])
  })
})

describe('a record that is gone', () => {
  it('K4 a lead that was converted: both are claimed as one, and the contact is remembered over a restart', async () => {
    const { know, write, done, destination, claims, delivered, outcomes, running, start } = await startedWaiting()
    const lead = destination.add(['ada@example.com'], {}, 'lead')
    const contact = destination.add(['lovelace@example.com'])
    know('p1', 'email:ada@example.com', `memory:lead:${lead}`)
    destination.merge(lead, contact)
    await write(joined({ id: 'event' }))
    await done()
    assert.deepEqual(await outcomes(), { event: 'CREATED' })
    assert.deepEqual(
      destination.puts.map(({ of }) => of),
      [
        { object: 'lead', id: lead },
        { object: 'contact', id: contact },
      ],
    )
    assert.deepEqual(
      (await claims()).map(({ kind, aliases }) => [kind, ...aliases]),
      [['MERGE', `memory:lead:${lead}`, `memory:contact:${contact}`]],
    )
    assert.equal((await delivered()).get(`memory:lead:${lead}`)?.movedTo, `memory:contact:${contact}`)
    await running.close()
    await start()
    await write(joined({ once: 'joined:w2:r-ada' }))
    await done()
    assert.deepEqual(destination.puts.at(-1)?.of, { object: 'contact', id: contact })
    assert.equal(destination.puts.length, 3)
  })

  it('a contact that was merged keeps what was delivered to it for the lane that writes it', async () => {
    const { know, write, done, destination, delivered, outcomes } = await startedWaiting()
    const [gone, kept] = [destination.add(['ada@example.com']), destination.add(['lovelace@example.com'])]
    know('p1', 'email:ada@example.com', `memory:contact:${gone}`)
    await write({ person: 'p1', fields: { count: 5, note: 'a' }, revision: 5 })
    await done()
    destination.merge(gone, kept)
    await write(joined())
    await done()
    assert.equal((await delivered()).get(`memory:contact:${gone}`)?.fields['count']?.revision, 5)
    await write({ person: 'p1', fields: { count: 4 }, revision: 4, id: 'old' })
    await done()
    assert.equal((await outcomes())['old'], 'STALE')
    const rows = await delivered()
    assert.equal(rows.get(`memory:contact:${kept}`)?.fields['count']?.revision, 5)
    assert.deepEqual(rows.get(`memory:contact:${gone}`)?.fields, {})
    assert.equal(rows.get(`memory:contact:${gone}`)?.movedTo, kept)
  })

  it('a record found a moment ago that was merged since leads to the survivor too', async () => {
    const { know, write, done, destination, outcomes } = await startedWaiting()
    const [gone, kept] = [destination.add(['ada@example.com']), destination.add(['lovelace@example.com'])]
    know('p1', 'email:ada@example.com')
    await write(joined())
    await done()
    destination.merge(gone, kept)
    await write(joined({ once: 'joined:w2:r-ada', id: 'second' }), { person: 'p1', fields: { count: 1 }, id: 'set' })
    await done()
    assert.deepEqual([(await outcomes())['second'], (await outcomes())['set']], ['CREATED', 'APPLIED'])
    assert.equal(destination.records.get(kept)?.fields['count'], 1)
  })

  it('a deleted contact is not waited for', async () => {
    const { know, write, done, destination, receipts, clock } = await startedWaiting()
    const contact = destination.add(['ada@example.com'])
    know('p1', 'email:ada@example.com', `memory:contact:${contact}`)
    destination.remove(contact)
    const before = clock.now()
    await write(joined())
    await done()
    const [receipt] = await receipts()
    assert.deepEqual([receipt?.outcome, receipt?.code], ['SKIPPED', 'RECORD_DELETED'])
    assert.ok(clock.now() - before < 1_000)
  })

  it('the lead takes the place of a deleted contact', async () => {
    const { know, write, done, destination, outcomes } = await startedWaiting()
    const contact = destination.add(['ada@example.com'])
    const lead = destination.add(['ada@example.com'], {}, 'lead')
    know('p1', 'email:ada@example.com', `memory:contact:${contact}`, `memory:lead:${lead}`)
    destination.remove(contact)
    await write(joined({ id: 'event' }))
    await done()
    assert.deepEqual(await outcomes(), { event: 'CREATED' })
    assert.deepEqual(destination.puts.at(-1)?.of, { object: 'lead', id: lead })
  })

  it('gone a second time in a row is a dead letter, and what was learned is kept', async () => {
    const { know, write, done, destination, deadLetters, claims, delivered } = await startedWaiting()
    const [first, second, third] = ['a', 'b', 'c'].map(name => destination.add([`${name}@example.com`])) as [
      string,
      string,
      string,
    ]
    know('p1', 'email:a@example.com', `memory:contact:${first}`)
    destination.merge(first, second)
    destination.merge(second, third)
    const survivorFirst = destination.puts.length
    await write(joined())
    await done()
    assert.equal(destination.puts.length - survivorFirst, 2)
    assert.equal(String((await deadLetters())[0]?.headers['error.code']), 'RECORD_GONE')
    assert.equal((await claims()).length, 1)
    assert.ok([...(await delivered()).keys()].includes(`memory:contact:${first}`))
  })
})

describe('two sinks of one destination', () => {
  it('the events wait in one sink for the contact that the other makes, and a merge that one meets both know', async () => {
    const harness = await delivering(clock => memoryDestination({ clock }))
    const { know, write, writeTo, until, lag, destination, outcomes } = harness
    const ofEvents = { name: 'memory-events', reads: hubspotEvents, replays: hubspotEventsReplay, objects: ['joined'] }
    await harness.start({ objects: ['contact', 'task'] })
    await harness.start(ofEvents)
    know('p1', 'email:ada@example.com')
    const allDone = () =>
      until('both are done', async () => (await lag()) + (await lag('memory-events', [hubspotEvents])) === 0)
    await writeTo(hubspotEvents, [joined({ id: 'event' })])
    await until('it was looked for', () => destination.requests.some(({ kind }) => kind === 'look-up'))
    await write({ person: 'p1', fields: { count: 1 }, revision: 1, id: 'contact' })
    await until('the contact is made', () => destination.records.size === 1)
    const [made = ''] = destination.records.keys()
    know('p1', 'email:ada@example.com', `memory:contact:${made}`)
    await allDone()
    assert.deepEqual(await outcomes(), { contact: 'CREATED', event: 'CREATED' })
    const kept = destination.add(['lovelace@example.com'])
    destination.merge(made, kept)
    await writeTo(hubspotEvents, [joined({ once: 'joined:w2:r-ada' })])
    await allDone()
    const requests = destination.requests.length
    await write({ person: 'p1', fields: { count: 2 }, revision: 2 })
    await allDone()
    assert.equal(destination.requests.length, requests + 1)
    assert.equal(destination.records.get(kept)?.fields['count'], 2)
  })
})
