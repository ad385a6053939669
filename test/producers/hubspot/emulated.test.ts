import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { WebhookChoices } from '../../../services/sandbox/hubspot/webhooks/choices.ts'
import { eventually } from '../../scenarios/eventually.ts'
import { startEmulated } from './emulated.ts'
import { appId } from './receiving.ts'

describe('what the emulated HubSpot sends', () => {
  const choices: readonly Partial<WebhookChoices>[] = [
    {},
    {
      payloads: 'generic',
      creationFlag: 'NEW',
      creationTellsProperties: true,
      mergeObjectId: 'primary',
      mergeTellsDeletion: false,
    },
  ]
  for (const choice of choices)
    it(`P7 is all taken, and tells who contacts and companies are (${JSON.stringify(choice)})`, async context => {
      const run = await startEmulated(context, { webhooks: { choices: choice } })
      const ada = await run.create('contacts', { email: 'ada@example.com', firstname: 'Ada' })
      const other = await run.create('contacts', { email: 'lovelace@example.com' })
      const company = await run.create('companies', { name: 'Acme', domain: 'acme.example' })
      await run.ask('PATCH', `/crm/v3/objects/contacts/${ada}`, { properties: { city: 'London' } })
      await run.ask('PATCH', `/crm/v3/objects/contacts/${ada}`, { properties: { city: '' } })
      await run.ask('POST', '/crm/v3/objects/contacts/merge', { primaryObjectId: ada, objectIdToMerge: other })
      const bo = await run.create('contacts', { email: 'bo@example.com' })
      await run.ask('POST', '/crm/v3/objects/contacts/gdpr-delete', { objectId: bo })
      await eventually(async () => {
        const claims = await run.claims()
        const kinds = new Set(claims.map(({ kind }) => kind))
        assert.deepEqual(kinds, new Set(['SEEN', 'MERGE', 'ERASE']))
        const merged = claims.find(({ kind }) => kind === 'MERGE')
        for (const id of [ada, other]) assert.ok(merged?.aliases.includes(`hubspot:contact:${id}`))
        const erased = claims.find(({ kind }) => kind === 'ERASE')
        assert.deepEqual(erased?.aliases, [`hubspot:contact:${bo}`])
        const cities = (await run.visitors()).flatMap(({ traits }) => ('city' in traits ? [traits['city']] : []))
        assert.deepEqual(new Set(cities), new Set(['London', null]))
        const accounts = (await run.accounts()).filter(({ account }) => account === company)
        assert.ok(accounts.length > 0)
      })
      assert.deepEqual(await run.letters(), [])
      const refused = await run.metrics.value('tributary_webhooks_total', { vendor: 'hubspot', outcome: 'unsigned' })
      assert.equal(refused, 0)
    })

  it('P7 of our own writes tells nothing but that id and address belong together', async context => {
    const run = await startEmulated(context, { appId: Number(appId) })
    const ada = await run.create('contacts', { email: 'ada@example.com', firstname: 'Ada' })
    await run.ask('PATCH', `/crm/v3/objects/contacts/${ada}`, {
      properties: { email: 'lovelace@example.com', city: 'X' },
    })
    await eventually(async () => {
      const aliases = (await run.claims()).flatMap(claim => claim.aliases)
      assert.ok(aliases.includes('email:lovelace@example.com') && aliases.includes(`hubspot:contact:${ada}`))
      assert.ok(Number(await run.metrics.value('tributary_messages_total', { vendor: 'hubspot', outcome: 'echo' })) > 0)
    })
    assert.deepEqual(await run.visitors(), [])
    for (const { attributes } of await run.claims()) assert.deepEqual(attributes, {})
    assert.deepEqual(await run.letters(), [])
  })
})
