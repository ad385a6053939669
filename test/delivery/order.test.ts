import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Lanes } from '../../services/delivery/lanes/lanes.ts'
import { memoryDestination } from '../../services/delivery/memory.ts'
import { fieldsOf, started } from '../runtime/delivering-to-memory.ts'
import { delivering, mergedRow, turns } from './delivering.ts'

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

  it('K8 begins no request while another may have its partition, since what it holds may be older by now', async () => {
    const { know, write, until, done, destination, kafka, clock, running } = await started({}, 3)
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields: { count: 1 }, revision: 1 })
    await until('it delivers', () => destination.effects.length > 0)
    kafka.cutOff(destination.name, true)
    const asked = destination.requests.length
    await write({ person: 'p1', fields: { count: 2 }, revision: 2 })
    await until('it has taken the write', () => running.status().window > 0)
    for (let look = 0; look < 100; look++) {
      clock.advance(100)
      await turns(6)
    }
    assert.equal(destination.requests.length, asked)
    kafka.cutOff(destination.name, false)
    await done()
    assert.deepEqual(fieldsOf(destination, 'ada@example.com'), { count: 2 })
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
    assert.equal(destination.peak, 1)
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

  it('makes no request before all that was delivered is loaded', async () => {
    let loaded = (): void => undefined
    const loading = new Promise<void>(resolve => {
      loaded = resolve
    })
    const harness = await delivering(clock => memoryDestination({ clock }), { beforeCaughtUp: () => loading })
    const { know, write, start, done, destination } = harness
    know('p1', 'email:ada@example.com')
    await start()
    await write({ person: 'p1', fields: { count: 1 } })
    await turns(100)
    assert.deepEqual(destination.requests, [])
    loaded()
    await done()
    assert.equal(destination.effects.length, 1)
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

  it('drains on close although the window is full and the sink is paused: what it did not take stays in Kafka', async () => {
    const { know, write, until, destination, running, lag, clock } = await started({ window: 5 })
    const persons = Array.from({ length: 20 }, (_, n) => `p${n}`)
    for (const person of persons)
      know(person, `email:${person}@example.com`, `memory:contact:${destination.add([`${person}@example.com`])}`)
    destination.fail('needs-person')
    await write(...persons.map(person => ({ person, fields: { count: 1 } })))
    await until('it is paused', () => running.status().state === 'paused')
    let closed = false
    const closing = running.close().then(() => {
      closed = true
    })
    for (let step = 0; step < 10 && !closed; step++) {
      await turns(10)
      clock.advance(10_000)
    }
    assert.ok(closed, 'closing waits for room that nobody gives')
    await closing
    assert.equal(await lag(), persons.length)
  })

  it('a lane that was dropped before does not take the one in its place along', () => {
    const lanes = new Lanes({ firstMs: 1, longestMs: 1 }, () => 0.5)
    const place = { object: 'contact', person: 'p1', key: null }
    const former = lanes.at(place)
    lanes.drop(former)
    const present = lanes.at(place)
    lanes.drop(former)
    assert.equal(lanes.at(place), present)
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
