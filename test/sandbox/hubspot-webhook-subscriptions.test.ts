import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { subscriptionsTo } from '../../services/sandbox/hubspot/webhooks/subscriptions.ts'
import { COMPANY, CONTACT, openTold } from './hubspot-told.ts'
import { until } from './zoom-receiver.ts'

describe('P7 subscriptions', () => {
  it('decide what is told: only what was asked for, and only while it is active', async context => {
    const subscriptions = [
      { type: 'contact.creation' },
      { type: 'contact.propertyChange', propertyName: 'jobtitle' },
    ] as const
    const { call, create, told, form, receiver } = await openTold(context, { webhooks: { subscriptions } })
    const id = await create('contacts', { ...CONTACT, jobtitle: 'Analyst' })
    const [creation] = await told('contact.creation')
    const [changed] = await told('contact.propertyChange', 'jobtitle')
    assert.notEqual(creation?.subscriptionId, changed?.subscriptionId)
    await form(`/webhooks/subscriptions/${changed?.subscriptionId}/pause`)
    await call('PATCH', `/crm/v3/objects/contacts/${id}`, { properties: { jobtitle: 'Countess', firstname: 'A' } })
    await create('contacts', { firstname: 'Next' })
    await until(async () => (await told('contact.creation')).length === 2, 'the creation after it')
    assert.equal(receiver.events().length, 3)
    await form(`/webhooks/subscriptions/${changed?.subscriptionId}/activate`)
    await call('PATCH', `/crm/v3/objects/contacts/${id}`, { properties: { jobtitle: 'Lady' } })
    await until(async () => (await told('contact.propertyChange', 'jobtitle')).length === 2, 'the change that is told')
  })

  it('can be all types and a few properties, also one that is made later', async context => {
    const properties = { contacts: ['jobtitle', 'score'], companies: [] }
    const { call, create, told, receiver } = await openTold(context, {
      webhooks: { subscriptions: subscriptionsTo(properties) },
    })
    await create('companies', COMPANY)
    await create('contacts', { ...CONTACT, jobtitle: 'Analyst' })
    const definition = { name: 'score', label: 'Score', type: 'number', fieldType: 'number' }
    await call('POST', '/crm/v3/properties/contacts', { ...definition, groupName: 'contactinformation' })
    await create('contacts', { firstname: 'Next', score: '7' })
    const [score] = await told('contact.propertyChange', 'score')
    assert.equal(score?.propertyValue, '7')
    await told('company.creation')
    await until(async () => (await told('contact.creation')).length === 2, 'both contacts')
    assert.equal(receiver.events().length, 5, 'three creations, a job title and a score')
  })

  const refusals: readonly (readonly [type: string, propertyName: string, reason: RegExp])[] = [
    ['company.propertyChange', 'hs_lastmodifieddate', /cannot be subscribed to/],
    ['contact.propertyChange', 'nonsense', /does not exist/],
    ['contact.propertyChange', '', /needs a property/],
    ['contact.creation', 'email', /has no property/],
    ['contact.creation', '', /already exists/],
    ['deal.creation', '', /Expected one of contact\.creation/],
  ]
  for (const [type, propertyName, reason] of refusals) {
    it(`refuses ${type} ${propertyName}`, async context => {
      const { form } = await openTold(context)
      const location = await form('/webhooks/subscriptions', { type, propertyName })
      assert.match(decodeURIComponent(location), reason)
    })
  }

  it('and the latest webhooks are on the page', async context => {
    const { url, create, told, call } = await openTold(context)
    await create('companies', { name: 'Lumen <b>' })
    await told('company.creation')
    await until(async () => (await call('GET', '/_sandbox/webhooks')).body[0]?.state === 'delivered', 'its outcome')
    const page = await (await fetch(`${url}/webhooks`)).text()
    assert.match(page, /company\.creation[\s\S]*badge good">delivered 204/)
    assert.match(page, /<code>hs_additional_emails<\/code>/)
  })
})
