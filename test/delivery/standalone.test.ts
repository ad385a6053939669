import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Identity } from '../../schemas/generated.ts'
import type { Fitted } from '../../services/delivery/destination.ts'
import { memoryDestination } from '../../services/delivery/memory.ts'
import { createErasures } from '../../services/identity/erasure.ts'
import { delivering, mergedRow, turns, type WriteFacts } from './delivering.ts'

const account = (facts: Partial<WriteFacts> = {}): WriteFacts => ({
  person: null,
  object: 'account',
  key: 'acme',
  fields: { plan: 'pro', seats: 3 },
  ...facts,
})

const visitor = (facts: Partial<WriteFacts> = {}): WriteFacts => ({
  person: 'p1',
  object: 'visitor',
  key: 'u-1',
  fields: { role: 'admin' },
  ...facts,
})

const viewed = (facts: Partial<WriteFacts> = {}): WriteFacts => ({
  ...{ person: 'p1', object: 'viewed', operation: 'APPEND', once: 'viewed:m-1', at: 1_000, fields: { page: 'home' } },
  ...facts,
})

type Fit = (fields: WriteFacts['fields'], at: number | null) => Fitted

/** A sink whose destination has accounts, visitors and views; `fit` stands for the vendor's rules about accounts. */
const opened = async (fit?: Fit) => {
  const standalones = {
    account: { kind: 'keyed', ...(fit ? { fit } : {}) },
    visitor: { kind: 'keyed' },
    viewed: { kind: 'appended', ...(fit ? { fit } : {}) },
  } as const
  const harness = await delivering(clock => memoryDestination({ clock, standalones }))
  const running = await harness.start()
  harness.know('p1', 'user:u-1')
  harness.know('p2', 'user:u-2')
  return { ...harness, running }
}

const { keyOf } = createErasures('secret')
const erased: Identity = {
  ...{ kind: 'ERASED', person: null, aliases: [], former: [], firstClaimed: null, links: [], apart: [] },
  ...{ pointer: null, attributes: {}, erased: 1, lifted: null },
}

describe('an object that is about nobody', () => {
  it('S2 is written by its key alone, and nobody is looked up for it', async () => {
    const { write, done, destination, outcomes, delivered, receipts, directory } = await opened()
    await write(account({ id: 'first' }))
    await done()
    assert.deepEqual(await outcomes(), { first: 'CREATED' })
    assert.deepEqual(destination.standalones.get('account:acme'), { plan: 'pro', seats: 3 })
    assert.deepEqual(
      destination.requests.map(({ kind }) => kind),
      ['prepare', 'put'],
    )
    assert.equal((await delivered()).get('memory:account:acme')?.person, null)
    assert.deepEqual(
      (await receipts()).map(({ person, record }) => [person, record]),
      [[null, 'acme']],
    )
    assert.equal(directory.find('person:null').status, 'missing')
  })

  it('S2 K8 keeps the newest value of each field, whatever order they come in', async () => {
    const { write, done, destination, outcomes } = await opened()
    await write(account({ time: 2_000, id: 'new' }))
    await done()
    await write(account({ time: 1_000, fields: { plan: 'free', region: 'eu' }, id: 'old' }))
    await done()
    assert.deepEqual(await outcomes(), { new: 'CREATED', old: 'APPLIED' })
    assert.deepEqual(destination.standalones.get('account:acme'), { plan: 'pro', seats: 3, region: 'eu' })
    const before = destination.effects.length
    await write(account({ time: 1_500, fields: { plan: 'team' }, id: 'stale' }), account({ time: 3_000, id: 'same' }))
    await done()
    assert.deepEqual(await outcomes(), { new: 'CREATED', old: 'APPLIED', stale: 'STALE', same: 'UNCHANGED' })
    assert.equal(destination.effects.length, before)
  })

  it('S2 has one request under way, and what comes meanwhile is joined into the next', async () => {
    const { write, done, destination, until } = await opened()
    destination.latencyMs = 1_000
    await write(account({ time: 1 }))
    await until('the first is under way', () => destination.requests.some(({ kind }) => kind === 'put'))
    for (let seats = 4; seats < 14; seats++) await write(account({ time: seats, fields: { seats } }))
    await turns(20)
    await done()
    assert.deepEqual(destination.collisions, [])
    assert.equal(destination.requests.filter(({ kind }) => kind === 'put').length, 2)
    assert.deepEqual(destination.standalones.get('account:acme'), { plan: 'pro', seats: 13 })
  })

  it('S2 is tried again after a lost answer, and a second time changes nothing', async () => {
    const { write, done, destination, outcomes } = await opened()
    destination.fail('reset-after-apply', 1, 'put')
    await write(account({ id: 'first' }))
    await done()
    assert.deepEqual(await outcomes(), { first: 'APPLIED' })
    assert.deepEqual(destination.standalones.get('account:acme'), { plan: 'pro', seats: 3 })
  })

  it('S2 of another kind is refused: a contact and an occurrence are about somebody', async () => {
    const { write, done, deadLetters, destination } = await opened()
    await write(
      { person: null, fields: { a: 1 } },
      { person: null, object: 'task', key: 'task:1', fields: { a: 1 } },
      viewed({ person: null }),
    )
    await done()
    const codes = (await deadLetters()).map(({ headers }) => String(headers['error.code']))
    assert.deepEqual(codes, Array(3).fill('OPERATION_UNSUPPORTED'))
    assert.deepEqual(destination.requests, [])
  })

  it('S2 K9 stays when somebody is forgotten, and what stands alone and is about them goes', async () => {
    const { write, done, delivered, directory, until } = await opened()
    await write(account(), visitor(), viewed(), visitor({ person: 'p2', key: 'u-2' }))
    await done()
    assert.equal((await delivered()).size, 4)
    directory.apply('person:p1', null)
    directory.apply('user:u-1', null)
    for (const name of ['person:p1', 'user:u-1']) directory.apply(keyOf(name), erased)
    await until('their rows are gone', async () => (await delivered()).size === 2)
    assert.deepEqual([...(await delivered()).keys()].sort(), ['memory:account:acme', 'memory:visitor:u-2'])
  })
})

describe('a thing that people change where it was made', () => {
  const whole = (facts: Partial<WriteFacts> = {}) =>
    account({ object: 'task', key: 'task:1', fields: { whole: true, subject: 'Call', status: 'open' }, ...facts })

  const openedWithTasks = () =>
    delivering(clock => {
      const isWhole = ({ fields }: Pick<WriteFacts, 'fields'>) => 'whole' in fields
      return memoryDestination({ clock, standalones: { task: { kind: 'keyed', isWhole } } })
    })

  it('T8 K4 is left as somebody changed it when the sink died before it heard that it was made', async () => {
    const { start, write, done, destination } = await openedWithTasks()
    const task = destination.objects['task']
    assert.ok(task?.kind === 'keyed' && task.of === null)
    const { signal } = new AbortController()
    const made = { key: 'task:1', at: null, known: false, repeated: false }
    await task.put([{ ...made, fields: whole().fields }], signal)
    await task.put([{ ...made, known: true, fields: { status: 'done' } }], signal)
    await write(whole({ revision: 1 }), whole({ revision: 2, fields: { ...whole().fields, subject: 'Call again' } }))
    await start()
    await done()
    assert.deepEqual(destination.standalones.get('task:task:1'), { whole: true, subject: 'Call again', status: 'done' })
  })

  it('T8 K4 is set back by a write of all fields although the answer to what it sets back was lost', async () => {
    const { start, write, done, destination, until } = await openedWithTasks()
    await start()
    await write(whole({ revision: 1 }))
    await done()
    destination.fail('reset-after-apply', 1, 'put')
    await write(whole({ revision: 2, fields: { status: 'done' } }))
    await until('the answer was lost', () => destination.standalones.get('task:task:1')?.['status'] === 'done')
    await write(whole({ revision: 3 }))
    await done()
    assert.equal(destination.standalones.get('task:task:1')?.['status'], 'open')
  })

  it('T8 is made by its first write alone, and what comes behind it says only what changes', async () => {
    const { start, write, done, destination, outcomes } = await openedWithTasks()
    await write(
      whole({ revision: 1, id: 'first' }),
      whole({ revision: 2, id: 'second', fields: { note: 'Later' } }),
      whole({ revision: 3, id: 'third', fields: { ...whole().fields, subject: 'Call again' } }),
    )
    await start()
    await done()
    assert.deepEqual(
      destination.effects.map(({ fields }) => fields),
      [whole().fields, { note: 'Later', subject: 'Call again' }],
    )
    assert.deepEqual(await outcomes(), { first: 'CREATED', second: 'APPLIED', third: 'APPLIED' })
  })
})

describe('an object that stands alone and is about somebody', () => {
  it('S1 waits for its person, and is dropped when they are forgotten', async () => {
    const { write, done, know, outcomes, until, directory, destination } = await opened()
    await write(visitor({ person: 'p3', key: 'u-3', id: 'waits' }))
    await until('it was taken', async () => (await outcomes())['waits'] === undefined)
    know('p3', 'user:u-3')
    await done()
    directory.apply('person:p3', null)
    directory.apply(keyOf('person:p3'), erased)
    await write(visitor({ person: 'p3', key: 'u-3', id: 'forgotten' }))
    await done()
    assert.deepEqual(await outcomes(), { waits: 'CREATED', forgotten: 'ERASED' })
    assert.deepEqual([...destination.standalones.keys()], ['visitor:u-3'])
  })

  it('S1 keeps its own key when two persons turn out to be one', async () => {
    const { write, done, know, directory, destination, delivered } = await opened()
    await write(visitor(), visitor({ person: 'p2', key: 'u-2' }))
    await done()
    know('p1', 'user:u-1', 'user:u-2')
    directory.apply('person:p2', mergedRow('p1'))
    await write(visitor({ person: 'p2', key: 'u-2', fields: { role: 'owner' }, time: Date.now() }))
    await done()
    assert.deepEqual(destination.standalones.get('visitor:u-1'), { role: 'admin' })
    assert.deepEqual(destination.standalones.get('visitor:u-2'), { role: 'owner' })
    assert.equal((await delivered()).get('memory:visitor:u-2')?.person, 'p1')
  })

  it('S3 is appended once per once key', async () => {
    const { write, done, outcomes, destination } = await opened()
    await write(viewed({ id: 'first' }))
    await done()
    await write(viewed({ id: 'again', fields: { page: 'other' } }), viewed({ once: 'viewed:m-2', id: 'second' }))
    await done()
    assert.deepEqual(await outcomes(), { first: 'CREATED', again: 'IMMUTABLE', second: 'CREATED' })
    assert.equal(destination.effects.length, 2)
  })
})

describe('an append that a vendor refuses for its age', () => {
  it('S3 is remembered so long and no longer, and is refused afterwards', async () => {
    const day = 86_400_000
    const { clock, destination, ...harness } = await delivering(virtual =>
      memoryDestination({
        clock: virtual,
        standalones: {
          viewed: {
            kind: 'appended',
            rememberedForMs: 7 * day,
            fit: (fields, at) => ({
              ...{ fields, adjustments: [] },
              ...((at ?? 0) < virtual.now() - 7 * day ? { refusal: 'TOO_OLD' } : {}),
            }),
          },
          account: { kind: 'keyed' },
        },
      }),
    )
    await harness.start()
    harness.know('p1', 'user:u-1')
    const at = clock.now()
    await harness.write(viewed({ at, id: 'first' }), account())
    await harness.done()
    clock.advance(6 * day)
    await turns(50)
    assert.equal((await harness.delivered()).size, 2)
    await harness.write(viewed({ at, id: 'again' }))
    await harness.done()
    clock.advance(day + 3_600_000)
    await harness.until('its row is gone', async () => (await harness.delivered()).size === 1)
    assert.deepEqual([...(await harness.delivered()).keys()], ['memory:account:acme'])
    await harness.write(viewed({ at, id: 'late' }))
    await harness.done()
    assert.deepEqual(
      (await harness.receipts())
        .map(({ writeId, outcome, code }) => [writeId, outcome, code])
        .filter(([id]) => String(id).length < 6),
      [
        ['first', 'CREATED', null],
        ['again', 'IMMUTABLE', null],
        ['late', 'SKIPPED', 'TOO_OLD'],
      ],
    )
    assert.equal(destination.effects.length, 2)
  })
})

describe('the rules of a vendor, applied before anything is sent', () => {
  const noSeats: Fit = ({ seats, ...fields }, at) => ({
    fields,
    adjustments: seats === undefined ? [] : ['SEATS_LEFT_OUT'],
    ...(at !== null && at < 500 ? { refusal: 'TOO_OLD' } : {}),
  })

  it('S3 leave out what the vendor does not take, and the receipt and the metrics say so', async () => {
    const { write, done, destination, receipts, delivered, metrics } = await opened(noSeats)
    await write(account({ id: 'first' }), viewed({ fields: { page: 'home', seats: 1 }, id: 'view' }))
    await done()
    assert.deepEqual(destination.standalones.get('account:acme'), { plan: 'pro' })
    assert.deepEqual((await receipts()).map(({ writeId, adjustments }) => [writeId, adjustments]).sort(), [
      ['first', ['SEATS_LEFT_OUT']],
      ['view', ['SEATS_LEFT_OUT']],
    ])
    assert.deepEqual(Object.keys((await delivered()).get('memory:account:acme')?.fields ?? {}), ['plan'])
    const label = { sink: 'memory', code: 'SEATS_LEFT_OUT' }
    assert.equal(await metrics.value('tributary_adjustments_total', label), 2)
  })

  it('S3 ask nothing of the vendor for fields that it does not take, and send them once it does', async () => {
    let takes = false
    const { write, done, destination, outcomes } = await opened((fields, at) =>
      takes ? { fields, adjustments: [] } : noSeats(fields, at),
    )
    await write(account({ time: 1, id: 'first' }))
    await done()
    await write(account({ time: 2, fields: { plan: 'pro', seats: 4 }, id: 'left out' }))
    await done()
    assert.equal(destination.effects.length, 1)
    takes = true
    await write(account({ time: 3, fields: { plan: 'pro', seats: 4 }, id: 'taken' }))
    await done()
    assert.deepEqual(await outcomes(), { first: 'CREATED', 'left out': 'UNCHANGED', taken: 'APPLIED' })
    assert.deepEqual(destination.standalones.get('account:acme'), { plan: 'pro', seats: 4 })
  })

  it('S3 skip what cannot be sent at all, with the reason', async () => {
    const { write, done, destination, receipts } = await opened(noSeats)
    await write(viewed({ at: 1, id: 'old' }), viewed({ once: 'viewed:m-2', id: 'new' }))
    await done()
    assert.deepEqual((await receipts()).map(({ writeId, outcome, code }) => [writeId, outcome, code]).sort(), [
      ['new', 'CREATED', null],
      ['old', 'SKIPPED', 'TOO_OLD'],
    ])
    assert.deepEqual([...destination.standalones.keys()], ['viewed:viewed:m-2'])
  })
})
