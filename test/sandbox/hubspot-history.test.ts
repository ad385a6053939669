import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Account, createRecord, openAccount } from './hubspot.ts'
import { openTold } from './hubspot-told.ts'

const TASKS = '/crm/v3/objects/tasks'
const TASK = { hs_timestamp: '2026-10-14T09:00:00Z', hs_task_subject: 'Send the proposal' }

const historyOf = async ({ call }: Pick<Account, 'call'>, id: string, property: string, type = 'tasks') =>
  (await call('GET', `/crm/v3/objects/${type}/${id}?propertiesWithHistory=${property}`)).body.propertiesWithHistory[
    property
  ]

const valuesOf = (history: { value: string }[]): string[] => history.map(({ value }) => value)

it('T7 the history of a property says who wrote each value and when, the newest first', async context => {
  const account = await openTold(context)
  const id = await account.create('tasks', TASK)
  await account.call('PATCH', `${TASKS}/${id}`, { properties: { hs_task_status: 'IN_PROGRESS' } })
  await account.form(`/records/tasks/${id}`, { hs_task_status: 'COMPLETED' })
  const [newest, byApp, first, ...none] = await historyOf(account, id, 'hs_task_status')
  assert.deepEqual(none, [])
  const { timestamp, ...person } = newest
  assert.deepEqual(person, { value: 'COMPLETED', sourceType: 'CRM_UI', sourceId: 'userId:1', updatedByUserId: 1 })
  assert.deepEqual([byApp.value, byApp.sourceType, byApp.sourceId], ['IN_PROGRESS', 'INTEGRATION', '5070001'])
  assert.deepEqual([first.value, first.sourceType, first.sourceId], ['NOT_STARTED', 'INTEGRATION', '5070001'])
  const { body } = await account.call('GET', `${TASKS}/${id}`)
  assert.equal(Date.parse(timestamp), Date.parse(body.updatedAt))
  assert.equal(Date.parse(first.timestamp), Date.parse(body.createdAt))
  assert.ok(Date.parse(first.timestamp) <= Date.parse(byApp.timestamp))
})

it('a value that was cleared is an empty one, one that is written again is none, one that never was has none', async context => {
  const account = await openAccount(context)
  const { id } = await createRecord(account, TASK, 'tasks')
  for (const body of ['Call first', 'Call first', ''])
    await account.call('PATCH', `${TASKS}/${id}`, { properties: { hs_task_body: body } })
  assert.deepEqual(valuesOf(await historyOf(account, id, 'hs_task_body')), ['', 'Call first'])
  assert.deepEqual(await historyOf(account, id, 'hs_task_reminders'), [])
  assert.equal((await historyOf(account, id, 'hs_lastmodifieddate')).length, 1)
})

it('the last 20 values of a property of a task are kept', async context => {
  const account = await openAccount(context)
  const { id } = await createRecord(account, TASK, 'tasks')
  for (let count = 1; count <= 25; count += 1)
    await account.call('PATCH', `${TASKS}/${id}`, { properties: { hs_task_subject: `Subject ${count}` } })
  const values = valuesOf(await historyOf(account, id, 'hs_task_subject'))
  assert.deepEqual([values.length, values[0], values.at(-1)], [20, 'Subject 25', 'Subject 6'])
})

it('a batch read with history takes 50 records at most, one without 100; a page of a list 50', async context => {
  const account = await openAccount(context)
  const inputs = Array.from({ length: 51 }, () => ({ properties: TASK }))
  const { body } = await account.call('POST', `${TASKS}/batch/create`, { inputs })
  const ids = body.results.map(({ id }: { id: string }) => ({ id }))
  const read = (count: number, propertiesWithHistory: string[]) =>
    account.call('POST', `${TASKS}/batch/read`, { inputs: ids.slice(0, count), properties: [], propertiesWithHistory })
  assert.equal((await read(51, [])).status, 200)
  assert.equal((await read(51, ['hs_task_status'])).status, 400)
  const { status, body: answer } = await read(50, ['hs_task_status'])
  assert.equal(status, 200)
  for (const { properties, propertiesWithHistory } of answer.results) {
    assert.deepEqual(valuesOf(propertiesWithHistory.hs_task_status), ['NOT_STARTED'])
    assert.equal(properties.hs_task_status, 'NOT_STARTED')
  }
  assert.equal((await account.call('GET', `${TASKS}?limit=100`)).status, 200)
  assert.equal((await account.call('GET', `${TASKS}?limit=51&propertiesWithHistory=hs_task_status`)).status, 400)
})

it('contacts have one too, also in the official client; a merge keeps that of the value that stays', async context => {
  const account = await openAccount(context)
  const { contacts } = account.client.crm
  const make = async (properties: Record<string, string>) =>
    (await contacts.basicApi.create({ properties, associations: [] })).id
  const primary = await make({ email: 'ada@example.com', jobtitle: 'Analyst' })
  const other = await make({ email: 'countess@example.com', jobtitle: 'Lady', city: 'London' })
  await contacts.basicApi.update(primary, { properties: { jobtitle: 'Countess' } })
  await contacts.basicApi.update(other, { properties: { city: 'Ockham' } })
  const survivor = (await contacts.basicApi.merge({ primaryObjectId: primary, objectIdToMerge: other })).id
  const { propertiesWithHistory } = await contacts.basicApi.getById(survivor, undefined, ['jobtitle', 'city'])
  assert.deepEqual(valuesOf(propertiesWithHistory?.['jobtitle'] ?? []), ['Countess', 'Analyst'])
  assert.deepEqual(valuesOf(propertiesWithHistory?.['city'] ?? []), ['Ockham', 'London'])
  const addresses = await historyOf(account, survivor, 'hs_additional_emails', 'contacts')
  assert.deepEqual([addresses[0].value, addresses[0].sourceType], ['countess@example.com', 'MERGE_OBJECTS'])
})
