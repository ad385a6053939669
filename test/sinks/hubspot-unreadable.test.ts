import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { input, putting, signal } from './hubspot-putting.ts'
import { addContact, disturb } from './hubspot-sink.ts'

const person = { id: 'p1', aliases: [], emails: ['ada@example.com'], attributes: {} }
const fields = { zoom_webinar_attendance_count: 1 }
const participation = {
  ...{ webinar_id: '1', account: 'zoom', topic: 'Kafka', state: 'registered' },
  interaction_at: '2026-03-04T15:00:00.000Z',
}

const opened = async (context: TestContext) => {
  const { account, destinations, put } = await putting(context)
  const contact = await addContact(account, { email: 'ada@example.com' })
  for (const destination of Object.values(destinations)) await destination.prepare(signal)
  const contacts = destinations.hubspot.objects['contact']
  assert.ok(contacts?.kind === 'record')
  const send = (record: string | null) =>
    contacts.send([{ record, person, fields, fieldsOnCreate: {}, repeated: false }], signal)
  const calls: Readonly<Record<string, readonly [path: string, call: () => Promise<unknown>, times?: number]>> = {
    'the list of properties': ['/crm/v3/properties/contacts', () => destinations.hubspot.prepare(signal), 2],
    'the list of definitions': ['/events/v3/event-definitions', () => destinations['hubspot-events'].prepare(signal)],
    'a look-up': ['/crm/v3/objects/contacts/batch/read', () => destinations.hubspot.resolve([], [person], signal)],
    'a reading': ['/crm/v3/objects/contacts/batch/read', () => contacts.read([contact], ['email'], signal)],
    'an update': ['/crm/v3/objects/contacts/batch/update', () => send(contact)],
    'an upsert': ['/crm/v3/objects/contacts/batch/upsert', () => send(null)],
    'an event': [
      '/events/v3/send',
      () => put('hubspot-events', 'zoom_webinar_joined', input({ key: 'joined:1', contact, fields: {} })),
    ],
    'a participation': [
      '/marketing/v3/marketing-events/attendance',
      () =>
        put('hubspot-marketing', 'marketing_participation', input({ key: '1:ada', contact, fields: participation })),
    ],
  }
  return { account, calls }
}

describe('what is no answer of the API', () => {
  for (const [what, body] of [
    ['a page', '<html>maintenance</html>'],
    ['an empty object', {}],
    ['nothing', null],
  ] as const) {
    it(`as ${what} is tried again, wherever it comes: nothing is set aside`, async context => {
      const { account, calls } = await opened(context)
      for (const [name, [path, call, times]] of Object.entries(calls)) {
        await disturb(account, path, { status: 200, body }, times)
        const [result] = [await call()].flat() as { kind: string }[]
        assert.equal(result?.kind, 'retry', `${name}: ${JSON.stringify(result)}`)
      }
    })
  }

  it('in the details of a refusal leaves it a refusal', async context => {
    const { account, calls } = await opened(context)
    // An event that is refused is sent once more, after the definitions were looked at.
    for (const [name, times] of [
      ['an update', 1],
      ['an event', 2],
      ['a participation', 1],
    ] as const) {
      const [path, call] = calls[name] ?? ['', () => assert.fail(name)]
      await disturb(account, path, { status: 400, body: { errors: null, message: 7, category: {} } }, times)
      const [result] = [await call()].flat() as { code?: string }[]
      assert.equal(result?.code, 'HUBSPOT_400', name)
      await disturb(account, path, { status: 403, body: { errors: [null], message: null, category: 'MISSING_SCOPES' } })
      const [forbidden] = [await call()].flat() as { code?: string }[]
      assert.equal(forbidden?.code, 'HUBSPOT_SCOPES_MISSING', name)
    }
  })

  it('as the survivor of a contact is no survivor', async context => {
    const { account, calls } = await opened(context)
    const reading = calls['a reading']
    assert.ok(reading)
    const [path, call] = reading
    await disturb(account, path, { status: 200, body: { results: [] } })
    await disturb(account, '/crm/v3/objects/contacts/', { status: 200, body: {} })
    const [result] = [await call()].flat() as { kind: string }[]
    assert.equal(result?.kind, 'retry')
  })
})
