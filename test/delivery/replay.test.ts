import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hubspotWrites, hubspotWritesReplay } from '../../topology/topics.ts'
import { started } from '../runtime/delivering-to-memory.ts'
import { mergedRow, turns, type WriteFacts } from './delivering.ts'

/** A webinar's writes about one person: contact, task and event, as one mapping makes them. */
const writesAbout = (n: number, minutes: (n: number) => number = () => 30): readonly WriteFacts[] => {
  const version = { person: `p${n}`, revision: 3, eventId: `left:${n}`, time: 1_000 }
  return [
    { ...version, fields: { count: 1, minutes: minutes(n) } },
    { ...version, object: 'task', key: `task:w1:${n}`, fields: { subject: 'Attended', minutes: minutes(n) } },
    { ...version, object: 'joined', operation: 'APPEND', once: `joined:w1:${n}`, at: 1, fields: { webinar: 'w1' } },
  ]
}

/** People who have contacts. */
const withPeople = async (people: number, ...[settings, batchSize]: Parameters<typeof started>) => {
  const harness = await started(settings, batchSize)
  for (let n = 0; n < people; n++)
    harness.know(`p${n}`, `email:p${n}@example.com`, `memory:contact:${harness.destination.add([`p${n}@example.com`])}`)
  return harness
}

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n)

describe('a replay', () => {
  it('K5 of everything that was delivered sends nothing', async () => {
    const { write, replay, done, destination, outcomes } = await withPeople(20)
    const all = numbers(20).flatMap(n => writesAbout(n))
    await write(...all)
    await done()
    const requests = destination.requests.length
    await replay(...all.map((one, index) => ({ ...one, id: `replayed-${index}` })))
    await done()
    assert.equal(destination.requests.length, requests)
    const replayed = Object.entries(await outcomes()).filter(([id]) => id.startsWith('replayed-'))
    assert.equal(replayed.length, 60)
    assert.deepEqual(new Set(replayed.map(([, outcome]) => outcome)), new Set(['UNCHANGED', 'IMMUTABLE']))
  })

  it('K5 after a mapping was corrected sends exactly the differences', async () => {
    const { write, replay, done, destination, outcomes } = await withPeople(20)
    await write(...numbers(20).flatMap(n => writesAbout(n)))
    await done()
    const effects = destination.effects.length
    const corrected = (n: number): number => (n % 5 === 0 ? 31 : 30)
    await replay(...numbers(20).flatMap(n => writesAbout(n, corrected).map((one, i) => ({ ...one, id: `${n}-${i}` }))))
    await done()
    const sent = destination.effects.slice(effects)
    assert.deepEqual(
      sent.filter(({ record }) => !record.startsWith('task')).map(({ fields }) => fields),
      numbers(4).map(() => ({ minutes: 31 })),
    )
    assert.deepEqual(
      sent.filter(({ record }) => record.startsWith('task')).map(({ record }) => record),
      [0, 5, 10, 15].map(n => `task:task:w1:${n}`),
    )
    assert.equal(sent.length, 8)
    const all = await outcomes()
    assert.deepEqual([all['5-0'], all['5-1'], all['5-2'], all['6-0']], ['APPLIED', 'APPLIED', 'IMMUTABLE', 'UNCHANGED'])
  })

  it('K8 does not undo what is newer', async () => {
    const { write, replay, done, destination, outcomes } = await withPeople(1)
    await write({ person: 'p0', fields: { count: 7 }, revision: 7 })
    await done()
    await replay({ person: 'p0', fields: { count: 6 }, revision: 6, id: 'old' })
    await done()
    assert.equal((await outcomes())['old'], 'STALE')
    assert.equal(destination.effects.length, 1)
  })

  it('K5 a corrected value that waits beside the live one of its version wins: it came later', async () => {
    const { write, replay, until, done, destination } = await withPeople(1)
    destination.latencyMs = 1_000
    await write({ person: 'p0', fields: { count: 1 }, revision: 1 })
    await until('a request is under way', () => destination.requests.some(({ kind }) => kind === 'send'))
    await write({ person: 'p0', fields: { count: 2 }, revision: 2, eventId: 'e' })
    await replay({ person: 'p0', fields: { count: 3 }, revision: 2, eventId: 'e' })
    await done()
    assert.deepEqual([...destination.records.values()][0]?.fields, { count: 3 })
  })

  it('K5 it wins too when its person is merged meanwhile, whatever the offsets are', async () => {
    const { write, replay, until, done, destination, know, directory } = await withPeople(1)
    destination.latencyMs = 1_000
    await write({ person: 'p0', fields: { count: 1 }, revision: 1 })
    await until('a request is under way', () => destination.requests.some(({ kind }) => kind === 'send'))
    await write({ person: 'p0', fields: { count: 2 }, revision: 2, eventId: 'e' })
    await replay({ person: 'p0', fields: { count: 3 }, revision: 2, eventId: 'e' })
    await turns(20)
    know('p1', 'email:p0@example.com', 'memory:contact:501')
    directory.apply('person:p0', mergedRow('p1'))
    await done()
    assert.deepEqual([...destination.records.values()][0]?.fields, { count: 3 })
  })

  it('K5 live writes go first: a few of the replay at most are before one that comes while it runs', async () => {
    const replayWindow = 20
    const { write, replay, until, done, destination } = await withPeople(1_000, { replayWindow }, 5)
    destination.latencyMs = 100
    await replay(...numbers(999).map(n => ({ person: `p${n}`, fields: { count: 1 } })))
    await until('the replay runs', () => destination.effects.length > 30)
    const before = destination.effects.length
    await write({ person: 'p999', fields: { live: true } })
    await until('the live one is delivered', () => destination.effects.some(({ fields }) => fields['live'] === true))
    // Those under way when it came, and those that went beside it.
    const others = destination.effects.length - before
    assert.ok(others <= 2 * replayWindow, `${others} before it`)
    await done()
    assert.equal(destination.effects.length, 1_000)
  })

  it('K5 while live writes wait none of a replay is taken, and its memory stays bounded', async () => {
    const replayWindow = 20
    const { write, replay, until, done, destination, running } = await withPeople(600, { replayWindow, window: 100 }, 5)
    destination.latencyMs = 100
    await write({ person: 'p0', fields: { live: 0 } })
    await until('a request is under way', () => destination.requests.some(({ kind }) => kind === 'send'))
    await write(...numbers(300).map(n => ({ person: `p${n}`, fields: { live: n } })))
    await replay(...numbers(600).map(n => ({ person: `p${n}`, fields: { count: 1 } })))
    let most = 0
    const liveOnes = () => destination.effects.filter(({ fields }) => 'live' in fields).length
    await until('most live ones are delivered', () => {
      most = Math.max(most, running.status().window)
      return liveOnes() >= 250
    })
    assert.equal(destination.effects.length, liveOnes())
    assert.ok(most <= 100 + replayWindow, `${most} held`)
    await done()
  })

  it('K5 nothing more of a replay is taken while live writes wait', async () => {
    const { write, replay, until, done, destination, running } = await withPeople(900, { replayWindow: 20 }, 5)
    destination.latencyMs = 100
    await replay(...numbers(600).map(n => ({ person: `p${n}`, fields: { count: 1 } })))
    await until('the replay runs', () => destination.effects.length > 0)
    await write(...numbers(300).map(n => ({ person: `p${600 + n}`, fields: { live: n } })))
    const liveOnes = () => destination.effects.filter(({ fields }) => 'live' in fields).length
    let least = Number.POSITIVE_INFINITY
    await until('most live ones are delivered', () => {
      if (liveOnes() > 0) least = Math.min(least, running.status().window - (300 - liveOnes()))
      return liveOnes() >= 200
    })
    assert.equal(least, 0)
    await done()
  })

  it('a live write that joins a lane of the replay takes it along to the front', async () => {
    const { write, replay, until, done, destination } = await withPeople(200, { replayWindow: 150 }, 5)
    destination.latencyMs = 100
    await replay(...numbers(150).map(n => ({ person: `p${n}`, fields: { count: 1 } })))
    await until('the replay runs', () => destination.effects.length > 0)
    const before = destination.effects.length
    await write({ person: 'p149', fields: { live: true } })
    await until('the live one is delivered', () => destination.effects.some(({ fields }) => fields['live'] === true))
    assert.ok(destination.effects.length - before <= 50, `${destination.effects.length - before} before it`)
    await done()
  })

  it('K5 goes in full batches although its writes come a few at a time, while a live write goes at once', async () => {
    const { write, replay, destination, clock, done } = await withPeople(201, {}, 50)
    const sends = () => destination.requests.filter(({ kind }) => kind === 'send').length
    const isLiveThere = () => destination.effects.some(({ fields }) => fields['live'] === true)
    for (let n = 0; n < 200; n += 5) {
      await replay(...numbers(5).map(i => ({ person: `p${n + i}`, fields: { count: 1 } })))
      if (n === 100) await write({ person: 'p200', fields: { live: true } })
      await turns(20)
      if (n === 100) assert.ok(isLiveThere())
      clock.advance(100)
      await turns(20)
    }
    await done()
    assert.equal(destination.effects.length, 201)
    // The live one, four full batches and a rest.
    assert.ok(sends() <= 6, `${sends()} requests`)
  })

  it('K5 what was gathered of it goes when the sink is closed', async () => {
    const { replay, destination, running } = await withPeople(1)
    await replay({ person: 'p0', fields: { count: 1 } })
    await turns(20)
    assert.equal(destination.effects.length, 0)
    const closed = running.close()
    await turns(50)
    assert.equal(destination.effects.length, 1)
    await closed
  })

  it('commits how far each topic was read, and goes on there after a crash', async () => {
    const { write, replay, until, done, destination, kafka, members, start, lag } = await withPeople(300, {
      replayWindow: 20,
    })
    destination.latencyMs = 100
    await write({ person: 'p0', fields: { live: true } })
    await replay(...numbers(300).map(n => ({ person: `p${n}`, fields: { count: 1 } })))
    await until('half of it is committed', async () => (await lag('memory', [hubspotWritesReplay])) < 150)
    assert.equal(await lag('memory', [hubspotWrites]), 0)
    for (const member of members) kafka.crash(member)
    await start()
    await done()
    assert.equal(destination.records.size, 300)
    for (const { fields } of destination.records.values()) assert.equal(fields['count'], 1)
    assert.ok(destination.effects.length <= 301 + 40, `${destination.effects.length} effects`)
  })

  it('bytes that are no write are set aside as those of the live topic are', async () => {
    const { replayRaw, replay, done, deadLetters, destination } = await withPeople(1)
    await replayRaw(Buffer.from('not avro'))
    await replay({ person: 'p0', fields: { count: 1 } })
    await done()
    const [letter] = await deadLetters()
    assert.equal(String(letter?.headers['error.code']), 'UNDECODABLE')
    assert.equal(destination.effects.length, 1)
  })
})
