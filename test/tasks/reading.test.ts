import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Task } from '../../schemas/generated.ts'
import { readyTaskSync } from '../../services/tasks/mapping.ts'
import { type Known, readingOf } from '../../services/tasks/reading.ts'
import { taskSync } from '../../topology/tasks.ts'
import { ada, at } from './crms.ts'

const mapping = readyTaskSync({ ...taskSync, people: 'all' })
const hour = 3_600_000

/** HubSpot told at `at` of a task that is older than that, and when some other field of it was changed. */
const inHubSpot = (over: Partial<Task> = {}): Task => ({
  ...{ eventId: 'event', source: 'hubspot:default', occurredAt: at, receivedAt: at + 500, createdAt: at - 9 * hour },
  ...{ system: 'HUBSPOT', record: '5012', change: 'UPDATED', activity: 'TASK', link: null, changedBy: null },
  ...{ people: ['hubspot:contact:501'], person: 'hubspot:contact:501', recordOwner: null, owner: null },
  ...{ relatedTo: null, related: null, others: null, ours: false },
  fields: { hs_task_subject: 'Call her', hs_task_body: null },
  changes: { hs_task_subject: { at: at - 2 * hour, ours: false } },
  ...over,
})
const inSalesforce = (over: Partial<Task> = {}): Task =>
  inHubSpot({ system: 'SALESFORCE', fields: { Subject: 'Call her' }, changes: {}, ...over })

const values = (event: Task, known: Partial<Known> = {}) =>
  readingOf(event, { person: ada, companies: [], ...known }, mapping).values

describe('what an event says of a task', () => {
  it('T7 is as old as the change of the field, and as the task where an empty field was never changed', () => {
    const { subject, body } = values(inHubSpot())
    assert.deepEqual([subject?.value, subject?.occurredAt, subject?.change], ['Call her', at - 2 * hour, true])
    assert.deepEqual([body?.value, body?.occurredAt, body?.change], [null, at - 9 * hour, false])
  })

  it('T1 T5 is as new as the event where nobody keeps when it was emptied: of companies and of other people', () => {
    const { company, others } = values(inHubSpot({ related: [], others: [] }))
    assert.deepEqual([company?.value, company?.occurredAt], [null, at])
    assert.deepEqual([others?.value, others?.occurredAt], [null, at])
  })

  it('T7 is never later than it was received', () => {
    const changes = { hs_task_subject: { at: at + hour, ours: false } }
    assert.equal(values(inHubSpot({ changes })).subject?.occurredAt, at + 500)
  })

  it('T7 is surely ours by the change of the field; of a system that tells none, perhaps', () => {
    const ours = (event: Task) => values(event).subject?.ours
    const changed = (byUs: boolean) => ({ hs_task_subject: { at, ours: byUs } })
    assert.deepEqual(
      [true, false].map(byUs => ours(inHubSpot({ changes: changed(byUs) }))),
      ['surely', 'no'],
    )
    assert.deepEqual(
      [true, false].map(byUs => ours(inSalesforce({ ours: byUs }))),
      ['perhaps', undefined],
    )
    assert.equal(values(inHubSpot({ ours: true })).body?.ours, undefined)
  })

  it('T6 is nothing of the owner of a task that was never assigned, or is the integration user’s; who was taken off it is told', () => {
    for (const event of [inHubSpot(), inSalesforce()]) assert.ok(!Object.hasOwn(values(event), 'owner'))
    const { owner } = values(inHubSpot({ changes: { hubspot_owner_id: { at: at - hour, ours: false } } }))
    assert.deepEqual([owner?.value, owner?.occurredAt], [null, at - hour])
    for (const told of [inHubSpot, inSalesforce])
      assert.equal(values(told({ owner: 'email:kim@example.com' })).owner?.value, 'kim@example.com')
  })

  it('T8 is whom it is on, or nobody; nothing while nobody knows who that is', () => {
    assert.equal(values(inHubSpot()).who?.value, ada.aliases[0])
    assert.equal(values(inHubSpot({ people: [], person: null }), { person: null }).who?.value, null)
    assert.ok(!Object.hasOwn(values(inHubSpot(), { person: null }), 'who'))
  })

  it('T5 is the other people who are contacts in Salesforce, always in the same order', () => {
    const contacts = ['salesforce:contact:0035g00000BobBoAAJ', 'salesforce:contact:0035g00000AdaAdAAJ']
    const others = [...contacts, 'salesforce:lead:00QHx0000012345MAA']
    assert.equal(values(inHubSpot({ others })).others?.value, '0035g00000AdaAdAAJ 0035g00000BobBoAAJ')
  })
})
