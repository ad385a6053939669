import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Identity } from '../../schemas/generated.ts'
import { memoryDestination } from '../../services/delivery/memory.ts'
import { createErasures } from '../../services/identity/erasure.ts'
import { started } from '../runtime/delivering-to-memory.ts'
import { delivering, mergedRow, turns, type WriteFacts } from './delivering.ts'

const { keyOf } = createErasures('secret')

const erased: Identity = {
  ...{ kind: 'ERASED', person: null, aliases: [], former: [], firstClaimed: null, links: [], apart: [] },
  ...{ pointer: null, attributes: {}, erased: 1, lifted: null },
}

const writesAbout = (person: string): readonly WriteFacts[] => [
  { person, fields: { count: 1 } },
  { person, object: 'task', key: `task:${person}`, fields: { status: 'a' } },
  { person, object: 'joined', operation: 'APPEND', once: `joined:${person}`, at: 1, fields: {} },
]

/** Everything about p0, p1 and p2 was delivered; the sink can be told that somebody is erased. */
const delivered = async () => {
  const harness = await started()
  const { destination, know, directory, write, done } = harness
  const aliases = ['p0', 'p1', 'p2'].map((id): [string, readonly string[]] => {
    const contact = destination.add([`${id}@example.com`])
    return [id, [`email:${id}@example.com`, `memory:contact:${contact}`]]
  })
  for (const [id, known] of aliases) know(id, ...known)
  await write(...['p0', 'p1', 'p2'].flatMap(writesAbout))
  await done()
  /** As the rows of an erasure come: what is forgotten, then what remains. */
  const erase = (ids: readonly string[], order: 'gone first' | 'erased first' = 'gone first'): void => {
    const names = ids.flatMap(id => [`person:${id}`, ...(aliases.find(([one]) => one === id)?.[1] ?? [])])
    const goes = () => names.forEach(name => void directory.apply(name, null))
    const remains = () => names.forEach(name => void directory.apply(keyOf(name), erased))
    if (order === 'gone first') goes()
    remains()
    if (order === 'erased first') goes()
  }
  const owners = async () => [...(await harness.delivered()).values()].map(({ person }) => person).sort()
  return { ...harness, erase, owners }
}

describe('an erasure', () => {
  for (const order of ['gone first', 'erased first'] as const) {
    it(`K9 removes the rows of all that belonged to the person, with what is ${order}`, async () => {
      const { erase, owners, until } = await delivered()
      assert.equal((await owners()).length, 9)
      erase(['p1'], order)
      await until('the rows are gone', async () => (await owners()).length === 6)
      assert.deepEqual(await owners(), ['p0', 'p0', 'p0', 'p2', 'p2', 'p2'])
    })
  }

  it('K9 finds the rows that name somebody who was merged away before', async () => {
    const { know, directory, erase, owners, until } = await delivered()
    know('p2', 'email:p2@example.com', 'email:p1@example.com')
    directory.apply('person:p1', mergedRow('p2'))
    erase(['p2', 'p1'])
    await until('the rows are gone', async () => (await owners()).length === 3)
    assert.deepEqual(await owners(), ['p0', 'p0', 'p0'])
  })

  it('K9 takes what was gathered from merged records along, though a write that carries it still waits', async () => {
    const { know, directory, write, done, destination, outcomes, erase, owners, until } = await delivered()
    const contactOf = (id: string): string =>
      `memory:contact:${[...destination.records].find(([, { addresses }]) => addresses.includes(`${id}@example.com`))?.[0]}`
    know('p1', 'email:p1@example.com', contactOf('p1'), 'email:p2@example.com', contactOf('p2'))
    directory.apply('person:p2', mergedRow('p1'))
    destination.fail({ limitedForMs: 30_000 }, 1, 'send')
    const before = destination.requests.length
    await write({ person: 'p1', fields: { count: 2 }, revision: 2, id: 'waiting' })
    await until('it was asked for', () => destination.requests.length > before)
    erase(['p1', 'p2'])
    await until('the write is over', async () => (await outcomes())['waiting'] === 'ERASED')
    await done()
    assert.deepEqual(await owners(), ['p0', 'p0', 'p0'])
  })

  it('K9 takes the record of an erased person into which the vendor merged somebody who is forgotten with them', async () => {
    const { write, done, destination, erase, owners, until } = await delivered()
    const recordOf = (id: string): string =>
      [...destination.records].find(([, { addresses }]) => addresses.includes(`${id}@example.com`))?.[0] ?? ''
    erase(['p1'])
    await until('the rows are gone', async () => (await owners()).length === 6)
    destination.merge(recordOf('p0'), recordOf('p1'))
    await write({ person: 'p0', fields: { count: 2 }, revision: 2 })
    await done()
    erase(['p0'])
    await until('the rows are gone', async () => !(await owners()).includes('p0'))
    assert.deepEqual(await owners(), ['p2', 'p2', 'p2'])
  })

  it('K9 of one after the other is swept for later, together', async () => {
    const { erase, owners, until } = await delivered()
    erase(['p0'])
    await until('the first are gone', async () => (await owners()).length === 6)
    erase(['p1'])
    erase(['p2'])
    await until('all are gone', async () => (await owners()).length === 0)
  })

  it('K9 that happened while nobody owned the partition is made up for', async () => {
    const { erase, owners, until, running, start } = await delivered()
    await running.close()
    erase(['p1'])
    assert.equal((await owners()).length, 9)
    await start()
    await until('the rows are gone', async () => (await owners()).length === 6)
  })

  it('K9 leaves nothing of what was under way', async () => {
    const { write, erase, owners, until, done, destination, outcomes } = await delivered()
    destination.latencyMs = 60_000
    await write({
      ...{ person: 'p1', object: 'joined', operation: 'APPEND', once: 'joined:late', at: 1, fields: {} },
      id: 'late',
    })
    await until('it is under way', () => destination.puts.some(({ key }) => key === 'joined:late'))
    erase(['p1'])
    await write({ person: 'p1', object: 'task', key: 'task:later', fields: { status: 'a' }, id: 'later' })
    await done()
    assert.equal((await outcomes())['late'], 'CREATED')
    assert.equal((await outcomes())['later'], 'ERASED')
    assert.ok(!(await owners()).includes('p1'))
  })

  it('K9 removes the row of a contact that was just made, although the erasure came before its claim', async () => {
    const { know, directory, write, owners, until, done } = await started().then(harness => ({
      ...harness,
      owners: async () => [...(await harness.delivered()).keys()],
    }))
    know('p1', 'email:p1@example.com')
    await write({ person: 'p1', fields: { count: 1 } })
    await done()
    const [contact = ''] = await owners()
    for (const name of ['person:p1', 'email:p1@example.com']) {
      directory.apply(name, null)
      directory.apply(keyOf(name), erased)
    }
    directory.apply(keyOf(contact), erased)
    await until('the row is gone', async () => (await owners()).length === 0)
  })

  it('K9 of somebody whose write waited for long sets nothing aside, although what remains of them comes a little later', async () => {
    const dependents = { joined: { kind: 'appended', of: ['contact'], waitForRecordMs: 600_000 } } as const
    const harness = await delivering(clock => memoryDestination({ clock, dependents }))
    const { know, directory, write, until, destination, deadLetters, outcomes, clock } = harness
    await harness.start()
    know('p1', 'email:p1@example.com')
    await write({ id: 'event', person: 'p1', object: 'joined', operation: 'APPEND', once: 'o', at: 1, fields: {} })
    await until('it was looked for again and again', () => destination.requests.length > 6)
    directory.apply('person:p1', null)
    await turns(20)
    clock.advance(1_000)
    await turns(20)
    directory.apply(keyOf('person:p1'), erased)
    await until('it is finished', async () => (await outcomes())['event'] !== undefined)
    assert.deepEqual([(await outcomes())['event'], await deadLetters()], ['ERASED', []])
  })
})
