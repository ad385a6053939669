import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { byAddress, openAccount } from './hubspot.ts'

const CONTACTS = '/crm/v3/objects/contacts'

describe('merge', () => {
  const twoContacts = async (context: Parameters<typeof openAccount>[0], options = {}) => {
    const account = await openAccount(context, options)
    const [ada, countess] = await Promise.all(
      [
        { email: 'ada@example.com', firstname: 'Ada', jobtitle: 'Analyst' },
        { email: 'countess@example.com', firstname: 'Countess', company: 'Lovelace' },
      ].map(properties => account.client.crm.contacts.basicApi.create({ properties, associations: [] })),
    )
    assert.ok(ada && countess)
    const survivor = await account.client.crm.contacts.basicApi.merge({
      primaryObjectId: ada.id,
      objectIdToMerge: countess.id,
    })
    return { ...account, ada, countess, survivor }
  }

  it('makes a new record: the primary wins, the other fills gaps, its address becomes an additional one', async context => {
    const { client, ada, countess, survivor } = await twoContacts(context)
    assert.ok(![ada.id, countess.id].includes(survivor.id))
    const { properties } = await client.crm.contacts.basicApi.getById(survivor.id, [
      'email',
      'firstname',
      'jobtitle',
      'company',
      'hs_additional_emails',
      'hs_merged_object_ids',
      'hs_object_id',
      'hs_all_contact_vids',
    ])
    assert.equal(properties['email'], 'ada@example.com')
    assert.equal(properties['firstname'], 'Ada')
    assert.equal(properties['jobtitle'], 'Analyst')
    assert.equal(properties['company'], 'Lovelace')
    assert.equal(properties['hs_additional_emails'], 'countess@example.com')
    assert.deepEqual(properties['hs_merged_object_ids']?.split(';').sort(), [ada.id, countess.id].sort())
    assert.equal(properties['hs_object_id'], survivor.id)
    assert.deepEqual(properties['hs_all_contact_vids']?.split(';').sort(), [survivor.id, ada.id, countess.id].sort())
  })

  it('keeps the primary’s id where the portal has that beta', async context => {
    const { client, ada, countess, survivor } = await twoContacts(context, { mergeKeepsPrimary: true })
    assert.equal(survivor.id, ada.id)
    assert.equal((await client.crm.contacts.basicApi.getById(countess.id)).id, ada.id)
    assert.equal(survivor.properties['hs_merged_object_ids'], countess.id)
  })

  it('old ids work on GET and on a single PATCH and act on the survivor', async context => {
    const { client, ada, countess, survivor } = await twoContacts(context)
    for (const { id } of [ada, countess]) {
      assert.equal((await client.crm.contacts.basicApi.getById(id)).id, survivor.id)
      const changed = await client.crm.contacts.basicApi.update(id, { properties: { phone: `+${id}` } })
      assert.equal(changed.id, survivor.id)
      assert.equal(changed.properties['phone'], `+${id}`)
    }
  })

  it('batch update leaves an old id out in silence: 200, no result, no error, nothing written', async context => {
    const { call, ada, survivor, writes } = await twoContacts(context)
    const before = await writes()
    const { status, body } = await call('POST', `${CONTACTS}/batch/update`, {
      inputs: [{ id: ada.id, properties: { phone: '1' } }],
    })
    assert.equal(status, 200)
    assert.deepEqual(body.results, [])
    assert.equal(body.errors, undefined)
    assert.deepEqual(await writes(), before)
    const mixed = await call('POST', `${CONTACTS}/batch/update`, {
      inputs: [
        { id: ada.id, properties: { phone: '1' } },
        { id: survivor.id, properties: { phone: '2' } },
      ],
    })
    assert.equal(mixed.status, 200)
    assert.deepEqual(
      mixed.body.results.map((result: { id: string }) => result.id),
      [survivor.id],
    )
  })

  it('upsert by either address updates the survivor, also after a second merge', async context => {
    const { client, survivor } = await twoContacts(context)
    const third = await client.crm.contacts.basicApi.create({
      properties: { email: 'third@example.com' },
      associations: [],
    })
    const last = await client.crm.contacts.basicApi.merge({ primaryObjectId: third.id, objectIdToMerge: survivor.id })
    for (const address of ['ada@example.com', 'countess@example.com', 'third@example.com']) {
      const { results } = await client.crm.contacts.batchApi.upsert({ inputs: [byAddress(address, { phone: '1' })] })
      assert.equal(results[0]?.id, last.id)
    }
    assert.equal((await client.crm.contacts.basicApi.getById(survivor.id)).id, last.id)
  })

  it('the merged records are in no list and no search', async context => {
    const { client, survivor } = await twoContacts(context)
    assert.deepEqual(
      (await client.crm.contacts.getAll()).map(({ id }) => id),
      [survivor.id],
    )
    const found = await client.crm.contacts.searchApi.doSearch({
      filterGroups: [],
      properties: [],
      sorts: [],
      limit: 10,
      after: '0',
    })
    assert.deepEqual(
      found.results.map(({ id }) => id),
      [survivor.id],
    )
  })
})

describe('gdpr-delete', () => {
  it('removes the contact and every id merged into it, by address', async context => {
    const { client, call, writes } = await openAccount(context)
    const [a, b] = await Promise.all(
      ['a', 'b'].map(name =>
        client.crm.contacts.basicApi.create({ properties: { email: `${name}@example.com` }, associations: [] }),
      ),
    )
    const survivor = await client.crm.contacts.basicApi.merge({
      primaryObjectId: a?.id ?? '',
      objectIdToMerge: b?.id ?? '',
    })
    await client.crm.contacts.basicApi.purge({ objectId: 'b@example.com', idProperty: 'email' })
    for (const id of [a?.id, b?.id, survivor.id]) {
      assert.equal((await call('GET', `${CONTACTS}/${id}`)).status, 404)
      assert.equal((await call('GET', `${CONTACTS}/${id}?archived=true`)).status, 404)
    }
    assert.deepEqual((await call('GET', '/_sandbox/state')).body.contacts, [])
    const erased = (await writes()).filter(write => write.startsWith('gdpr-delete'))
    assert.deepEqual(erased.sort(), [a?.id, b?.id, survivor.id].map(id => `gdpr-delete ${id}`).sort())
  })

  it('an address that no contact has is never accepted again', async context => {
    const { client, call } = await openAccount(context)
    await client.crm.contacts.basicApi.purge({ objectId: 'Gone@example.com', idProperty: 'email' })
    const { status, body } = await call('POST', CONTACTS, { properties: { email: 'gone@example.com' } })
    assert.equal(status, 400)
    assert.match(body.message, /INVALID_EMAIL/)
  })
})
