import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mergeContacts, putting, removeContact, signal } from './hubspot-putting.ts'
import { addContact, disturb, requestsOf } from './hubspot-sink.ts'

const names = ['zoom_webinar_attendance_count', 'zoom_webinar_last_joined_at', 'zoom_webinar_last_registered', 'email']

const opened = async (context: Parameters<typeof putting>[0]) => {
  const { account, destinations } = await putting(context)
  await destinations.hubspot.prepare(signal)
  const contacts = destinations.hubspot.objects['contact']
  assert.ok(contacts?.kind === 'record')
  return { account, contacts }
}

describe('contacts of HubSpot are read for a dry run', () => {
  it('K5 as the values that a write has', async context => {
    const { account, contacts } = await opened(context)
    const id = await addContact(account, {
      ...{ email: 'ada@example.com', zoom_webinar_attendance_count: '3' },
      zoom_webinar_last_joined_at: '2026-03-04T15:00:00Z',
    })
    const [result] = await contacts.read([id], names, signal)
    assert.ok(result?.kind === 'held')
    assert.deepEqual(result.fields, {
      email: 'ada@example.com',
      zoom_webinar_attendance_count: 3,
      zoom_webinar_last_joined_at: '2026-03-04T15:00:00.000Z',
      zoom_webinar_last_registered: null,
    })
  })

  it('K5 what was sent is read back the same', async context => {
    const { account, contacts } = await opened(context)
    const record = await addContact(account, { email: 'ada@example.com' })
    const fields = {
      zoom_webinar_attendance_average_duration: 41.5,
      zoom_webinar_last_left_at: '2026-03-04T15:45:00.250Z',
      zoom_webinar_last_status: 'attended',
      zoom_webinar_joinlink: null,
    }
    const person = { id: 'p1', aliases: [], emails: ['ada@example.com'], attributes: {} }
    await contacts.send([{ record, person, fields, fieldsOnCreate: {}, repeated: false }], signal)
    const [result] = await contacts.read([record], Object.keys(fields), signal)
    assert.deepEqual(result?.kind === 'held' && result.fields, fields)
  })

  it('K5 in the order in which they were asked for, a hundred in a request', async context => {
    const { account, contacts } = await opened(context)
    const ids: string[] = []
    for (let n = 0; n < 250; n++)
      ids.push(await addContact(account, { email: `p${n}@example.com`, zoom_webinar_attendance_count: `${n}` }))
    const before = (await requestsOf(account)).length
    const results = await contacts.read(ids, names, signal)
    assert.deepEqual(
      results.map(result => result.kind === 'held' && result.fields['zoom_webinar_attendance_count']),
      ids.map((_, n) => n),
    )
    assert.equal((await requestsOf(account)).length - before, 3)
  })

  it('K5 40 the survivor of a merged one, nothing of a deleted one, and a fault of HubSpot as it is', async context => {
    const { account, contacts } = await opened(context)
    const [gone, kept, deleted] = [
      await addContact(account, { email: 'ada@example.com' }),
      await addContact(account, { email: 'lovelace@example.com', zoom_webinar_attendance_count: '2' }),
      await addContact(account, { email: 'bob@example.com' }),
    ]
    await mergeContacts(account, gone, kept)
    await removeContact(account, deleted)
    const results = await contacts.read([gone, deleted], names, signal)
    assert.deepEqual(
      results.map(result => (result.kind === 'held' ? result.fields['zoom_webinar_attendance_count'] : result.kind)),
      [2, 'missing'],
    )
    await disturb(account, '/crm/v3/objects/contacts/batch/read', { status: 503, body: {} })
    assert.deepEqual(
      (await contacts.read([kept], names, signal)).map(({ kind }) => kind),
      ['retry'],
    )
  })
})
