import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { addContact, contactsOf, fields, fieldsOnCreate, opened, writesOf } from './hubspot-sink.ts'

describe('contacts reach HubSpot', () => {
  it('a new contact is created once, with its source, and claimed', async context => {
    const { know, write, done, account, outcomes, claims } = await opened(context)
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields, fieldsOnCreate, revision: 1, id: 'first' })
    await done()
    await write({ person: 'p1', fields: { zoom_webinar_attendance_count: 2 }, fieldsOnCreate, revision: 2 })
    await done()
    const [contact, ...others] = await contactsOf(account)
    assert.deepEqual(others, [])
    assert.equal(contact?.properties['email'], 'ada@example.com')
    assert.equal(contact?.properties['tributary_source'], 'zoom')
    assert.equal(contact?.properties['zoom_webinar_attendance_count'], '2')
    assert.equal(contact?.properties['zoom_webinar_last_joined_at'], '2026-03-04T15:00:00Z')
    const sourced = (await writesOf(account)).filter(({ properties }) => 'tributary_source' in properties)
    assert.deepEqual(
      sourced.map(({ operation }) => operation),
      ['create'],
    )
    assert.equal((await outcomes())['first'], 'CREATED')
    assert.deepEqual(
      (await claims()).map(({ aliases }) => aliases),
      [['email:ada@example.com', `hubspot:contact:${contact?.id}`]],
    )
  })

  it('a contact is found by a secondary address, keeps its main one, and gets no source', async context => {
    const { know, write, done, account, outcomes } = await opened(context)
    const id = await addContact(account, { email: 'work@example.com', hs_additional_emails: 'ada@example.com' })
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields: { ...fields, email: 'ada@example.com' }, fieldsOnCreate, id: 'known' })
    await done()
    const [contact, ...others] = await contactsOf(account)
    assert.deepEqual(others, [])
    assert.equal(contact?.id, id)
    assert.equal(contact?.properties['email'], 'work@example.com')
    assert.equal(contact?.properties['zoom_webinar_attendance_count'], '1')
    assert.equal(contact?.properties['tributary_source'], undefined)
    assert.equal((await outcomes())['known'], 'APPLIED')
  })

  it('40 a contact that was merged is followed to its survivor, and both are claimed', async context => {
    const { know, write, done, account, claims, receipts } = await opened(context)
    const gone = await addContact(account, { email: 'ada@example.com' })
    const other = await addContact(account, { email: 'lovelace@example.com' })
    know('p1', 'email:ada@example.com', `hubspot:contact:${gone}`)
    const merge = { primaryObjectId: other, objectIdToMerge: gone }
    const survivor = (await account.call('POST', '/crm/v3/objects/contacts/merge', merge)).body.id
    await write({ person: 'p1', fields })
    await done()
    const contact = (await contactsOf(account)).find(({ id }) => id === survivor)
    assert.equal(contact?.properties['zoom_webinar_attendance_count'], '1')
    assert.deepEqual(
      (await claims()).map(({ kind, aliases }) => [kind, ...aliases]),
      [['MERGE', `hubspot:contact:${gone}`, `hubspot:contact:${survivor}`]],
    )
    assert.deepEqual(
      (await receipts()).map(({ record, outcome }) => [record, outcome]),
      [[survivor, 'APPLIED']],
    )
  })

  it('40 a contact that somebody deleted is not created again', async context => {
    const { know, write, done, account, receipts } = await opened(context)
    const gone = await addContact(account, { email: 'ada@example.com' })
    know('p1', 'email:ada@example.com', `hubspot:contact:${gone}`)
    await account.call('DELETE', `/crm/v3/objects/contacts/${gone}`)
    await write({ person: 'p1', fields })
    await done()
    assert.deepEqual(await contactsOf(account), [])
    assert.deepEqual(
      (await receipts()).map(({ outcome, code }) => [outcome, code]),
      [['SKIPPED', 'RECORD_DELETED']],
    )
  })
})
