import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Reply } from './hubspot.ts'
import { createRecord, openAccount } from './hubspot.ts'

const TASKS = '/crm/v3/objects/tasks'
const DUE = '2026-10-14T09:00:00Z'
const TASK = { hs_timestamp: DUE, hs_task_subject: 'Send the proposal' }

/** The list that a refused write packs into its message. */
const packed = ({ body }: Reply): { name: string; error: string }[] =>
  JSON.parse(body.message.slice(body.message.indexOf('['))).map(({ name, error }: { name: string; error: string }) => ({
    name,
    error,
  }))

describe('activities', () => {
  const kinds: readonly (readonly [name: string, typeId: string, properties: Record<string, string>])[] = [
    ['tasks', '0-27', { hs_task_subject: 'Call back', hs_task_status: 'WAITING' }],
    ['calls', '0-48', { hs_call_title: 'Intro', hs_call_direction: 'OUTBOUND', hs_call_duration: '60000' }],
    ['notes', '0-46', { hs_note_body: '<p>Likes tea</p>' }],
    ['meetings', '0-47', { hs_meeting_title: 'Demo', hs_meeting_outcome: 'SCHEDULED' }],
    ['emails', '0-49', { hs_email_subject: 'Hello', hs_email_direction: 'EMAIL', hs_email_status: 'SENT' }],
  ]
  for (const [name, typeId, properties] of kinds) {
    it(`${name} (${typeId}) are written, read, searched, listed, archived and read as archived`, async context => {
      const { call } = await openAccount(context)
      const base = `/crm/v3/objects/${name}`
      const { status, body } = await call('POST', base, { properties: { ...properties, hs_timestamp: DUE } })
      assert.equal(status, 201)
      const { id } = body
      const names = [...Object.keys(properties), 'hs_timestamp', 'hs_object_source', 'hs_object_source_id']
      const read = (await call('GET', `/crm/v3/objects/${typeId}/${id}?properties=${names.join(',')}`)).body
      const { hs_createdate, hs_lastmodifieddate, hs_object_id, ...rest } = read.properties
      assert.equal(hs_object_id, id)
      assert.ok(Date.parse(hs_createdate) > 0 && Date.parse(hs_lastmodifieddate) > 0)
      const writer = { hs_object_source: 'INTEGRATION', hs_object_source_id: '5070001' }
      assert.deepEqual(rest, { ...properties, hs_timestamp: DUE, ...writer })
      const filters = [{ propertyName: 'hs_object_id', operator: 'EQ', value: id }]
      const found = await call('POST', `${base}/search`, { filterGroups: [{ filters }] })
      assert.equal(found.body.total, 1)
      assert.deepEqual(
        (await call('GET', base)).body.results.map((one: { id: string }) => one.id),
        [id],
      )
      assert.equal((await call('DELETE', `${base}/${id}`)).status, 204)
      assert.equal((await call('GET', `${base}/${id}`)).status, 404)
      const archived = (await call('GET', `${base}/${id}?archived=true&properties=hs_timestamp`)).body
      assert.deepEqual([archived.archived, archived.properties.hs_timestamp], [true, DUE])
      assert.ok(Date.parse(archived.archivedAt) > 0)
      const batch = await call('POST', `${base}/batch/read?archived=true`, { inputs: [{ id }], properties: [] })
      assert.deepEqual(
        batch.body.results.map((one: { archived: boolean }) => one.archived),
        [true],
      )
      assert.equal((await call('POST', `${base}/merge`, { primaryObjectId: id, objectIdToMerge: '1' })).status, 404)
      assert.equal((await call('GET', '/_sandbox/state')).body[name].length, 0)
    })
  }

  it('need hs_timestamp; a meeting takes it from its start', async context => {
    const { call } = await openAccount(context)
    const refused = await call('POST', TASKS, { properties: { hs_task_subject: 'When?' } })
    assert.deepEqual([refused.status, refused.body.category], [400, 'VALIDATION_ERROR'])
    assert.deepEqual(refused.body.context.properties, ['hs_timestamp'])
    const properties = { hs_meeting_start_time: String(Date.parse(DUE)) }
    const { body } = await call('POST', '/crm/v3/objects/meetings', { properties })
    const { body: read } = await call('GET', `/crm/v3/objects/meetings/${body.id}?properties=hs_timestamp`)
    assert.equal(read.properties.hs_timestamp, DUE)
  })

  it('a task is not started and to do unless it says so; when it was completed HubSpot says', async context => {
    const { call } = await openAccount(context)
    const { id, properties } = await createRecord({ call }, TASK, 'tasks')
    assert.deepEqual(
      [
        properties.hs_task_status,
        properties.hs_task_type,
        properties.hs_task_priority,
        properties.hs_task_is_completed,
      ],
      ['NOT_STARTED', 'TODO', 'NONE', '0'],
    )
    const become = async (status: string) =>
      (await call('PATCH', `${TASKS}/${id}`, { properties: { hs_task_status: status } })).body.properties
    const { hs_task_completion_date: at } = await become('COMPLETED')
    assert.ok(Date.parse(at) > 0)
    assert.equal((await become('COMPLETED')).hs_task_completion_date, at)
    assert.equal((await become('NOT_STARTED')).hs_task_completion_date, undefined)
    const refused = await call('PATCH', `${TASKS}/${id}`, { properties: { hs_task_completion_date: DUE } })
    assert.deepEqual(packed(refused), [{ name: 'hs_task_completion_date', error: 'READ_ONLY_VALUE' }])
  })

  const wrong: readonly (readonly [name: string, value: string, error: string])[] = [
    ['hs_task_status', 'DONE', 'INVALID_OPTION'],
    ['hs_task_priority', 'NORMAL', 'INVALID_OPTION'],
    ['hs_task_type', 'MEETING', 'INVALID_OPTION'],
    ['hs_timestamp', 'tomorrow', 'INVALID_DATE'],
    ['hs_task_topic', 'x', 'PROPERTY_DOESNT_EXIST'],
    ['hubspot_owner_id', '1', 'INVALID_OWNER_ID'],
  ]
  for (const [name, value, error] of wrong) {
    it(`a task with ${name} ${value} is refused with ${error}`, async context => {
      const { call } = await openAccount(context)
      const refused = await call('POST', TASKS, { properties: { ...TASK, [name]: value } })
      assert.equal(refused.status, 400)
      assert.deepEqual(packed(refused), [{ name, error }])
    })
  }

  it('a batch takes 100 of them, and the official client reads what it wrote', async context => {
    const { call, client } = await openAccount(context)
    const { tasks } = client.crm.objects
    const inputs = Array.from({ length: 101 }, (_, index) => ({
      properties: { ...TASK, hs_task_subject: `Task ${index}` },
      associations: [],
    }))
    assert.equal((await call('POST', `${TASKS}/batch/create`, { inputs })).status, 400)
    const { results } = await tasks.batchApi.create({ inputs: inputs.slice(1) })
    assert.equal(results.length, 100)
    const [first] = results
    assert.ok(first)
    const again = await tasks.batchApi.update({ inputs: [{ id: first.id, properties: { hs_task_priority: 'HIGH' } }] })
    assert.equal(again.results[0]?.properties['hs_task_priority'], 'HIGH')
    await tasks.batchApi.archive({ inputs: results.slice(50).map(({ id }) => ({ id })) })
    assert.equal((await call('GET', '/_sandbox/state')).body.tasks.length, 50)
  })

  it('a search sees a task only after the lag', async context => {
    const { call } = await openAccount(context, { searchLagMs: 60_000 })
    const { id } = await createRecord({ call }, TASK, 'tasks')
    assert.equal((await call('POST', `${TASKS}/search`, {})).body.total, 0)
    assert.equal((await call('GET', `${TASKS}/${id}`)).status, 200)
  })
})

describe('a custom property of tasks with unique values', () => {
  const property = { name: 'tributary_id', label: 'Id', type: 'string', fieldType: 'text', groupName: 'task' }
  const unique = { ...property, hasUniqueValue: true }

  it('identifies them in upserts, reads and updates', async context => {
    const { call } = await openAccount(context)
    assert.equal((await call('POST', '/crm/v3/properties/tasks', unique)).status, 201)
    const input = (id: string, properties: object) => ({ id, idProperty: 'tributary_id', properties })
    const upsert = async (subject: string) =>
      (await call('POST', `${TASKS}/batch/upsert`, { inputs: [input('a:1', { ...TASK, hs_task_subject: subject })] }))
        .body.results[0]
    const [made, again] = [await upsert('One'), await upsert('Two')]
    assert.deepEqual([made.new, again.new, again.id], [true, false, made.id])
    const update = await call('POST', `${TASKS}/batch/update`, { inputs: [input('a:1', { hs_task_priority: 'LOW' })] })
    assert.deepEqual([update.status, update.body.results[0].id], [200, made.id])
    const asked = { inputs: [{ id: 'a:1' }], idProperty: 'tributary_id', properties: ['hs_task_subject'] }
    const read = await call('POST', `${TASKS}/batch/read`, asked)
    assert.equal(read.body.results[0].properties.hs_task_subject, 'Two')
    const twin = await call('POST', TASKS, { properties: { ...TASK, tributary_id: 'a:1' } })
    assert.deepEqual(packed(twin), [{ name: 'tributary_id', error: 'CONFLICTING_UNIQUE_VALUE' }])
  })

  it('is refused where the portal does not take one', async context => {
    const { call } = await openAccount(context, { uniqueActivityProperties: false })
    assert.equal((await call('POST', '/crm/v3/properties/tasks', unique)).status, 400)
    assert.equal((await call('POST', '/crm/v3/properties/tasks', property)).status, 201)
    const inputs = [{ id: 'a:1', idProperty: 'tributary_id', properties: TASK }]
    const { status, body } = await call('POST', `${TASKS}/batch/upsert`, { inputs })
    assert.equal(status, 400)
    assert.match(body.message, /non-unique 0-27 property tributary_id/)
    const contacts = { ...unique, groupName: 'contactinformation' }
    assert.equal((await call('POST', '/crm/v3/properties/contacts', contacts)).status, 201)
  })
})
