import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  activityTold,
  deletionTold,
  type LiveCircumstances,
} from '../../../services/producers/hubspot/activities/told.ts'
import { activityTypes } from '../../../services/producers/hubspot/activities/types.ts'
import type { FoundActivity } from '../../../services/producers/hubspot/rest/activities.ts'
import { createCodec } from '../../../services/runtime/codec.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { tasks } from '../../../topology/topics.ts'
import { manualClock } from '../../clock.ts'
import { appId } from './receiving.ts'

const receivedAt = Date.parse('2026-08-25T10:00:00Z')
const made = '2026-08-20T08:00:00Z'
const changed = '2026-08-25T09:59:00.500Z'
const typeOf = (name: string) => activityTypes.find(type => type.name === name) ?? assert.fail(name)

const owners: Readonly<Record<string, string>> = { '71': 'email:rep@example.com', '72': 'email:kim@example.com' }
const circumstances = (values: Partial<LiveCircumstances> = {}): LiveCircumstances => ({
  ...{ type: typeOf('task'), noticedAt: 0, receivedAt, people: [], companies: [], synced: new Map(), appId },
  ownerAlias: id => owners[id ?? ''] ?? null,
  ...values,
})
const record = (properties: Record<string, unknown> = {}, values: Partial<FoundActivity> = {}): FoundActivity => ({
  id: '5012',
  properties: { hs_createdate: made, hs_lastmodifieddate: changed, ...properties },
  ...{ history: {}, createdAt: made, archivedAt: undefined },
  ...values,
})
const told = (found: FoundActivity, values: Partial<LiveCircumstances> = {}) =>
  activityTold(found, circumstances(values)) ?? assert.fail('nothing is told')

const times = { hs_timestamp: '2026-09-01T15:00:00Z', hubspot_owner_id: '71' }
const given: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  task: {
    ...{ hs_task_subject: 'Call Ada', hs_task_body: '<p>About the offer</p>', hs_task_status: 'NOT_STARTED' },
    ...{ hs_task_priority: 'HIGH', hs_task_type: 'CALL', ...times },
  },
  call: {
    ...{ hs_call_title: 'Intro', hs_call_body: 'Went well', hs_call_direction: 'OUTBOUND' },
    ...{ hs_call_duration: '1260000', hs_call_status: 'COMPLETED', hs_call_disposition: 'a-guid', ...times },
  },
  note: { hs_note_body: 'Likes tea', ...times },
  meeting: {
    ...{
      hs_meeting_title: 'Demo',
      hs_meeting_body: 'b',
      hs_internal_meeting_notes: 'n',
      hs_meeting_outcome: 'COMPLETED',
    },
    ...{ hs_meeting_start_time: '2026-09-01T15:00:00Z', hs_meeting_end_time: '2026-09-01T16:00:00Z' },
    ...{ hs_meeting_location: 'Here', ...times },
  },
  email: {
    ...{ hs_email_subject: 'Offer', hs_email_text: 'Hello', hs_email_direction: 'EMAIL', hs_email_status: 'SENT' },
    ...times,
  },
}

describe('an activity that was read', () => {
  for (const type of activityTypes)
    it(`T3 tells of a ${type.name} all that was read of it, by HubSpot's names, and what is empty as null`, () => {
      const values = given[type.name] ?? assert.fail()
      const { fields, activity, link, owner } = told(record({ ...values, hs_other: 'x' }), { type })
      const expected = {
        ...values,
        hs_createdate: made,
        ...('hs_call_duration' in values ? { hs_call_duration: 1_260_000 } : {}),
      }
      assert.deepEqual(fields, expected)
      assert.deepEqual([activity, owner], [type.activity, 'email:rep@example.com'])
      assert.equal(link, `hubspot:${type.name}:5012`)
      const empty = told(record({ hs_timestamp: '', hs_call_duration: 'long' }), { type }).fields
      for (const name of Object.keys(values)) assert.equal(empty[name], null, name)
    })

  it('T1 T5 T6 tells whom it is about, whose it is, and whose the record of that person is', () => {
    const people = [
      { id: '502', alias: 'hubspot:contact:502', createdAt: 2, owner: '72' },
      { id: '501', alias: 'hubspot:contact:501', createdAt: 1, owner: '71' },
    ]
    const task = told(record({ hubspot_owner_id: '71' }), { people })
    assert.deepEqual(task.people, ['hubspot:contact:502', 'hubspot:contact:501'])
    assert.deepEqual([task.person, task.recordOwner], ['hubspot:contact:502', 'email:kim@example.com'])
    assert.equal(task.owner, 'email:rep@example.com')
    const lonely = told(record({ hubspot_owner_id: '99' }))
    assert.deepEqual([lonely.people, lonely.person, lonely.recordOwner, lonely.owner], [[], null, null, null])
  })

  const occurrences: readonly (readonly [modified: unknown, noticedAt: number, occurredAt: number])[] = [
    [changed, 0, Date.parse(changed)],
    [changed, Date.parse(changed) + 2_000, Date.parse(changed) + 2_000],
    [String(receivedAt - 5), 0, receivedAt - 5],
    ['2027-01-01T00:00:00Z', 0, receivedAt],
    [null, receivedAt - 7, receivedAt - 7],
    ['soon', 0, receivedAt],
  ]
  for (const [modified, noticedAt, occurredAt] of occurrences)
    it(`T7 that was modified ${String(modified)} and noticed ${noticedAt} happened at ${occurredAt}`, () =>
      assert.equal(told(record({ hs_lastmodifieddate: modified }), { noticedAt }).occurredAt, occurredAt))

  it('T1 was made, if that was just before, else changed', () => {
    const just = told(record({ hs_createdate: '2026-08-25T09:58:58Z' }))
    assert.deepEqual([just.change, just.createdAt], ['CREATED', Date.parse('2026-08-25T09:58:58Z')])
    assert.deepEqual([told(record()).change, told(record()).createdAt], ['UPDATED', Date.parse(made)])
    assert.equal(told(record({ hs_createdate: null }, { createdAt: null })).createdAt, null)
  })

  const links: readonly (readonly [tributaryId: unknown, link: string])[] = [
    ['salesforce:task:00THx0000012345MAA', 'salesforce:task:00THx0000012345MAA'],
    [' hubspot:call:77 ', 'hubspot:call:77'],
    [null, 'hubspot:task:5012'],
    ['', 'hubspot:task:5012'],
    ['zoom:1:2', 'hubspot:task:5012'],
    ['salesforce:task:', 'hubspot:task:5012'],
    [`salesforce:task:${'0'.repeat(51)}`, 'hubspot:task:5012'],
    ['x salesforce:task:1', 'hubspot:task:5012'],
  ]
  for (const [tributaryId, link] of links)
    it(`T8 with the tributary_id ${JSON.stringify(tributaryId)?.slice(0, 40)} is linked by ${link}`, () =>
      assert.equal(told(record({ tributary_id: tributaryId })).link, link))

  const item = (timestamp: string, sourceType = 'CRM_UI', sourceId: unknown = 'userId:7') => ({
    ...{ value: 'x', timestamp, sourceType, sourceId },
  })
  const ourItem = (timestamp: string) => item(timestamp, 'INTEGRATION', appId)
  const [early, late] = ['2026-08-25T09:00:00Z', '2026-08-25T09:30:00Z']

  it('T7 tells the last change of each field, and whether it was ours', () => {
    const history = {
      hs_task_subject: [item(late), ourItem(early)],
      hs_task_status: [item(early), ourItem(late)],
      hs_task_body: [item('2027-01-01T00:00:00Z')],
      ...{ hs_task_priority: [], hs_task_type: [{ timestamp: 'soon' }, null, 'x'], hs_timestamp: 'none' },
    }
    assert.deepEqual(told(record({}, { history })).changes, {
      hs_task_subject: { at: Date.parse(late), ours: false },
      hs_task_status: { at: Date.parse(late), ours: true },
      hs_task_body: { at: receivedAt, ours: false },
    })
  })

  const lastChanges: readonly (readonly [what: string, history: object, ours: boolean, by: string | null])[] = [
    [
      'ours after somebody',
      { hs_task_subject: [item(early)], hs_task_body: [ourItem(late)] },
      true,
      `INTEGRATION ${appId}`,
    ],
    ['somebody after us', { hs_task_subject: [item(late)], hs_task_body: [ourItem(early)] }, false, 'CRM_UI userId:7'],
    ['both at once', { hs_task_subject: [ourItem(late)], hs_task_body: [item(late)] }, false, `INTEGRATION ${appId}`],
    ['another app', { hs_task_subject: [item(late, 'INTEGRATION', '1')] }, false, 'INTEGRATION 1'],
    ['the app by its number', { hs_task_subject: [item(late, 'INTEGRATION', Number(appId))] }, true, 'INTEGRATION'],
    ['a person of our number', { hs_task_subject: [item(late, 'CRM_UI', appId)] }, false, `CRM_UI ${appId}`],
    ['nobody', {}, false, null],
  ]
  for (const [what, history, ours, by] of lastChanges)
    it(`T7 that was changed last by ${what} is ${ours ? '' : 'not '}ours`, () => {
      const task = told(record({}, { history: history as FoundActivity['history'] }))
      assert.deepEqual([task.ours, task.changedBy], [ours, by])
    })

  it('T7 is nobody’s own while HUBSPOT_APP_ID is not set', () => {
    const task = told(record({}, { history: { hs_task_subject: [ourItem(late)] } }), { appId: null })
    assert.deepEqual([task.ours, task.changes['hs_task_subject']?.ours], [false, false])
  })

  it('T7 has the same id when it is read again, and another one when it holds anything else', () => {
    const first = told(record({ hs_task_subject: 'A' }))
    assert.match(first.eventId, new RegExp(`^hubspot:task:5012:${Date.parse(changed)}-[0-9a-z]+$`))
    assert.equal(told(record({ hs_task_subject: 'A' }), { receivedAt: receivedAt + 9_000 }).eventId, first.eventId)
    const people = [{ id: '502', alias: 'hubspot:contact:502', createdAt: 2, owner: null }]
    const others = [told(record({ hs_task_subject: 'B' })), told(record({ hs_task_subject: 'A' }), { people })]
    assert.equal(new Set([first, ...others].map(({ eventId }) => eventId)).size, 3)
  })

  it('T8 that was deleted is told without fields, by its link', () => {
    const found = record({ tributary_id: 'salesforce:task:00T1' }, { archivedAt: changed })
    const about = { type: typeOf('task'), noticedAt: receivedAt, receivedAt }
    const { eventId, ...task } = deletionTold('5012', found, about)
    assert.match(eventId, new RegExp(`^hubspot:task:5012:${Date.parse(changed)}-`))
    assert.deepEqual(task, {
      ...{ source: 'hubspot:default', system: 'HUBSPOT', activity: 'TASK', record: '5012', change: 'DELETED' },
      ...{ occurredAt: Date.parse(changed), receivedAt, createdAt: Date.parse(made), link: 'salesforce:task:00T1' },
      ...{
        people: [],
        person: null,
        relatedTo: null,
        related: null,
        others: null,
        owner: null,
        recordOwner: null,
        changedBy: null,
      },
      ...{ fields: {}, changes: {}, ours: false },
    })
    const gone = deletionTold('5012', undefined, about)
    assert.deepEqual([gone.link, gone.occurredAt, gone.createdAt], ['hubspot:task:5012', receivedAt, null])
  })

  it('T3 whatever HubSpot answers becomes an event that can be written, or nothing', async () => {
    const codec = await createCodec({
      ...{ registry: memoryRegistry(), topics: [tasks], clock: manualClock(receivedAt), register: true },
    })
    const names = [...new Set(activityTypes.flatMap(({ properties }) => properties)), 'tributary_id', '__proto__']
    const value = fc.oneof(fc.jsonValue({ depthSize: 'small' }), fc.string({ unit: 'binary' }), fc.constant(made))
    const values = fc.dictionary(fc.constantFrom(...names, 'hs_createdate', 'hs_lastmodifieddate'), value)
    const items = fc.array(fc.record({ timestamp: value, sourceType: value, sourceId: value }, { requiredKeys: [] }))
    const found = fc.record({
      ...{ id: fc.oneof(value, fc.constant('5012')), properties: values, createdAt: value, archivedAt: value },
      history: fc.dictionary(fc.constantFrom(...names), fc.oneof(items, value)),
    })
    fc.assert(
      fc.property(found, fc.constantFrom(...activityTypes), (given, type) => {
        const live = activityTold(given, circumstances({ type }))
        const gone = deletionTold('5012', given, { type, noticedAt: 0, receivedAt })
        for (const task of live ? [live, gone] : [gone]) {
          assert.deepEqual(structuredClone(codec.decode(tasks, codec.encode(tasks, task))), structuredClone(task))
          assert.ok(task.occurredAt <= receivedAt)
          for (const { at } of Object.values(task.changes)) assert.ok(at <= receivedAt)
        }
      }),
      { numRuns: 500 },
    )
  })
})
