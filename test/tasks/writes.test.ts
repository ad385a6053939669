import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Task } from '../../schemas/generated.ts'
import type { TaskAsked } from '../../services/tasks/link.ts'
import { planOf } from '../../services/tasks/link.ts'
import { readyTaskSync } from '../../services/tasks/mapping.ts'
import { type Around, hubspotFields, isInBoth, salesforceFields } from '../../services/tasks/writes.ts'
import { taskSync } from '../../topology/tasks.ts'
import { ada, at, bob } from './crms.ts'

const mapping = readyTaskSync(taskSync)
const event: Task = {
  ...{ eventId: 'event', source: 'hubspot:default', occurredAt: at, receivedAt: at + 500, createdAt: at - 86_400_000 },
  ...{ system: 'HUBSPOT', record: '5012', change: 'UPDATED', activity: 'TASK', link: null, changedBy: null },
  ...{ people: ['hubspot:contact:501'], person: 'hubspot:contact:501', recordOwner: null, owner: null },
  ...{ relatedTo: null, related: null, others: null, ours: false, fields: {}, changes: {} },
}
const { fields } = planOf('hubspot:task:5012', mapping)
const asking = (target: string, values: Readonly<Record<string, string | null>>, whole: boolean): TaskAsked => ({
  ...{ target, whole, revision: 1 },
  values: Object.entries(values).map(([name, value]) => {
    const field = fields.find(one => one.name === name)
    assert.ok(field, `${name} is no field of tasks`)
    return { field, value }
  }),
})
interface Given extends Partial<Pick<Around, 'person'>> {
  readonly whole?: boolean
  readonly told?: Partial<Task>
}
const around = ({ person = ada, told = {} }: Given): Around => ({ event: { ...event, ...told }, person, mapping })
const toSalesforce = (values: Readonly<Record<string, string | null>>, given: Given = {}) =>
  salesforceFields(asking('salesforce', values, given.whole ?? false), around(given))
const toHubSpot = (values: Readonly<Record<string, string | null>>, given: Given = {}) =>
  hubspotFields(asking('hubspot', values, given.whole ?? false), around(given))

const both = {
  ...ada,
  aliases: ['hubspot:contact:501', 'salesforce:lead:00QHx0000012345MAA', 'salesforce:contact:003Hx00003KdPYAIA3'],
}
const contact = '003Hx00003KdPYAIA3'

describe('whom a task is on, as it is written', () => {
  it('T8 is a contact in Salesforce before a lead, and a lead where there is no contact', () => {
    const who = { who: 'hubspot:contact:501' }
    assert.deepEqual(toSalesforce(who, { person: both }), { WhoId: contact })
    assert.deepEqual(toSalesforce({ who: bob.aliases[0] ?? '' }, { person: bob }), { WhoId: '00QHx0000012345MAA' })
  })

  it('T8 is nobody where the link says so', () => {
    assert.deepEqual(toSalesforce({ who: null }), { WhoId: null })
    assert.deepEqual(toHubSpot({ who: null }), { contact: null })
  })

  it('T8 is left as it is when it is somebody else than whom the event is of, but in a copy that is made', () => {
    const values = { who: bob.aliases[0] ?? '' }
    assert.deepEqual([toSalesforce(values), toHubSpot(values)], [{}, {}])
    assert.equal(toSalesforce(values, { whole: true }).WhoId, contact)
    assert.equal(toHubSpot(values, { whole: true }).contact, '501')
  })

  it('T5 must have a record in both CRMs', () => {
    assert.deepEqual([ada, bob, { ...ada, aliases: ['email:ada@example.com'] }].map(isInBoth), [true, true, false])
  })
})

describe('whose a task is, as it is written', () => {
  const recordOwner = 'email:kim@example.com'
  for (const [what, values, given, owner] of [
    ['its owner, else that of the record', { owner: 'alex@example.com' }, {}, 'alex@example.com kim@example.com'],
    ['its owner once, when both are the same', { owner: 'kim@example.com' }, {}, 'kim@example.com'],
    ['the record’s when it was unassigned', { owner: null }, {}, 'kim@example.com'],
    ['the record’s in a copy that is made', { subject: 'a' }, { whole: true }, 'kim@example.com'],
  ] as const)
    it(`T6 is ${what}`, () => {
      assert.equal(toSalesforce(values, { ...given, told: { recordOwner } }).OwnerId, owner)
      assert.equal(toHubSpot(values, { ...given, told: { recordOwner } }).hubspot_owner_id, owner)
    })

  it('T6 is not written with what has nothing to do with it', () => {
    assert.deepEqual(toSalesforce({ subject: 'a' }, { told: { recordOwner } }), { Subject: 'a' })
    assert.deepEqual(toHubSpot({ subject: 'a' }, { told: { recordOwner } }), { hs_task_subject: 'a' })
  })

  it('T6 is nobody when it was unassigned, and left to the CRM in a copy of which nobody’s is known', () => {
    assert.deepEqual(
      [toSalesforce({ owner: null }), toHubSpot({ owner: null })],
      [{ OwnerId: null }, { hubspot_owner_id: null }],
    )
    assert.deepEqual(toSalesforce({ subject: 'a' }, { whole: true }), { Subject: 'a' })
    assert.ok(!Object.hasOwn(toHubSpot({ subject: 'a' }, { whole: true }), 'hubspot_owner_id'))
  })
})

describe('when a task is due, as it is written', () => {
  it('T1 is on the day on which it was made, in a copy of one without a day; and kept in one that is there', () => {
    assert.equal(toHubSpot({ subject: 'a' }, { whole: true }).hs_timestamp, '2026-03-03T09:00:00.000Z')
    assert.equal(toHubSpot({ due: null }, { whole: true }).hs_timestamp, '2026-03-03T09:00:00.000Z')
    assert.deepEqual(toHubSpot({ due: null }), {})
    const due = { due: '2026-03-12' }
    assert.equal(toHubSpot(due, { whole: true }).hs_timestamp, '2026-03-12T09:00:00.000Z')
    assert.deepEqual(toSalesforce({ due: null }), { ActivityDate: null })
  })
})
