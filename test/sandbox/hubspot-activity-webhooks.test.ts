import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { subscriptionsTo } from '../../services/sandbox/hubspot/webhooks/subscriptions.ts'
import { expectedSignatures, type ReceivedEvent } from './hubspot-receiver.ts'
import { openTold, type Told } from './hubspot-told.ts'
import { until } from './zoom-receiver.ts'

const APP = { changeSource: 'INTEGRATION', sourceId: '5070001' }
const PERSON = { changeSource: 'CRM_UI', sourceId: 'userId:1' }
const DUE = Date.UTC(2026, 9, 14, 9)
const TASK = { hs_timestamp: String(DUE), hs_task_subject: 'Send the proposal' }

const IDS_AND_TIMES = new Set(['eventId', 'subscriptionId', 'occurredAt', 'portalId', 'appId'])

/** What an event says besides its ids and times. */
const said = (event: ReceivedEvent | undefined): object =>
  Object.fromEntries(Object.entries(event ?? {}).filter(([name]) => !IDS_AND_TIMES.has(name)))

const tasksOnly = (event: ReceivedEvent): boolean => event['objectTypeId'] === '0-27'

const toldOfTask = async ({ told }: Told, type: string, propertyName?: string): Promise<object> =>
  said((await told(type, propertyName)).find(tasksOnly))

describe('T7 webhooks of activities', () => {
  it('have the generic form, and say that it was the app', async context => {
    const account = await openTold(context)
    const id = await account.create('tasks', TASK)
    const common = { attemptNumber: 0, objectId: Number(id), objectTypeId: '0-27' }
    const made = { ...common, subscriptionType: 'object.creation', changeFlag: 'CREATED', ...APP }
    assert.deepEqual(await toldOfTask(account, 'object.creation'), made)
    const changed = { ...common, subscriptionType: 'object.propertyChange', isSensitive: false, ...APP }
    assert.deepEqual(await toldOfTask(account, 'object.propertyChange', 'hs_timestamp'), {
      ...{ ...changed, propertyName: 'hs_timestamp', propertyValue: String(DUE) },
    })
    await account.call('DELETE', `/crm/v3/objects/tasks/${id}`)
    const deleted = { ...common, subscriptionType: 'object.deletion', changeFlag: 'DELETED', ...APP }
    assert.deepEqual(await toldOfTask(account, 'object.deletion'), deleted)
    await account.form(`/records/tasks/${id}/restore`)
    assert.deepEqual(await toldOfTask(account, 'object.restore'), {
      ...{ ...common, subscriptionType: 'object.restore' },
      ...PERSON,
    })
    const classic = account.receiver.events().filter(event => !event.subscriptionType.startsWith('object.'))
    assert.deepEqual(classic, [], 'nothing of a contact or company')
  })

  it('say that it was a person who edited on the page, and are signed', async context => {
    const account = await openTold(context)
    const id = await account.create('tasks', TASK)
    await account.form(`/records/tasks/${id}`, { hs_task_status: 'COMPLETED' })
    const completion = async () =>
      (await account.told('object.propertyChange', 'hs_task_status')).find(one => one.propertyValue === 'COMPLETED')
    await until(async () => (await completion()) !== undefined, 'the completion')
    const event = await completion()
    assert.deepEqual([event?.['changeSource'], event?.['sourceId']], ['CRM_UI', 'userId:1'])
    for (const request of account.receiver.requests) {
      const { v1, v3 } = expectedSignatures('sandbox-secret', account.receiver.host, request)
      assert.deepEqual([request.headers['x-hubspot-signature'], request.headers['x-hubspot-signature-v3']], [v1, v3])
    }
  })

  for (const [name, typeId] of [
    ['calls', '0-48'],
    ['notes', '0-46'],
    ['meetings', '0-47'],
    ['emails', '0-49'],
  ] as const) {
    it(`tell of ${name} with objectTypeId ${typeId}`, async context => {
      const account = await openTold(context)
      const id = await account.create(name, { hs_timestamp: String(DUE) })
      const [event] = await account.told('object.creation')
      assert.deepEqual([event?.objectId, event?.['objectTypeId']], [Number(id), typeId])
    })
  }

  it('tell of an association that is made and removed, from the activity', async context => {
    const account = await openTold(context)
    const task = await account.create('tasks', TASK)
    const contact = await account.create('contacts', { email: 'ada@example.com' })
    const path = `/crm/v4/objects/tasks/${task}/associations`
    await account.call('PUT', `${path}/default/contacts/${contact}`)
    const [made] = await account.told('object.associationChange')
    const ends = {
      ...{ fromObjectId: Number(task), fromObjectTypeId: '0-27', toObjectId: Number(contact), toObjectTypeId: '0-1' },
      ...{ associationCategory: 'HUBSPOT_DEFINED', associationTypeId: 204, isPrimaryAssociation: false },
      ...{ attemptNumber: 0, subscriptionType: 'object.associationChange', ...APP },
    }
    assert.deepEqual(said(made), { ...ends, associationRemoved: false })
    await account.call('DELETE', `${path}/contacts/${contact}`)
    await until(async () => (await account.told('object.associationChange')).length === 2, 'the removal')
    const removal = (await account.told('object.associationChange')).find(event => event['associationRemoved'])
    assert.deepEqual(said(removal), { ...ends, associationRemoved: true })
  })

  it('what an e-mail says is never told, and only what is subscribed to is', async context => {
    const all = subscriptionsTo({ contacts: [], companies: [], tasks: ['hs_task_status', 'tributary_id'] })
    const names = (typeId: string) =>
      all.filter(one => one.objectTypeId === typeId && one.propertyName).map(one => one.propertyName)
    assert.deepEqual(names('0-27'), ['hs_task_status', 'tributary_id'])
    assert.ok(names('0-49').includes('hs_email_status') && !names('0-49').includes('hs_email_html'))
    const account = await openTold(context, { webhooks: { subscriptions: all } })
    await account.create('tasks', TASK)
    await account.told('object.propertyChange', 'hs_task_status')
    const told = account.receiver.events().map(({ propertyName }) => propertyName)
    assert.deepEqual(
      told.filter(name => name !== undefined),
      ['hs_task_status'],
    )
  })

  it('a subscription to an object needs one of the activities', async context => {
    const account = await openTold(context, { webhooks: { subscriptions: [] } })
    const add = async (fields: Record<string, string>) =>
      decodeURIComponent(await account.form('/webhooks/subscriptions', fields))
    assert.match(await add({ type: 'object.creation' }), /needs an object type: one of 0-27/)
    assert.match(await add({ type: 'object.creation', objectTypeId: '0-1' }), /needs an object type/)
    assert.equal(await add({ type: 'object.creation', objectTypeId: '0-27' }), '/webhooks')
    const change = { type: 'object.propertyChange', objectTypeId: '0-27', propertyName: 'hs_task_body' }
    assert.equal(await add(change), '/webhooks')
    assert.match(await add(change), /already exists/)
    assert.match(await (await fetch(`${account.url}/webhooks`)).text(), /object\.creation <span class="muted">tasks</)
  })
})
