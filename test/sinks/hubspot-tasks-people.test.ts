import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Clock } from '../../services/runtime/clock.ts'
import { LEFT_HUBSPOT, OWNERS } from '../../services/sandbox/hubspot/owners/owners.ts'
import { SALES_PEOPLE } from '../../services/sandbox/sales-people.ts'
import { ownersKeptMs, ownersReadAgainMs } from '../../services/sinks/hubspot/limits.ts'
import { VirtualClock } from '../delivery/delivering.ts'
import type { Account } from '../sandbox/hubspot.ts'
import { mergeContacts, removeContact } from './hubspot-putting.ts'
import { addContact, disturb, requestsOf } from './hubspot-sink.ts'
import { addTask, adjustmentsOf, foreign, openTasks, signal, told, whole } from './hubspot-tasks-here.ts'

const { rep1, rep2 } = SALES_PEOPLE
const idOf = (email: string): string => OWNERS.find(owner => owner.email === email)?.id ?? ''

const opened = async (...[context, options = {}]: Parameters<typeof openTasks>) => {
  const all = await openTasks(context, options)
  assert.equal((await all.destination.prepare(signal)).kind, 'ready')
  let contacts = 0
  return {
    ...all,
    contact: () => addContact(all.account, { email: `contact${contacts++}@example.com` }),
    assigned: async (key: string) => (await all.taskWith('tributary_id', key)).properties['hubspot_owner_id'],
    contactsOf: async (key: string) => on(all.account, (await all.taskWith('tributary_id', key)).id),
  }
}

const on = async (account: Account, task: string): Promise<readonly string[]> =>
  (await account.call('GET', `/crm/v4/objects/tasks/${task}/associations/contacts`)).body.results.map(
    ({ toObjectId }: { toObjectId: unknown }) => String(toObjectId),
  )

const associate = (account: Account, task: string, contact: string): Promise<unknown> =>
  account.call('PUT', `/crm/v4/objects/tasks/${task}/associations/default/contacts/${contact}`)

const requestsTo = async (account: Account, part: string): Promise<readonly string[]> =>
  (await requestsOf(account)).flatMap(({ path }) => (path.includes(part) ? [path.split('?')[0] ?? ''] : []))

describe('whom a task in HubSpot is assigned to', () => {
  it('T6 is the first of the addresses that an owner has', async context => {
    const { put, assigned } = await opened(context)
    const stranger = 'nobody@example.com'
    const results = await put(
      [foreign(1), { ...whole, hubspot_owner_id: `${stranger} ${rep2.email.toUpperCase()} ${rep1.email}` }],
      [foreign(2), { ...whole, hubspot_owner_id: `${LEFT_HUBSPOT.email} ${stranger}` }],
      [foreign(3), { ...whole, hubspot_owner_id: null }],
    )
    assert.deepEqual(told(results), ['put', 'put', 'put'])
    assert.deepEqual(adjustmentsOf(results), [[], ['OWNER_UNKNOWN'], []])
    assert.equal(await assigned(foreign(1)), idOf(rep2.email))
    assert.ok(!(await assigned(foreign(2))) && !(await assigned(foreign(3))))
  })

  it('T6 changes, goes, and stays when the next is nobody in HubSpot', async context => {
    const { put, assigned } = await opened(context)
    await put([foreign(1), { ...whole, hubspot_owner_id: rep1.email }])
    for (const [value, expected] of [
      [rep2.email, idOf(rep2.email)],
      ['nobody@example.com', idOf(rep2.email)],
      [null, undefined],
    ] as const) {
      assert.deepEqual(told(await put([foreign(1), { hubspot_owner_id: value }, true])), ['put'])
      assert.equal((await assigned(foreign(1))) || undefined, expected)
    }
  })

  it('T6 is looked up in a list that is kept a while, and read again for a new address, but not all the time', async context => {
    const virtual = new VirtualClock()
    const clock: Clock = { now: () => virtual.now(), sleep: (ms, signal) => virtual.sleep(ms, signal) }
    const { put, account } = await opened(context, { clock })
    const read = async (): Promise<number> => (await requestsTo(account, '/crm/v3/owners')).length
    const before = await read()
    const stranger = 'nobody@example.com'
    for (const [afterMs, email, times] of [
      [0, rep1.email, 1],
      [0, rep2.email, 1],
      [1_000, stranger, 1],
      [ownersReadAgainMs, stranger, 2],
      [ownersKeptMs - 1, rep1.email, 2],
      [1, rep1.email, 3],
    ] as const) {
      virtual.advance(afterMs)
      await put([foreign(1), { ...whole, hubspot_owner_id: email }, true])
      assert.equal((await read()) - before, times)
    }
  })

  it('T6 keeps waiting whoever is to be assigned while HubSpot does not tell its owners, and no other', async context => {
    const { put, account } = await opened(context)
    await disturb(account, '/crm/v3/owners', { status: 503, headers: { 'retry-after': '0' }, body: {} })
    const results = await put([foreign(1), { ...whole, hubspot_owner_id: rep1.email }], [foreign(2), whole])
    assert.deepEqual(told(results), ['HUBSPOT_503', 'put'])
  })
})

describe('the contact that a task in HubSpot is on', () => {
  it('T1 T5 is the one that is asked for, for many tasks in one request', async context => {
    const { put, account, contact, contactsOf } = await opened(context)
    const [ada, bob] = [await contact(), await contact()]
    const results = await put(
      [foreign(1), { ...whole, contact: ada }],
      [foreign(2), { ...whole, contact: bob }],
      [foreign(3), { ...whole, contact: null }],
    )
    assert.deepEqual(told(results), ['put', 'put', 'put'])
    assert.deepEqual(await Promise.all([1, 2, 3].map(n => contactsOf(foreign(n)))), [[ada], [bob], []])
    assert.deepEqual(await requestsTo(account, '/crm/v4/associations/'), [
      '/crm/v4/associations/tasks/contacts/batch/create',
    ])
  })

  it('T1 T5 is exchanged for another, or for none, and the former ones go', async context => {
    const { put, account, contact, contactsOf, taskWith } = await opened(context)
    const [ada, bob, eve] = [await contact(), await contact(), await contact()]
    await put([foreign(1), { ...whole, contact: ada }])
    await associate(account, (await taskWith('tributary_id', foreign(1))).id, eve)
    await put([foreign(1), { contact: bob }, true])
    assert.deepEqual(await contactsOf(foreign(1)), [bob])
    await put([foreign(1), { hs_task_status: 'WAITING' }, true])
    assert.deepEqual(await contactsOf(foreign(1)), [bob])
    await put([foreign(1), { contact: null }, true])
    assert.deepEqual(await contactsOf(foreign(1)), [])
  })

  it('T8 stays whom somebody put it on when a later write of all fields changes another field', async context => {
    const { put, task, account, contact, contactsOf, taskWith } = await opened(context)
    const [ada, bob] = [await contact(), await contact()]
    const fields = { ...whole, contact: ada }
    await put([foreign(1), fields])
    await put([foreign(1), { contact: bob }, true])
    const later = { ...fields, hs_task_status: 'WAITING' }
    const before = await requestsTo(account, '/crm/v4/associations/')
    const input = { key: foreign(1), fields: later, known: true, at: null, repeated: false }
    assert.deepEqual(told(await task.put([{ ...input, news: { hs_task_status: 'WAITING' } }], signal)), ['put'])
    assert.deepEqual(await contactsOf(foreign(1)), [bob])
    assert.equal((await taskWith('tributary_id', foreign(1))).properties['hs_task_status'], 'WAITING')
    assert.deepEqual(await requestsTo(account, '/crm/v4/associations/'), before)
  })

  it('T1 T8 changes on a task that was made in HubSpot, too', async context => {
    const { put, account, contact } = await opened(context)
    const [ada, bob] = [await contact(), await contact()]
    const task = await addTask(account, {})
    await associate(account, task, ada)
    await put([`hubspot:task:${task}`, { contact: bob }])
    assert.deepEqual(await on(account, task), [bob])
  })

  it('T8 is followed when it was merged', async context => {
    const { put, account, contact, contactsOf } = await opened(context)
    const [ada, bob] = [await contact(), await contact()]
    const survivor = await mergeContacts(account, ada, bob)
    assert.deepEqual(told(await put([foreign(1), { ...whole, contact: ada }])), ['put'])
    assert.deepEqual(await contactsOf(foreign(1)), [survivor])
    const results = await put([foreign(1), { contact: bob }, true])
    assert.deepEqual([told(results), await contactsOf(foreign(1))], [['put'], [survivor]])
  })

  it('T8 is none when it was deleted, and the receipt says so', async context => {
    const { put, account, contact, contactsOf } = await opened(context)
    const [ada, bob] = [await contact(), await contact()]
    await put([foreign(1), { ...whole, contact: bob }])
    await removeContact(account, ada)
    const results = await put([foreign(1), { contact: ada }, true], [foreign(2), { ...whole, contact: '999999999' }])
    assert.deepEqual(told(results), ['put', 'put'])
    assert.deepEqual(adjustmentsOf(results), [['CONTACT_GONE'], ['CONTACT_GONE']])
    assert.deepEqual(await Promise.all([1, 2].map(n => contactsOf(foreign(n)))), [[], []])
  })

  it('T1 is refused alone when it is no contact at all, and its task is not made', async context => {
    const { put, tasks, contact } = await opened(context)
    const results = await put(
      [foreign(1), { ...whole, contact: 'ada' }],
      [foreign(2), { ...whole, contact: await contact() }],
    )
    assert.deepEqual(told(results), ['HUBSPOT_TASK_CONTACT', 'put'])
    assert.equal((await tasks()).length, 1)
  })

  it('T1 T7 comes to the same task when the request for it failed or its answer was lost', async context => {
    for (const uniqueActivityProperties of [true, false]) {
      const { put, account, tasks, contact, contactsOf } = await opened(context, {
        sandbox: { uniqueActivityProperties },
        searchLagMs: 0,
      })
      const ada = await contact()
      for (const answer of ['reset', 'reset-after-apply']) {
        await disturb(account, '/crm/v4/associations/tasks/contacts/batch/create', answer)
        const key = foreign(answer.length)
        assert.deepEqual(told(await put([key, { ...whole, contact: ada }])), ['HUBSPOT_UNREACHABLE'])
        assert.deepEqual(told(await put([key, { ...whole, contact: ada }])), ['put'])
        assert.deepEqual(await contactsOf(key), [ada])
      }
      assert.equal((await tasks()).length, 2)
    }
  })

  it('T1 fails one task alone when HubSpot refuses it among others', async context => {
    const { put, account, contact, contactsOf } = await opened(context)
    const [ada, bob] = [await contact(), await contact()]
    const part = { status: 207, body: { status: 'COMPLETE', results: [], numErrors: 1, errors: [{ category: 'X' }] } }
    const path = '/crm/v4/associations/tasks/contacts/batch/create'
    await disturb(account, path, part, 2)
    const results = await put([foreign(1), { ...whole, contact: ada }], [foreign(2), { ...whole, contact: bob }])
    assert.deepEqual(told(results), ['HUBSPOT_TASK_CONTACT', 'put'])
    assert.deepEqual(await contactsOf(foreign(2)), [bob])
  })

  it('T1 K5 is read for a dry run, as is who is assigned', async context => {
    const { put, task, contact, account } = await opened(context)
    const ada = await contact()
    await put([foreign(1), { ...whole, contact: ada, hubspot_owner_id: rep1.email }])
    const own = await addTask(account, { hs_task_subject: 'Of HubSpot' })
    const names = ['hs_task_subject', 'contact', 'hubspot_owner_id', 'deleted']
    const keys = [foreign(1), foreign(2), `hubspot:task:${own}`]
    const results = (await task.read?.(keys, names, signal)) ?? []
    assert.deepEqual(
      results.map(result => (result.kind === 'held' ? Object.values(result.fields) : result.kind)),
      [['Call back', ada, rep1.email, false], 'missing', ['Of HubSpot', null, null, false]],
    )
  })
})

describe('tasks in HubSpot are read before anything was written', () => {
  it('T1 K5 by whatever property the account has, and found nowhere without one', async context => {
    const { task, account } = await openTasks(context, { sandbox: { uniqueActivityProperties: false } })
    const own = await addTask(account, { hs_task_subject: 'Of HubSpot' })
    const read = async () =>
      ((await task.read?.([foreign(1), `hubspot:task:${own}`], ['hs_task_subject'], signal)) ?? []).map(
        ({ kind }) => kind,
      )
    assert.deepEqual(await read(), ['missing', 'held'])
    const property = { name: 'tributary_id', label: 'x', groupName: 'x', type: 'string', fieldType: 'text' }
    await account.call('POST', '/crm/v3/properties/tasks/groups', { name: 'x', label: 'x' })
    assert.equal((await account.call('POST', '/crm/v3/properties/tasks', property)).status, 201)
    await addTask(account, { tributary_id: foreign(1) })
    assert.deepEqual(await read(), ['held', 'held'])
  })
})
