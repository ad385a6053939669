import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { memoryDestination } from '../../services/delivery/memory.ts'
import { started } from '../runtime/delivering-to-memory.ts'
import { delivering, mergedRow, turns, type WriteFacts } from './delivering.ts'

const task = (facts: Partial<WriteFacts> = {}): WriteFacts => ({
  person: 'p1',
  object: 'task',
  key: 'task:w1',
  fields: { subject: 'Attended: Webinar', status: 'open' },
  ...facts,
})

const joined = (facts: Partial<WriteFacts> = {}): WriteFacts => ({
  person: 'p1',
  object: 'joined',
  operation: 'APPEND',
  once: 'joined:w1:r-ada',
  at: 1_000,
  fields: { webinar: 'w1' },
  ...facts,
})

/** A sink whose person p1 is known to have the contact 501. */
const withContact = async (...[settings, batchSize]: Parameters<typeof started>) => {
  const harness = await started(settings, batchSize)
  const contact = harness.destination.add(['ada@example.com'])
  harness.know('p1', 'email:ada@example.com', `memory:contact:${contact}`)
  return { ...harness, contact }
}

describe('a keyed object', () => {
  it('is made with all fields, then changed when one is news, with all that stand', async () => {
    const { write, done, destination, outcomes, delivered, contact } = await withContact()
    await write(task({ revision: 1, id: 'first' }))
    await done()
    await write(task({ revision: 2, fields: { subject: 'Attended: Webinar', status: 'done' }, id: 'second' }))
    await done()
    assert.deepEqual(await outcomes(), { first: 'CREATED', second: 'APPLIED' })
    assert.deepEqual(
      destination.puts.map(({ key, of, known, repeated, at, fields }) => [key, of, known, repeated, at, fields]),
      [
        [
          'task:w1',
          { object: 'contact', id: contact },
          false,
          false,
          null,
          { subject: 'Attended: Webinar', status: 'open' },
        ],
        [
          'task:w1',
          { object: 'contact', id: contact },
          true,
          false,
          null,
          { subject: 'Attended: Webinar', status: 'done' },
        ],
      ],
    )
    const row = (await delivered()).get('memory:task:task:w1')
    assert.equal(row?.person, 'p1')
    assert.equal(row?.fields['status']?.revision, 2)
  })

  const rows: [string, Partial<WriteFacts>, string, boolean][] = [
    ['an older version', { revision: 4, fields: { subject: 'Old', status: 'old' } }, 'STALE', false],
    ['the same again', { revision: 5 }, 'UNCHANGED', false],
    ['a newer version of the same values', { revision: 6 }, 'UNCHANGED', false],
    ['the same version of another value', { revision: 5, fields: { status: 'mended' } }, 'APPLIED', true],
    ['a newer version of another value', { revision: 6, fields: { status: 'done' } }, 'APPLIED', true],
    ['a field that is cleared', { revision: 6, fields: { status: null } }, 'APPLIED', true],
  ]
  for (const [name, facts, outcome, isSent] of rows) {
    it(`${name} is ${outcome}`, async () => {
      const { write, done, destination, outcomes } = await withContact()
      await write(task({ revision: 5, eventId: 'e', id: 'before' }))
      await done()
      await write(task({ eventId: 'e', ...facts, id: 'after' }))
      await done()
      assert.equal((await outcomes())['after'], outcome)
      assert.equal(destination.puts.length, isSent ? 2 : 1)
    })
  }

  it('moves the version on without a request, so that an older one stays stale after a crash', async () => {
    const { write, done, destination, outcomes, members, kafka, start } = await withContact()
    await write(task({ revision: 1 }))
    await done()
    await write(task({ revision: 9 }))
    await done()
    for (const member of members) kafka.crash(member)
    await start()
    await write(task({ revision: 8, fields: { status: 'old' }, id: 'old' }))
    await done()
    assert.equal((await outcomes())['old'], 'STALE')
    assert.equal(destination.puts.length, 1)
  })

  it('has one request under way at a time, its writes joined, and others beside it', async () => {
    const { write, done, destination, dependents } = await withContactAndLatency()
    for (let revision = 1; revision <= 12; revision++)
      await write(
        task({ revision, fields: { status: `s${revision}` } }),
        task({ revision, key: 'task:w2', fields: { status: `s${revision}` } }),
      )
    await done()
    assert.deepEqual(destination.collisions, [])
    assert.equal(dependents('task:w1')?.fields['status'], 's12')
    assert.equal(dependents('task:w2')?.fields['status'], 's12')
    assert.ok(destination.puts.length < 24)
  })

  it('is not put twice at once when two persons name the same key', async () => {
    const { know, write, done, destination } = await withContact({}, 3)
    const other = destination.add(['grace@example.com'])
    know('p2', 'email:grace@example.com', `memory:contact:${other}`)
    destination.latencyMs = 30
    for (let revision = 1; revision <= 10; revision++)
      await write(task({ person: `p${1 + (revision % 2)}`, revision, fields: { status: `s${revision}` } }))
    await done()
    assert.deepEqual(destination.collisions, [])
    assert.equal(destination.dependents.get('task:task:w1')?.fields['status'], 's10')
  })
})

const withContactAndLatency = async () => {
  const harness = await withContact()
  harness.destination.latencyMs = 30
  return { ...harness, dependents: (key: string) => harness.destination.dependents.get(`task:${key}`) }
}

describe('an appended object', () => {
  it('K4 is made once; later ones with its once key are immutable', async () => {
    const { write, done, destination, outcomes, delivered } = await withContact()
    await write(joined({ id: 'first' }))
    await done()
    await write(joined({ id: 'again' }), joined({ id: 'changed', fields: { webinar: 'other' }, revision: 9 }))
    await done()
    assert.deepEqual(await outcomes(), { first: 'CREATED', again: 'IMMUTABLE', changed: 'IMMUTABLE' })
    assert.equal(destination.puts.length, 1)
    assert.equal(destination.dependents.get('joined:joined:w1:r-ada')?.at, 1_000)
    assert.equal((await delivered()).get('memory:joined:joined:w1:r-ada')?.person, 'p1')
  })

  it('K4 two that come at the same time make one request', async () => {
    const { know, write, done, destination, outcomes } = await withContact()
    know('p2', 'email:grace@example.com', `memory:contact:${destination.add(['grace@example.com'])}`)
    destination.latencyMs = 50
    await write(joined({ id: 'one' }), joined({ id: 'two' }), joined({ id: 'of another person', person: 'p2' }))
    await done()
    const all = Object.values(await outcomes()).sort()
    assert.deepEqual(all, ['CREATED', 'IMMUTABLE', 'IMMUTABLE'])
    assert.equal(destination.puts.length, 1)
    assert.deepEqual(destination.collisions, [])
  })

  it('K4 a reset after the vendor applied it makes no second one, and says so to the next attempt', async () => {
    const { write, done, destination, outcomes } = await withContact()
    destination.fail('reset-after-apply', 2, 'put')
    await write(joined({ id: 'first' }))
    await done()
    assert.deepEqual(
      destination.puts.map(({ repeated }) => repeated),
      [false, true, true],
    )
    assert.equal(destination.effects.length, 1)
    assert.equal((await outcomes())['first'], 'APPLIED')
  })

  it('K4 a limit is a clear answer: the next attempt is no repetition', async () => {
    const { write, done, destination } = await withContact()
    destination.fail({ limitedForMs: 1_000 }, 1, 'put')
    await write(joined())
    await done()
    assert.deepEqual(
      destination.puts.map(({ repeated }) => repeated),
      [false, false],
    )
  })

  it('K4 a kill after the vendor applied it and before anything was committed makes no second one', async () => {
    const { write, until, done, destination, kafka, members, start, outcomes, delivered } = await withContact()
    destination.fail('reset-after-apply', 2, 'put')
    await write(joined({ id: 'first' }), task({ id: 'task' }))
    await until('both were applied', () => destination.effects.length === 2)
    assert.equal((await delivered()).size, 0)
    for (const member of members) kafka.crash(member)
    await start()
    await done()
    assert.equal(destination.dependents.size, 2)
    assert.equal(destination.effects.filter(({ record }) => record.startsWith('joined')).length, 1)
    assert.deepEqual(Object.keys(await outcomes()).sort(), ['first', 'task'])
  })

  it('K4 a commit that was lost is done again without a second one', async () => {
    const { write, until, done, destination, kafka, outcomes } = await withContact()
    kafka.failNextCommit('memory')
    await write(joined({ id: 'first' }))
    await until('it was done again', async () => (await outcomes())['first'] !== undefined)
    await done()
    assert.equal(destination.effects.length, 1)
    await write(joined({ id: 'again' }))
    await done()
    assert.equal((await outcomes())['again'], 'IMMUTABLE')
  })

  it('a batch carries many, each for its own record, and one that is refused fails alone', async () => {
    const { know, write, done, destination, outcomes, deadLetters } = await started({}, 100)
    for (let n = 0; n < 50; n++)
      know(`p${n}`, `email:p${n}@example.com`, `memory:contact:${destination.add([`p${n}@example.com`])}`)
    destination.refuse(({ webinar }) => webinar === 'poison')
    await write(
      ...Array.from({ length: 50 }, (_, n) =>
        joined({
          ...{ person: `p${n}`, once: `joined:w1:r-${n}`, id: `w${n}` },
          fields: { webinar: n === 7 ? 'poison' : 'w1' },
        }),
      ),
    )
    await done()
    const all = await outcomes()
    assert.equal(all['w7'], 'REJECTED')
    assert.equal(Object.values(all).filter(outcome => outcome === 'CREATED').length, 49)
    assert.deepEqual(
      destination.requests.filter(({ kind }) => kind === 'put'),
      [{ kind: 'put', inputs: 50 }],
    )
    assert.equal((await deadLetters()).length, 1)
  })
})

describe('what a sink cannot do', () => {
  const rows: [string, WriteFacts][] = [
    ['a SET without a key of a keyed object', { person: 'p1', object: 'task', fields: { status: 'a' } }],
    ['a SET with a key of a record', { person: 'p1', object: 'contact', key: 'k', fields: { count: 1 } }],
    ['an APPEND without a once key', { person: 'p1', object: 'joined', operation: 'APPEND', fields: {} }],
    ['an APPEND to a keyed object', task({ operation: 'APPEND', once: 'o' })],
    ['a SET of an appended object', joined({ operation: 'SET' })],
    ['a CREATE', { person: 'p1', operation: 'CREATE', once: 'o', fields: { count: 1 } }],
    ['a DELETE', { person: 'p1', operation: 'DELETE', fields: {} }],
    ['an object that the destination does not have', { person: 'p1', object: 'deal', fields: {} }],
  ]
  for (const [name, facts] of rows) {
    it(`${name} is set aside`, async () => {
      const { write, done, deadLetters, destination } = await withContact()
      await write(facts)
      await done()
      const [letter] = await deadLetters()
      assert.equal(String(letter?.headers['error.code']), 'OPERATION_UNSUPPORTED')
      assert.deepEqual(destination.effects, [])
    })
  }

  it('an object of the destination that is another sink’s is set aside', async () => {
    const { know, write, done, deadLetters, start } = await delivering(clock => memoryDestination({ clock }))
    know('p1', 'email:ada@example.com')
    await start({ objects: ['joined'] })
    await write({ person: 'p1', fields: { count: 1 } })
    await done()
    assert.equal(String((await deadLetters())[0]?.headers['error.code']), 'OPERATION_UNSUPPORTED')
  })
})

describe('merged persons', () => {
  it('a write of the one that was merged away goes on in the lane of the survivor', async () => {
    const { know, directory, write, until, done, destination, outcomes } = await withContact()
    destination.latencyMs = 500
    know('p2', 'email:grace@example.com', `memory:contact:${destination.add(['grace@example.com'])}`)
    await write(joined({ id: 'first' }))
    await until('a request is under way', () => destination.puts.length === 1)
    know('p2', 'email:grace@example.com', 'email:ada@example.com')
    directory.apply('person:p1', mergedRow('p2'))
    await write(joined({ person: 'p2', id: 'second' }), joined({ person: 'p1', id: 'third' }))
    await turns(20)
    await done()
    assert.deepEqual(await outcomes(), { first: 'CREATED', second: 'IMMUTABLE', third: 'IMMUTABLE' })
    assert.deepEqual(destination.collisions, [])
  })
})
