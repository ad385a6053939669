import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { type Account, createRecord, openAccount } from './hubspot.ts'

interface Desk extends Account {
  readonly contact: string
  /** A person sends a form; gives the page that the browser is led to. */
  form(path: string, fields?: Record<string, string>): Promise<string>
  text(path: string): Promise<string>
  /** The values of a task as the API gives them, and the contacts that it is on. */
  task(path: string): Promise<{ values: Record<string, string>; contacts: string[] }>
}

const openDesk = async (context: TestContext): Promise<Desk> => {
  const account = await openAccount(context)
  const person = { email: 'ada@example.com', firstname: 'Ada', lastname: 'Byron' }
  return {
    ...account,
    contact: (await createRecord(account, person, 'contacts')).id,
    form: async (path, fields = {}) => {
      const body = new URLSearchParams(fields)
      const { status, headers } = await fetch(account.url + path, { method: 'POST', body, redirect: 'manual' })
      assert.equal(status, 303)
      return headers.get('location') ?? ''
    },
    text: async path => (await fetch(account.url + path)).text(),
    task: async path => {
      const names = ['subject', 'body', 'status', 'priority'].map(name => `hs_task_${name}`)
      const query = `properties=${[...names, 'hs_timestamp', 'hubspot_owner_id'].join(',')}&associations=contacts`
      const { body } = await account.call('GET', `/crm/v3/objects/tasks/${path.split('/').at(-1)}?${query}`)
      const contacts = body.associations?.contacts.results.map(({ id }: { id: string }) => id) ?? []
      return { values: body.properties, contacts }
    },
  }
}

describe('T1 activities on the page of the emulated HubSpot', () => {
  it('a person makes a task for a contact, by the address, and finds it with the contact', async context => {
    const { form, text, task, contact } = await openDesk(context)
    const fields = { hs_task_subject: 'Call <back>', contact: 'ada@example.com', hs_timestamp: '2026-10-14T09:30' }
    const path = await form('/records/tasks', fields)
    const { values, contacts } = await task(path)
    assert.deepEqual([values['hs_task_subject'], values['hs_timestamp']], ['Call <back>', '2026-10-14T09:30:00Z'])
    assert.deepEqual(contacts, [contact])
    const table = await text('/records/tasks')
    assert.match(table, /Call &lt;back&gt;<\/a>[\s\S]*not started[\s\S]*09:30:00[\s\S]*Ada Byron/)
    assert.match(await text(`/records/contacts/${contact}`), /Activities[\s\S]*Call &lt;back&gt;[\s\S]*not started/)
    assert.match(await text(path), /Complete this task[\s\S]*Ada Byron/)
  })

  it('a task that is made on the contact’s page without a date is due in three days', async context => {
    const { form, task, text, contact } = await openDesk(context)
    assert.match(await text(`/records/contacts/${contact}`), new RegExp(`name="contact" value="${contact}"`))
    const { values, contacts } = await task(
      await form('/records/tasks', { hs_task_subject: 'Mail', contact, hs_timestamp: '' }),
    )
    assert.deepEqual(contacts, [contact])
    const days = (Date.parse(values['hs_timestamp'] ?? '') - Date.now()) / 86_400_000
    assert.ok(days > 2.9 && days <= 3, `due in ${days} days`)
  })

  it('edits subject, body, due date, priority and owner, and writes only what differs', async context => {
    const { form, task, text, call } = await openDesk(context)
    const path = await form('/records/tasks', { hs_task_subject: 'Call' })
    const [owner] = (await call('GET', '/crm/v3/owners')).body.results
    const edits = {
      hs_task_subject: 'Call again',
      hs_task_body: '<p>At noon</p>',
      hs_timestamp: '2026-11-01T12:00:00Z',
      hs_task_priority: 'HIGH',
      hubspot_owner_id: owner.id,
    }
    await form(path, { ...edits, hs_task_status: 'NOT_STARTED' })
    const { values } = await task(path)
    assert.deepEqual({ ...values, ...edits }, values)
    const writes = (await call('GET', '/_sandbox/writes')).body
    assert.deepEqual(writes.at(-1).properties, edits)
    const page = await text(path)
    assert.match(page, new RegExp(`value="${owner.id}" selected>Alex Rivera<`))
    assert.match(page, /<textarea[^>]*>&lt;p&gt;At noon&lt;\/p&gt;<\/textarea>/)
    const refused = await form(path, { hs_timestamp: 'soon' })
    assert.match(await text(refused), /role="alert">soon was not a valid date and time/)
  })

  it('completes and reopens it, deletes and restores it', async context => {
    const { form, task, text, call } = await openDesk(context)
    const path = await form('/records/tasks', { hs_task_subject: 'Call' })
    assert.equal(await form(`${path}/complete`), path)
    assert.equal((await task(path)).values['hs_task_status'], 'COMPLETED')
    assert.match(await text(path), /Reopen this task/)
    await form(`${path}/reopen`)
    assert.equal((await task(path)).values['hs_task_status'], 'NOT_STARTED')
    assert.doesNotMatch(await text(path), /Merge it into this one/)
    assert.equal(await form(`${path}/delete`), '/records/tasks')
    assert.equal((await call('GET', '/_sandbox/state')).body.tasks.length, 0)
    assert.match(await text('/deleted/tasks'), /Call[\s\S]*Restore/)
    assert.equal(await form(`${path}/restore`), path)
    assert.equal((await call('GET', '/_sandbox/state')).body.tasks.length, 1)
  })

  it('puts it on other records and takes it off', async context => {
    const { form, task, text, contact, call } = await openDesk(context)
    const { id: other } = await createRecord({ call }, { email: 'alan@example.com' }, 'contacts')
    const { id: company } = await createRecord({ call }, { name: 'Lumen' })
    const path = await form('/records/tasks', { hs_task_subject: 'Call', contact })
    await form(`${path}/associate`, { type: 'contacts', record: ' alan@example.com ' })
    await form(`${path}/associate`, { type: 'companies', record: company })
    assert.match(await text(path), /Ada Byron[\s\S]*alan@example\.com[\s\S]*Lumen/)
    assert.deepEqual((await task(path)).contacts, [contact, other])
    await form(`${path}/dissociate`, { record: `contacts ${contact}` })
    assert.deepEqual((await task(path)).contacts, [other])
    const refused = await form(`${path}/associate`, { type: 'contacts', record: 'nobody@example.com' })
    assert.match(await text(refused), /role="alert">There is no contact nobody@example\.com/)
  })

  it('refuses a task on nobody, and makes none', async context => {
    const { form, text, call } = await openDesk(context)
    const refused = await form('/records/tasks', { hs_task_subject: 'Call', contact: 'nobody@example.com' })
    assert.match(await text(refused), /role="alert">There is no contact nobody/)
    assert.equal((await call('GET', '/_sandbox/state')).body.tasks.length, 0)
  })

  for (const [name, title, value] of [
    ['calls', 'hs_call_title', 'About tea'],
    ['notes', 'hs_note_body', '<p>About tea</p>'],
    ['meetings', 'hs_meeting_title', 'About tea'],
    ['emails', 'hs_email_subject', 'About tea'],
  ] as const) {
    it(`shows ${name} with the contacts they are on`, async context => {
      const { form, text, contact } = await openDesk(context)
      const path = await form(`/records/${name}`, { [title]: value, contact })
      assert.match(await text(`/records/${name}`), />About tea<\/a>[\s\S]*Ada Byron/)
      assert.match(await text(path), /About tea[\s\S]*Ada Byron/)
      assert.doesNotMatch(await text(path), /Complete this task/)
    })
  }
})
