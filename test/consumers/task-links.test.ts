import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Task } from '../../schemas/generated.ts'
import { taskLinksBy } from '../../services/consumers/task-links.ts'
import { readyTaskSync } from '../../services/tasks/mapping.ts'
import type { Person } from '../../topology/define.ts'
import { taskSync } from '../../topology/tasks.ts'
import { ada, at, bob } from '../tasks/crms.ts'
import { drive, type Output, writesTo } from './drive.ts'
import { checkLaws } from './laws.ts'

const mapping = readyTaskSync(taskSync)
const consumer = taskLinksBy(() => mapping)
const hubspotAda = 'hubspot:contact:501'
const salesforceAda = 'salesforce:contact:003Hx00003KdPYAIA3'
const hour = 3_600_000

const facts = {
  relatedTo: null,
  others: null,
  related: null,
  changedBy: null,
  recordOwner: null,
  owner: null,
  link: null,
  changes: {},
  ours: false,
}

/** HubSpot told of an activity. @param time hours after `at` */
const inHubSpot = (fields: Task['fields'], over: Partial<Task> & { readonly time?: number } = {}): Task => {
  const { time = 0, ...rest } = over
  const occurredAt = at + time * hour
  return {
    ...facts,
    ...{ eventId: `hubspot:${JSON.stringify([fields, over])}`, source: 'hubspot:default', occurredAt },
    ...{ receivedAt: occurredAt + 500, createdAt: at, system: 'HUBSPOT', record: '5012', change: 'UPDATED' },
    ...{ activity: 'TASK', people: [hubspotAda], person: hubspotAda, fields, ...rest },
  }
}

const inSalesforce = (fields: Task['fields'], over: Partial<Task> & { readonly time?: number } = {}): Task => ({
  ...inHubSpot(fields, over),
  ...{ eventId: `salesforce:${JSON.stringify([fields, over])}`, source: 'salesforce:default', system: 'SALESFORCE' },
  ...{ record: over.record ?? '00THx0000012345MAA', people: [salesforceAda], person: salesforceAda },
})

const whole: Task['fields'] = {
  hs_task_subject: 'Call her',
  hs_task_body: '<p>About the <b>webinar</b></p>',
  hs_task_status: 'IN_PROGRESS',
  hs_task_priority: 'HIGH',
  hs_task_type: 'CALL',
  hs_timestamp: '2026-03-10T16:30:00Z',
}
const wholeThere: Task['fields'] = {
  ...{ Subject: 'Send the quote', Description: 'With terms\nand prices', Status: 'Waiting on someone else' },
  ...{ IsClosed: false, Priority: 'Normal', Type: 'Meeting', ActivityDate: '2026-03-12' },
}

const asked = (event: Task, person: Person | null = ada, given: readonly Task[] = []) => {
  const driven = drive(consumer)
  for (const one of given) driven.when(one, ada)
  return driven.when(event, person)
}
const only = (outputs: readonly Output[], target: string) => {
  const [write, ...others] = writesTo(outputs, target)
  assert.ok(write, `nothing is asked of ${target}`)
  assert.deepEqual(others, [])
  return write
}

describe('task-links', () => {
  it('T8 a task of HubSpot has a copy in Salesforce, with all that is known', () => {
    const write = only(asked(inHubSpot(whole, { owner: 'email:alex@example.com' })), 'salesforce:activity')
    assert.equal(write.key, 'hubspot:task:5012')
    assert.deepEqual(write.fields, {
      ...{
        Subject: 'Call her',
        Description: 'About the webinar',
        Status: 'In Progress',
        Priority: 'High',
        Type: 'Call',
      },
      ...{ ActivityDate: '2026-03-10', WhoId: '003Hx00003KdPYAIA3', OwnerId: 'alex@example.com', IsDeleted: false },
    })
  })

  it('T1 a task of Salesforce has a copy in HubSpot: assigned to, related to, due date, comments, status, priority and type', () => {
    const write = only(asked(inSalesforce(wholeThere, { owner: 'email:sam@example.com' })), 'hubspot:task')
    assert.equal(write.key, 'salesforce:task:00THx0000012345MAA')
    assert.deepEqual(write.fields, {
      ...{ hs_task_subject: 'Send the quote', hs_task_body: 'With terms<br>and prices', hs_task_status: 'WAITING' },
      ...{ hs_task_priority: 'MEDIUM', hs_task_type: 'TODO', hs_timestamp: '2026-03-12T09:00:00.000Z' },
      ...{ hubspot_owner_id: 'sam@example.com', contact: '501', deleted: false },
    })
  })

  it('T1 a task of Salesforce without a day is due in HubSpot on the day on which it was made', () => {
    const { ActivityDate: _, ...dayless } = wholeThere
    const write = only(asked(inSalesforce(dayless)), 'hubspot:task')
    assert.equal(write.fields['hs_timestamp'], '2026-03-04T09:00:00.000Z')
  })

  it('T1 an edit, a deletion and a restoration in Salesforce reach HubSpot', () => {
    const made = inSalesforce(wholeThere)
    const edited = inSalesforce({ ...wholeThere, Status: 'Completed', IsClosed: true }, { time: 1 })
    assert.deepEqual(only(asked(edited, ada, [made]), 'hubspot:task').fields, { hs_task_status: 'COMPLETED' })
    const deleted = inSalesforce({}, { time: 2, change: 'DELETED' })
    assert.deepEqual(only(asked(deleted, ada, [made, edited]), 'hubspot:task').fields, { deleted: true })
    const restored = inSalesforce({ ...wholeThere, Status: 'Completed', IsClosed: true }, { time: 3 })
    const anew = only(asked(restored, ada, [made, edited, deleted]), 'hubspot:task').fields
    assert.equal(anew['deleted'], false)
    assert.equal(anew['hs_task_subject'], 'Send the quote')
  })

  it('T8 one that is restored before the other side tells that its copy was deleted is made anew of all that is known', () => {
    const copy = {
      ...{ Subject: 'Call her', Description: 'About the webinar', Status: 'In Progress', IsClosed: false },
      ...{ Priority: 'High', Type: 'Call', ActivityDate: '2026-03-10' },
    }
    const told = inSalesforce(copy, { time: 1, link: 'hubspot:task:5012', ours: true })
    const deleted = inHubSpot({}, { time: 2, change: 'DELETED' })
    assert.deepEqual(only(asked(deleted, ada, [inHubSpot(whole), told]), 'salesforce:activity').fields, {
      IsDeleted: true,
    })
    const restored = inHubSpot(whole, { time: 3 })
    const anew = only(asked(restored, ada, [inHubSpot(whole), told, deleted]), 'salesforce:activity').fields
    assert.deepEqual([anew['IsDeleted'], anew['Subject'], anew['Status']], [false, 'Call her', 'In Progress'])
  })

  it('T7 what we wrote comes back and stops there, also where Salesforce made something else of it', () => {
    const echo = inSalesforce(
      {
        ...{ Subject: 'Call her', Description: 'About the webinar', Status: 'In Progress', IsClosed: false },
        ...{ Priority: 'Normal', Type: 'Call', ActivityDate: '2026-03-10' },
      },
      { time: 1, link: 'hubspot:task:5012', ours: true },
    )
    assert.deepEqual(asked(echo, ada, [inHubSpot({ ...whole, hs_task_priority: 'NONE' })]), [])
  })

  it('T7 of a field that both changed before they had heard of each other the later counts, on both sides', () => {
    const given = [inHubSpot(whole), inSalesforce({ Subject: 'Ring her' }, { time: 2, link: 'hubspot:task:5012' })]
    const changes = { hs_task_subject: { at: at + 3 * hour, ours: false } }
    const later = inHubSpot({ ...whole, hs_task_subject: 'Write to her' }, { time: 3, changes })
    assert.equal(only(asked(later, ada, given), 'salesforce:activity').fields['Subject'], 'Write to her')
  })

  it('T6 the owner of the activity is preferred, then that of the record; without either it is left to the CRM', () => {
    const ownerOf = (over: Partial<Task>): unknown =>
      only(asked(inHubSpot(whole, over)), 'salesforce:activity').fields['OwnerId']
    const both = { owner: 'email:alex@example.com', recordOwner: 'email:kim@example.com' }
    assert.equal(ownerOf(both), 'alex@example.com kim@example.com')
    assert.equal(ownerOf({ recordOwner: 'email:kim@example.com' }), 'kim@example.com')
    assert.equal(ownerOf({}), undefined)
  })

  it('T8 a task moves with whom it is on, to a lead too', () => {
    const moved = inHubSpot(whole, { time: 1, person: 'hubspot:contact:502', people: ['hubspot:contact:502'] })
    const write = only(asked(moved, bob, [inHubSpot(whole)]), 'salesforce:activity')
    assert.equal(write.fields['WhoId'], '00QHx0000012345MAA')
  })

  it('T8 a task on nobody waits until it is on somebody', () => {
    const alone = inHubSpot(whole, { person: null, people: [] })
    assert.deepEqual(asked(alone, null), [])
    const driven = drive(consumer)
    driven.when(alone, null)
    const write = only(driven.when(inHubSpot(whole, { time: 1 }), ada), 'salesforce:activity')
    assert.equal(write.fields['Subject'], 'Call her')
  })

  const activities: readonly {
    readonly activity: Task['activity']
    readonly object: string
    readonly fields: Task['fields']
    readonly Subject: string
    readonly Type: string | null
  }[] = [
    {
      ...{ activity: 'EMAIL', object: 'email', Type: 'Email' },
      ...{ fields: { hs_email_subject: 'The slides', hs_email_text: 'Here they are' }, Subject: 'The slides' },
    },
    {
      ...{ activity: 'CALL', object: 'call', Type: 'Call' },
      ...{ fields: { hs_call_title: 'Intro', hs_call_body: 'Went well' }, Subject: 'Call: Intro' },
    },
    {
      ...{ activity: 'NOTE', object: 'note', Type: null },
      ...{ fields: { hs_note_body: '<p>First line</p><p>More</p>' }, Subject: 'Note: First line' },
    },
    {
      ...{ activity: 'MEETING', object: 'meeting', Type: 'Meeting' },
      ...{ fields: { hs_meeting_title: 'Review', hs_meeting_outcome: 'COMPLETED' }, Subject: 'Meeting: Review' },
    },
  ]
  for (const { activity, object, fields, Subject, Type } of activities)
    it(`T3 T4 a ${object} of HubSpot becomes a completed task in Salesforce, with its own subject and type`, () => {
      const event = inHubSpot({ ...fields, hs_timestamp: '2026-03-04T15:00:00Z' }, { activity })
      const write = only(asked(event), 'salesforce:activity')
      assert.equal(write.key, `hubspot:${object}:5012`)
      const { Status } = write.fields
      assert.deepEqual(
        { Subject: write.fields['Subject'], Type: write.fields['Type'], Status },
        {
          ...{ Subject, Type, Status: 'Completed' },
        },
      )
    })

  it('T3 a type that is not chosen is not taken, and what is changed in Salesforce of one that is, is set back', () => {
    const choosy = taskLinksBy(() => readyTaskSync({ ...taskSync, activities: { ...taskSync.activities, call: null } }))
    assert.equal(choosy.concerns?.(inHubSpot({}, { activity: 'CALL' })), false)
    assert.equal(choosy.concerns?.(inHubSpot({}, { activity: 'NOTE' })), true)
    const email = inHubSpot({ hs_email_subject: 'The slides' }, { activity: 'EMAIL' })
    const renamed = inSalesforce({ Subject: 'Mine' }, { time: 1, link: 'hubspot:email:5012' })
    assert.equal(only(asked(renamed, ada, [email]), 'salesforce:activity').fields['Subject'], 'The slides')
  })

  const account = '00190000001pPvHAAU'
  const inBoth = [`salesforce:account:${account}`, 'domain:one.example']
  const one = { alias: 'hubspot:company:901', names: ['domain:one.example'] }
  const two = { alias: 'hubspot:company:902', names: ['domain:two.example'] }
  const stranger = { alias: 'hubspot:company:903', names: [] }
  const onAccount = { alias: `salesforce:account:${account}`, names: inBoth }

  it('T1 a task relates to the account of the company, and to the company of the account, by the names that are known', () => {
    const there = only(asked(inHubSpot(whole, { related: [one] })), 'salesforce:activity')
    assert.equal(there.fields['WhatId'], 'domain:one.example')
    const here = only(asked(inSalesforce(wholeThere, { related: [onAccount] })), 'hubspot:task')
    assert.equal(here.fields['company'], inBoth.join(' '))
  })

  it('T7 a company that comes back by another of its names is no change', () => {
    const echo = inSalesforce(wholeThere, { time: 1, link: 'hubspot:task:5012', related: [onAccount] })
    const fields = writesTo(asked(echo, ada, [inHubSpot(whole, { related: [one] })]), 'hubspot:task').map(w => w.fields)
    assert.ok(fields.every(written => !Object.hasOwn(written, 'company')))
  })

  const given = [
    inHubSpot(whole, { related: [one] }),
    inSalesforce({}, { time: 1, link: 'hubspot:task:5012', related: [onAccount], ours: true }),
  ]
  for (const [what, related, expected] of [
    ['another company', [two], { WhatId: 'domain:two.example' }],
    ['none any more', [], { WhatId: null }],
    ['a further company as well', [two, one], undefined],
    ['one of which Salesforce cannot know', [stranger], undefined],
    ['several others, of which nobody can tell which is meant', [two, stranger], undefined],
    ['companies that may not be seen', null, undefined],
  ] as const)
    it(`T1 a task in HubSpot that is on ${what} ${expected ? 'relates to that in Salesforce too' : 'is left as it is in Salesforce'}`, () => {
      const outputs = asked(inHubSpot(whole, { time: 2, related: related && [...related] }), ada, given)
      assert.deepEqual(
        writesTo(outputs, 'salesforce:activity').map(({ fields }) => fields),
        expected ? [expected] : [],
      )
    })

  it('T5 the other people of an activity are on its task too, where all of them shall be', () => {
    const all = taskLinksBy(() => readyTaskSync({ ...taskSync, people: 'all' }))
    const others = ['salesforce:contact:0035g00000ConTaAAJ', 'salesforce:lead:00QHx0000012345MAA']
    const driven = drive(all)
    const made = only(driven.when(inHubSpot(whole, { others }), ada), 'salesforce:activity')
    assert.equal(made.fields['OtherWhoIds'], '0035g00000ConTaAAJ')
    const left = only(driven.when(inHubSpot(whole, { time: 1, others: [] }), ada), 'salesforce:activity')
    assert.deepEqual(left.fields, { OtherWhoIds: null })
    const one = only(asked(inHubSpot(whole, { others })), 'salesforce:activity')
    assert.ok(!Object.hasOwn(one.fields, 'OtherWhoIds'))
  })

  it('T5 who is not in both CRMs is waited for', () => {
    assert.equal(consumer.joins?.needs?.(ada), true)
    assert.equal(consumer.joins?.needs?.({ ...ada, aliases: ['email:ada@example.com', hubspotAda] }), false)
    assert.equal(consumer.joins?.needs?.({ ...ada, aliases: ['email:ada@example.com', salesforceAda] }), false)
  })
})

checkLaws(
  consumer,
  [
    inHubSpot(whole),
    inSalesforce({ Subject: 'Ring her', Status: 'Completed' }, { time: 1, link: 'hubspot:task:5012' }),
    inHubSpot({ ...whole, hs_task_status: 'DEFERRED' }, { time: 2 }),
    inHubSpot({}, { time: 3, change: 'DELETED' }),
  ].map(event => ({ ...event, aliases: [hubspotAda, salesforceAda] })),
)
