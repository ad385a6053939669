import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { WebhookChoices } from '../../services/sandbox/hubspot/webhooks/choices.ts'
import type { ReceivedEvent } from './hubspot-receiver.ts'
import { COMPANY, CONTACT, openTold } from './hubspot-told.ts'
import { until } from './zoom-receiver.ts'

const APP = 5_070_001
const BY_APP = { changeSource: 'INTEGRATION', sourceId: String(APP) }
const BY_PERSON = { changeSource: 'CRM_UI', sourceId: 'userId:1' }

describe('P7 what a webhook of HubSpot tells', () => {
  it('is exactly these fields of a changed property', async context => {
    const { call, create, told } = await openTold(context)
    const id = await create('contacts', CONTACT)
    const before = Date.now()
    await call('PATCH', `/crm/v3/objects/contacts/${id}`, { properties: { jobtitle: 'Countess' } })
    const [event] = await told('contact.propertyChange', 'jobtitle')
    assert.ok(event)
    const { eventId, subscriptionId, occurredAt, ...rest } = event
    assert.deepEqual(rest, {
      ...{ portalId: 24_700_001, appId: APP, subscriptionType: 'contact.propertyChange', attemptNumber: 0 },
      ...{ objectId: Number(id), propertyName: 'jobtitle', propertyValue: 'Countess' },
      ...BY_APP,
    })
    assert.ok(Number.isInteger(eventId) && eventId > 0 && Number.isInteger(subscriptionId))
    assert.ok(typeof occurredAt === 'number' && occurredAt >= before && occurredAt <= Date.now())
  })

  const kinds = [
    ['contact', 'contacts', CONTACT],
    ['company', 'companies', COMPANY],
  ] as const
  for (const [kind, objectType, properties] of kinds) {
    it(`is ${kind}.creation with CREATED, and each property that was given`, async context => {
      const { create, told, receiver } = await openTold(context)
      const id = await create(objectType, properties)
      const [creation] = await told(`${kind}.creation`)
      assert.equal(creation?.objectId, Number(id))
      assert.equal(creation?.['changeFlag'], 'CREATED')
      for (const [name, value] of Object.entries(properties)) {
        const [event] = await told(`${kind}.propertyChange`, name)
        assert.equal(event?.propertyValue, value)
      }
      const names = receiver.events().map(({ propertyName }) => propertyName)
      assert.ok(
        !names.includes('hs_object_id') && !names.includes('createdate'),
        'what was not subscribed to is not told',
      )
    })

    it(`is ${kind}.deletion with DELETED, then ${kind}.restore`, async context => {
      const { call, create, told, form } = await openTold(context)
      const id = await create(objectType, properties)
      await call('DELETE', `/crm/v3/objects/${objectType}/${id}`)
      const [deletion] = await told(`${kind}.deletion`)
      assert.deepEqual([deletion?.objectId, deletion?.['changeFlag']], [Number(id), 'DELETED'])
      await form(`/records/${objectType}/${id}/restore`)
      const [restore] = await told(`${kind}.restore`)
      assert.equal(restore?.objectId, Number(id))
      assert.equal(restore?.['changeFlag'], undefined)
      assert.equal((await call('GET', `/crm/v3/objects/${objectType}/${id}`)).status, 200)
    })

    it(`is ${kind}.merge with all ids, ${kind}.deletion of the loser, and no changed property`, async context => {
      const { call, create, told, receiver } = await openTold(context)
      const primary = await create(objectType, { ...properties, city: 'London' })
      const other = await create(objectType, { [kind === 'contact' ? 'lastname' : 'name']: 'Other', country: 'UK' })
      const count = () =>
        receiver.events().filter(({ subscriptionType }) => /propertyChange/.test(subscriptionType)).length
      await until(() => count() === 7, 'the values of two new records, their lifecycle stages among them')
      const { body } = await call('POST', `/crm/v3/objects/${objectType}/merge`, {
        ...{ primaryObjectId: primary, objectIdToMerge: other },
      })
      const [merge] = await told(`${kind}.merge`)
      assert.deepEqual(
        [merge?.['primaryObjectId'], merge?.['mergedObjectIds'], merge?.['newObjectId'], merge?.objectId],
        [Number(primary), [Number(other)], Number(body.id), Number(body.id)],
      )
      assert.equal(merge?.['numberOfPropertiesMoved'], kind === 'contact' ? 2 : 1, 'country, and a last name')
      const deletions = await told(`${kind}.deletion`)
      assert.deepEqual(
        deletions.map(({ objectId }) => objectId),
        [Number(other)],
      )
      assert.equal(count(), 7)
    })
  }

  const choices: readonly (readonly [
    what: string,
    choices: Partial<WebhookChoices>,
    holds: (events: readonly ReceivedEvent[], primary: number) => boolean,
  ])[] = [
    [
      'creations say NEW',
      { creationFlag: 'NEW' },
      events =>
        events.every(({ subscriptionType, changeFlag }) => !/creation/.test(subscriptionType) || changeFlag === 'NEW'),
    ],
    [
      'creations alone tell of a new record',
      { creationTellsProperties: false },
      events => events.every(({ propertyName }) => propertyName === undefined),
    ],
    [
      'a merge is about the primary',
      { mergeObjectId: 'primary' },
      (events, primary) => events.some(one => one.subscriptionType === 'contact.merge' && one.objectId === primary),
    ],
    [
      'a merge deletes nobody',
      { mergeTellsDeletion: false },
      events => events.every(({ subscriptionType }) => subscriptionType !== 'contact.deletion'),
    ],
  ]
  for (const [what, chosen, holds] of choices) {
    it(`can be set where the documents leave it open: ${what}`, async context => {
      const [given, usual] = [await openTold(context, { webhooks: { choices: chosen } }), await openTold(context)]
      for (const [one, expected] of [
        [given, true],
        [usual, false],
      ] as const) {
        const [primary, other] = [
          await one.create('contacts', CONTACT),
          await one.create('contacts', { firstname: 'B' }),
        ]
        await one.call('POST', '/crm/v3/objects/contacts/merge', { primaryObjectId: primary, objectIdToMerge: other })
        await one.told('contact.merge')
        await one.create('contacts', { firstname: 'Last' })
        await until(async () => (await one.told('contact.creation')).length === 3, 'what came after the merge')
        assert.equal(holds(one.receiver.events(), Number(primary)), expected)
      }
    })
  }

  it('can be generic: object.*, with the type beside it, but for deletions for privacy', async context => {
    const { call, create, told } = await openTold(context, { webhooks: { choices: { payloads: 'generic' } } })
    const company = await create('companies', COMPANY)
    const contact = await create('contacts', { firstname: 'Ada' })
    await until(async () => (await told('object.creation')).length === 2, 'two creations')
    const types = new Map((await told('object.creation')).map(one => [one.objectId, one['objectTypeId']]))
    assert.deepEqual([types.get(Number(contact)), types.get(Number(company))], ['0-1', '0-2'])
    const [changed] = await told('object.propertyChange', 'domain')
    const { eventId: _, subscriptionId: __, occurredAt: ___, ...rest } = changed ?? assert.fail('no change')
    assert.deepEqual(rest, {
      ...{ portalId: 24_700_001, appId: APP, subscriptionType: 'object.propertyChange', attemptNumber: 0 },
      ...{ objectId: Number(company), objectTypeId: '0-2', propertyName: 'domain', propertyValue: 'lumen.example' },
      ...{ ...BY_APP, isSensitive: false },
    })
    await call('POST', '/crm/v3/objects/contacts/gdpr-delete', { objectId: contact })
    assert.equal((await told('contact.privacyDeletion'))[0]?.['objectTypeId'], undefined)
    assert.equal((await told('object.deletion'))[0]?.['objectTypeId'], '0-1')
  })

  it('of a merge names the primary as new where the portal keeps its id', async context => {
    const { call, create, told } = await openTold(context, { mergeKeepsPrimary: true })
    const [primary, other] = [await create('contacts', CONTACT), await create('contacts', { firstname: 'B' })]
    await call('POST', '/crm/v3/objects/contacts/merge', { primaryObjectId: primary, objectIdToMerge: other })
    const [merge] = await told('contact.merge')
    assert.deepEqual([merge?.['newObjectId'], merge?.['primaryObjectId']], [Number(primary), Number(primary)])
  })

  it('K9 is contact.privacyDeletion and contact.deletion of a GDPR delete, by id, address or on the page', async context => {
    const { call, create, told, form, receiver } = await openTold(context)
    const ids = [
      await create('contacts', { email: 'a@example.com' }),
      await create('contacts', { email: 'b@example.com' }),
      await create('contacts', { email: 'c@example.com' }),
    ]
    const path = '/crm/v3/objects/contacts/gdpr-delete'
    assert.equal((await call('POST', path, { objectId: ids[0] })).status, 204)
    assert.equal((await call('POST', path, { objectId: 'B@example.com', idProperty: 'email' })).status, 204)
    await form(`/records/contacts/${ids[2]}/privacy-delete`)
    await until(async () => (await told('contact.privacyDeletion')).length === 3, 'three privacy deletions')
    for (const type of ['contact.privacyDeletion', 'contact.deletion']) {
      await until(async () => (await told(type)).length === 3, `three of ${type}`)
      const about = (await told(type)).map(({ objectId }) => objectId)
      assert.deepEqual(about.sort(), ids.map(Number).sort())
    }
    const told3 = receiver.events().find(one => one.objectId === Number(ids[2]) && /privacy/.test(one.subscriptionType))
    assert.equal(told3?.['changeSource'], 'CRM_UI')
  })

  it('of a contact that was deleted before is contact.privacyDeletion alone', async context => {
    const { call, create, told } = await openTold(context)
    const id = await create('contacts', CONTACT)
    await call('DELETE', `/crm/v3/objects/contacts/${id}`)
    await told('contact.deletion')
    await call('POST', '/crm/v3/objects/contacts/gdpr-delete', { objectId: id })
    await told('contact.privacyDeletion')
    assert.equal((await told('contact.deletion')).length, 1)
  })
})

describe('P7 a change of a property', () => {
  const values: readonly (readonly [name: string, written: string, told: string])[] = [
    ['email', 'Ada@Example.COM', 'ada@example.com'],
    ['jobtitle', '', ''],
    ['lifecyclestage', 'customer', 'customer'],
    ['hs_additional_emails', 'countess@example.com', 'countess@example.com'],
  ]
  for (const [name, written, expected] of values) {
    it(`is told with the value that HubSpot keeps: ${name} ${JSON.stringify(written)}`, async context => {
      const { call, create, told } = await openTold(context)
      const id = await create('contacts', { firstname: 'Ada', jobtitle: 'Analyst' })
      await told('contact.propertyChange', 'jobtitle')
      await call('PATCH', `/crm/v3/objects/contacts/${id}`, { properties: { [name]: written } })
      await until(
        async () => (await told('contact.propertyChange', name)).some(one => one.propertyValue === expected),
        `${name} as ${expected}`,
      )
    })
  }

  it('of a date and a time is told in milliseconds', async context => {
    const { call, create, told, form } = await openTold(context)
    for (const [name, type] of [
      ['trial_start', 'date'],
      ['last_seen', 'datetime'],
    ] as const) {
      const definition = { name, label: name, type, fieldType: 'date', groupName: 'contactinformation' }
      await call('POST', '/crm/v3/properties/contacts', definition)
      await form('/webhooks/subscriptions', { type: 'contact.propertyChange', propertyName: name })
    }
    await create('contacts', { firstname: 'Ada', trial_start: '2026-10-14', last_seen: '2026-10-14T12:00:00.500Z' })
    const [date] = await told('contact.propertyChange', 'trial_start')
    assert.equal(date?.propertyValue, String(Date.UTC(2026, 9, 14)))
    const [time] = await told('contact.propertyChange', 'last_seen')
    assert.equal(time?.propertyValue, String(Date.UTC(2026, 9, 14, 12, 0, 0, 500)))
  })

  it('is not told when the value stays', async context => {
    const { call, create, told } = await openTold(context)
    const id = await create('contacts', CONTACT)
    await told('contact.propertyChange', 'firstname')
    const properties = { firstname: 'Ada', lastname: 'Byron' }
    await call('PATCH', `/crm/v3/objects/contacts/${id}`, { properties })
    await told('contact.propertyChange', 'lastname')
    assert.equal((await told('contact.propertyChange', 'firstname')).length, 1)
  })

  it('is told of each input of a batch, and of none when the batch was refused', async context => {
    const { call, told, receiver } = await openTold(context)
    const inputs = ['a', 'b'].map(name => ({ properties: { email: `${name}@example.com` } }))
    await call('POST', '/crm/v3/objects/contacts/batch/create', { inputs })
    await until(async () => (await told('contact.creation')).length === 2, 'two creations')
    const before = receiver.events().length
    const refused = [{ properties: { email: 'c@example.com' } }, { properties: { email: 'nobody' } }]
    assert.equal((await call('POST', '/crm/v3/objects/contacts/batch/create', { inputs: refused })).status, 400)
    await call('POST', '/crm/v3/objects/contacts', { properties: { firstname: 'Last' } })
    await until(async () => (await told('contact.creation')).length === 3, 'the last creation')
    const named = await told('contact.propertyChange', 'email')
    assert.equal(named.length, 2)
    assert.ok(receiver.events().length > before)
  })
})

describe('P7 who made a change', () => {
  it('is the app with its id: of a single write, a batch, an upsert, a merge, and of contacts that attendance made', async context => {
    const { call, create, told, receiver } = await openTold(context, { appId: 77 })
    const id = await create('contacts', CONTACT)
    const other = await create('contacts', { firstname: 'B' })
    const upsert = { inputs: [{ id: 'ada@example.com', idProperty: 'email', properties: { phone: '1' } }] }
    await call('POST', '/crm/v3/objects/contacts/batch/upsert', upsert)
    await call('POST', '/crm/v3/objects/contacts/merge', { primaryObjectId: id, objectIdToMerge: other })
    const event = { externalEventId: '1', externalAccountId: 'z', eventName: 'Webinar', eventOrganizer: 'Us' }
    const { objectId } = (await call('POST', '/marketing/v3/marketing-events/events', event)).body
    await call('POST', `/marketing/v3/marketing-events/${objectId}/attendance/register/email-create`, {
      inputs: [{ email: 'new@example.com', interactionDateTime: Date.now() }],
    })
    await told('contact.merge')
    await until(async () => (await told('contact.creation')).length === 3, 'three creations')
    for (const one of receiver.events())
      assert.deepEqual([one['changeSource'], one['sourceId'], one['appId']], ['INTEGRATION', '77', 77])
  })

  it('is a person of everything that the page changes', async context => {
    const { told, form, receiver } = await openTold(context)
    const ada = await form('/records/contacts', CONTACT)
    const other = (await form('/records/contacts', { firstname: 'B' })).split('/').at(-1) ?? ''
    await form(ada, { jobtitle: 'Countess' })
    const lumen = await form('/records/companies', COMPANY)
    await form(lumen, { numberofemployees: '12' })
    const merged = await form(`${ada}/merge`, { other })
    await form(`${merged}/delete`)
    const types: readonly (readonly [string, string?])[] = [
      ['contact.creation'],
      ['contact.propertyChange', 'jobtitle'],
      ['company.creation'],
      ['company.propertyChange', 'numberofemployees'],
      ['contact.merge'],
      ['contact.deletion'],
    ]
    for (const [type, property] of types) await told(type, property)
    for (const one of receiver.events()) {
      const { changeSource, sourceId } = one
      assert.deepEqual({ changeSource, sourceId }, BY_PERSON)
    }
  })
})
