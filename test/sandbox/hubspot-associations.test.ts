import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { type Account, createRecord, openAccount } from './hubspot.ts'

const TASK = { hs_timestamp: '2026-10-14T09:00:00Z', hs_task_subject: 'Send the proposal' }
const ON_CONTACT = [{ associationCategory: 'HUBSPOT_DEFINED' as never, associationTypeId: 204 }]
const BATCH = '/crm/v4/associations/tasks/contacts/batch'

interface People extends Account {
  readonly task: string
  readonly ada: string
  readonly alan: string
  /** Ids of the contacts that the task is on. */
  contactsOf(task?: string): Promise<string[]>
}

const openPeople = async (context: TestContext): Promise<People> => {
  const account = await openAccount(context)
  const [task, ada, alan] = [
    (await createRecord(account, TASK, 'tasks')).id,
    (await createRecord(account, { email: 'ada@example.com' }, 'contacts')).id,
    (await createRecord(account, { email: 'alan@example.com' }, 'contacts')).id,
  ]
  const contactsOf = async (id = task) =>
    (await account.call('GET', `/crm/v4/objects/tasks/${id}/associations/contacts`)).body.results.map(
      (one: { toObjectId: string }) => one.toObjectId,
    )
  return { ...account, task, ada, alan, contactsOf }
}

describe('T5 associations of activities', () => {
  const pairs: readonly (readonly [from: string, to: string, typeId: number])[] = [
    ['tasks', 'contacts', 204],
    ['contacts', 'tasks', 203],
    ['tasks', 'companies', 192],
    ['deals', 'tasks', 215],
    ['calls', 'contacts', 194],
    ['meetings', 'companies', 188],
    ['emails', 'deals', 210],
    ['contacts', 'notes', 201],
  ]
  const made: Readonly<Record<string, Record<string, string>>> = {
    contacts: { email: 'ada@example.com' },
    companies: { name: 'Lumen' },
    deals: { dealname: 'Big one' },
  }
  for (const [from, to, typeId] of pairs) {
    it(`from ${from} to ${to} are of type ${typeId}`, async context => {
      const account = await openAccount(context)
      const [a, b] = [from, to].map(type =>
        createRecord(account, made[type] ?? { hs_timestamp: TASK.hs_timestamp }, type),
      )
      const [{ id: fromId }, { id: toId }] = [await a, await b]
      const path = `/crm/v4/objects/${from}/${fromId}/associations`
      assert.equal((await account.call('PUT', `${path}/default/${to}/${toId}`)).status, 200)
      const { results } = (await account.call('GET', `${path}/${to}`)).body
      const associationTypes = [{ category: 'HUBSPOT_DEFINED', typeId, label: null }]
      assert.deepEqual(results, [{ toObjectId: toId, associationTypes }])
    })
  }

  it('are made with a new record, one by one and in a batch, and shown with it', async context => {
    const { call, client, ada, alan } = await openPeople(context)
    const associations = [ada, alan].map(id => ({ to: { id }, types: ON_CONTACT }))
    const { id } = await client.crm.objects.tasks.basicApi.create({ properties: TASK, associations })
    const read = await client.crm.objects.tasks.basicApi.getById(id, ['hs_task_subject'], undefined, [
      'contacts',
      'deals',
    ])
    assert.deepEqual(
      read.associations?.['contacts']?.results.map(({ id, type }) => [id, type]),
      [
        [ada, 'task_to_contact'],
        [alan, 'task_to_contact'],
      ],
    )
    assert.deepEqual(Object.keys(read.associations ?? {}), ['contacts'])
    const inputs = [
      { properties: TASK, associations: [{ to: { id: Number(ada) }, types: [{ associationTypeId: 204 }] }] },
    ]
    const [batched] = (await call('POST', '/crm/v3/objects/tasks/batch/create', { inputs })).body.results
    const contact = (await call('GET', `/crm/v3/objects/contacts/${ada}?associations=tasks`)).body
    assert.deepEqual(
      contact.associations.tasks.results.map((one: { id: string }) => one.id),
      [id, batched.id],
    )
  })

  it('to a record that is not there, or of another type, refuse the new record', async context => {
    const { call, ada } = await openPeople(context)
    const create = (id: string, associationTypeId: number) =>
      call('POST', '/crm/v3/objects/tasks', {
        properties: TASK,
        associations: [{ to: { id }, types: [{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId }] }],
      })
    const [nobody, company] = [await create('1', 204), await create(ada, 279)]
    assert.deepEqual([nobody.status, nobody.body.subCategory], [400, 'crm.associations.INVALID_OBJECT_IDS'])
    assert.deepEqual([company.status, company.body.subCategory], [400, 'crm.associations.INVALID_ASSOCIATION_TYPE'])
    assert.equal((await call('GET', '/_sandbox/state')).body.tasks.length, 1)
  })

  it('are made, read and removed in batches by the official client', async context => {
    const { client, task, ada, alan, contactsOf } = await openPeople(context)
    const { batchApi, basicApi } = client.crm.associations.v4
    const from = { id: task }
    const created = await batchApi.create('tasks', 'contacts', {
      inputs: [{ _from: from, to: { id: ada }, types: ON_CONTACT }],
    })
    assert.deepEqual(
      { ...created.results[0] },
      {
        ...{ fromObjectTypeId: '0-27', fromObjectId: task, toObjectTypeId: '0-1', toObjectId: ada, labels: [] },
      },
    )
    const byDefault = await batchApi.createDefault('tasks', 'contacts', { inputs: [{ _from: from, to: { id: alan } }] })
    assert.deepEqual(
      byDefault.results.map(one => [one._from.id, one.to.id, one.associationSpec.associationTypeId]),
      [
        [task, alan, 204],
        [alan, task, 203],
      ],
    )
    const { results } = await batchApi.getPage('tasks', 'contacts', { inputs: [{ id: task }] })
    assert.deepEqual(
      results[0]?.to.map(({ toObjectId }) => toObjectId),
      [ada, alan],
    )
    await batchApi.archive('tasks', 'contacts', { inputs: [{ _from: from, to: [{ id: ada }] }] })
    assert.deepEqual(await contactsOf(), [alan])
    const single = await basicApi.create('tasks', task, 'contacts', ada, ON_CONTACT)
    assert.equal(single.toObjectId, ada)
    await basicApi.archive('tasks', task, 'contacts', alan)
    assert.deepEqual(await contactsOf(), [ada])
    assert.deepEqual((await basicApi.getPage('contacts', ada, 'tasks')).results[0]?.toObjectId, task)
  })

  it('a read of a record without any is an error among the results', async context => {
    const { call, task, ada } = await openPeople(context)
    const read = async () => await call('POST', `${BATCH}/read`, { inputs: [{ id: task }, { id: '1' }] })
    const none = await read()
    assert.deepEqual([none.status, none.body.numErrors, none.body.results], [207, 2, []])
    const [error] = none.body.errors
    assert.deepEqual(
      [error.category, error.subCategory, error.message],
      ['OBJECT_NOT_FOUND', 'crm.associations.NO_ASSOCIATIONS_FOUND', `No contact is associated with task ${task}.`],
    )
    assert.deepEqual(error.context, { fromObjectId: [task], fromObjectType: ['task'], toObjectType: ['contact'] })
    await call('POST', `${BATCH}/associate/default`, { inputs: [{ from: { id: task }, to: { id: ada } }] })
    const one = await read()
    assert.deepEqual([one.status, one.body.results.length, one.body.numErrors], [207, 1, 1])
    const { body } = await call('GET', `/crm/v4/objects/tasks/${task}/associations/companies`)
    assert.deepEqual(body.results, [])
  })

  it('a batch makes those it can, and says which not', async context => {
    const { call, task, ada, contactsOf } = await openPeople(context)
    const inputs = [ada, '1'].map(id => ({ from: { id: task }, to: { id }, types: ON_CONTACT }))
    const { status, body } = await call('POST', `${BATCH}/create`, { inputs })
    assert.deepEqual([status, body.results.length, body.numErrors], [207, 1, 1])
    assert.deepEqual(body.errors[0].context, { CONTACT: ['1'] })
    assert.deepEqual(await contactsOf(), [ada])
    const many = Array.from({ length: 1001 }, (_, index) => ({ id: String(index) }))
    assert.equal((await call('POST', `${BATCH}/read`, { inputs: many })).status, 400)
  })

  it('T8 follow a contact into the one it is merged into, once', async context => {
    const { call, task, ada, alan, contactsOf } = await openPeople(context)
    for (const id of [ada, alan]) await call('PUT', `/crm/v4/objects/tasks/${task}/associations/default/contacts/${id}`)
    const merge = { primaryObjectId: ada, objectIdToMerge: alan }
    const survivor = (await call('POST', '/crm/v3/objects/contacts/merge', merge)).body.id
    assert.deepEqual(await contactsOf(), [survivor])
    await call('POST', `${BATCH}/archive`, { inputs: [{ from: { id: task }, to: [{ id: alan }] }] })
    assert.deepEqual(await contactsOf(), [], 'the old id means the survivor')
    await call('PUT', `/crm/v4/objects/tasks/${task}/associations/default/contacts/${ada}`)
    assert.deepEqual(await contactsOf(), [survivor])
  })

  it('T8 go with a record that is archived, are back with it, and are lost with one that is erased', async context => {
    const { call, url, task, ada, contactsOf } = await openPeople(context)
    await call('PUT', `/crm/v4/objects/tasks/${task}/associations/default/contacts/${ada}`)
    const tasksOf = async () =>
      (await call('GET', `/crm/v3/objects/contacts/${ada}?associations=tasks`)).body.associations
    await call('DELETE', `/crm/v3/objects/tasks/${task}`)
    assert.equal(await tasksOf(), undefined)
    assert.deepEqual((await call('GET', '/_sandbox/state')).body.associations, [])
    await fetch(`${url}/records/tasks/${task}/restore`, { method: 'POST', redirect: 'manual' })
    assert.deepEqual(await contactsOf(), [ada])
    await call('POST', '/crm/v3/objects/contacts/gdpr-delete', { objectId: ada })
    assert.deepEqual(await contactsOf(), [])
  })

  it('have limits of their own', async context => {
    const { call } = await openAccount(context, { limits: { burst: 4, associationBurst: 2 } })
    const ask = async () => (await call('GET', '/crm/v4/objects/tasks/1/associations/contacts')).status
    assert.deepEqual([await ask(), await ask(), await ask()], [404, 404, 429])
    assert.equal((await call('GET', '/crm/v3/owners')).status, 200)
  })

  it('and survive a restart of the sandbox', async context => {
    const folder = mkdtempSync(join(tmpdir(), 'hubspot-associations-'))
    context.after(() => rmSync(folder, { recursive: true }))
    const options = { journalFile: `${folder}/journal` }
    const before = await openAccount(context, options)
    const { id: ada } = await createRecord(before, { email: 'ada@example.com' }, 'contacts')
    const { id: task } = await createRecord(before, TASK, 'tasks')
    await before.call('PUT', `/crm/v4/objects/tasks/${task}/associations/default/contacts/${ada}`)
    await before.call('PATCH', `/crm/v3/objects/tasks/${task}`, { properties: { hs_task_subject: 'Other' } })
    await before.close()
    const after = await openAccount(context, options)
    const { body } = await after.call(
      'GET',
      `/crm/v3/objects/tasks/${task}?associations=contacts&propertiesWithHistory=hs_task_subject`,
    )
    assert.equal(body.associations.contacts.results[0].id, ada)
    assert.equal(body.propertiesWithHistory.hs_task_subject.length, 2)
  })
})
