import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Page } from 'playwright-core'
import { chromiumFile, launchChromium } from '../chromium.ts'
import { type Account, byAddress, openAccount } from './hubspot.ts'

const form = (account: Account, path: string, fields: Record<string, string>): Promise<Response> =>
  fetch(account.url + path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' })

const text = async (account: Account, path: string): Promise<string> => (await fetch(account.url + path)).text()

describe('without a browser', () => {
  it('shows contacts with the properties that integrations added, and searches them', async context => {
    const account = await openAccount(context)
    const options = [{ label: 'attending', value: 'attending' }]
    await account.call('POST', '/crm/v3/properties/contacts', {
      name: 'zoom_webinar_last_status',
      label: 'Last webinar status',
      type: 'enumeration',
      fieldType: 'select',
      groupName: 'contactinformation',
      options,
    })
    await account.client.crm.contacts.batchApi.upsert({
      inputs: [
        byAddress('ada@example.com', { firstname: 'Ada <b>', zoom_webinar_last_status: 'attending' }),
        byAddress('alan@example.com', { firstname: 'Alan' }),
      ],
    })
    const page = await text(account, '/')
    assert.match(page, /Ada &lt;b&gt;/)
    assert.match(page, /alan@example\.com/)
    assert.match(page, /attending/)
    const found = await text(account, '/?q=alan')
    assert.match(found, /alan@example\.com/)
    assert.doesNotMatch(found, /ada@example\.com/)
  })

  it('a person creates, edits, merges and deletes; that is a write of the UI, not of the app', async context => {
    const account = await openAccount(context)
    const created = await form(account, '/records/contacts', { email: 'ada@example.com', firstname: 'Ada' })
    assert.equal(created.status, 303)
    const path = created.headers.get('location') ?? ''
    await form(account, path, { firstname: 'Ada', lastname: 'Byron' })
    const [contact] = (await account.call('GET', '/_sandbox/state')).body.contacts
    assert.equal(contact.properties.lastname, 'Byron')
    assert.equal(contact.properties.hs_object_source, 'CRM_UI')
    const writes = (await account.call('GET', '/_sandbox/writes')).body
    assert.deepEqual(writes.at(-1).properties, { lastname: 'Byron' }, 'only what differs is written')
    const other = await account.client.crm.contacts.basicApi.create({
      properties: { firstname: 'B' },
      associations: [],
    })
    const merged = await form(account, `${path}/merge`, { other: other.id })
    await form(account, `${merged.headers.get('location')}/delete`, {})
    assert.deepEqual((await account.call('GET', '/_sandbox/state')).body.contacts, [])
  })

  it('shows what happened to a contact, newest first, and the marketing events with who came', async context => {
    const account = await openAccount(context)
    const { id } = await account.client.crm.contacts.basicApi.create({
      properties: { firstname: 'Ada', email: 'ada@example.com' },
      associations: [],
    })
    for (const label of ['Registered <i>', 'Joined'])
      await account.call('POST', '/events/v3/event-definitions', {
        ...{ label, name: label.slice(0, 6).toLowerCase() },
        propertyDefinitions: [{ name: 'topic', label: 'Topic of it', type: 'string' }],
      })
    for (const [name, hour] of [
      ['regist', 1],
      ['joined', 2],
    ])
      await account.call('POST', '/events/v3/send', {
        ...{ eventName: `pe24700001_${name}`, objectId: id, occurredAt: `2026-10-14T0${hour}:00:00Z` },
        properties: { topic: `Topic <${hour}>` },
      })
    const { objectId } = (
      await account.call('POST', '/marketing/v3/marketing-events/events', {
        ...{ externalEventId: '9-1', externalAccountId: 'zoom-1', eventName: 'Winter <webinar>' },
        eventOrganizer: 'Us',
      })
    ).body
    const states = ['register', 'attend']
    for (const [index, state] of states.entries())
      await account.call('POST', `/marketing/v3/marketing-events/${objectId}/attendance/${state}/create`, {
        inputs: [{ vid: Number(id), interactionDateTime: Date.UTC(2026, 9, 14, index) }],
      })
    const contact = await text(account, `/records/contacts/${id}`)
    assert.match(contact, /Joined<br>[\s\S]*02:00:00|02:00:00[\s\S]*Joined<br>/)
    assert.ok(contact.indexOf('Topic &lt;2&gt;') < contact.indexOf('Topic &lt;1&gt;'), 'newest first')
    assert.match(contact, /Registered &lt;i&gt;<br>/)
    assert.match(contact, /Topic of it/)
    assert.match(contact, /Winter &lt;webinar&gt;[\s\S]*badge good">attended</)
    const events = await text(account, '/marketing-events')
    assert.match(events, /Winter &lt;webinar&gt;[\s\S]*<td class="number">1<\/td><td class="number">1<\/td>/)
    assert.match(await text(account, `/marketing-events/${objectId}`), /Ada[\s\S]*ada@example\.com[\s\S]*attended/)
    assert.match(await text(account, '/custom-events'), /pe24700001_joined[\s\S]*<td class="number">1</)
    assert.equal((await fetch(`${account.url}/marketing-events/1`)).status, 404)
  })

  it('a person restores a deleted contact, but not when its address is somebody else’s by now', async context => {
    const account = await openAccount(context)
    const path = '/records/contacts'
    const id = (await form(account, path, { email: 'ada@example.com' })).headers.get('location')?.split('/').at(-1)
    await form(account, `${path}/${id}/delete`, {})
    assert.match(await text(account, path), /href="\/deleted\/contacts">1 deleted</)
    assert.match(await text(account, '/deleted/contacts'), /ada@example\.com[\s\S]*Restore/)
    assert.equal((await form(account, `${path}/${id}/restore`, {})).headers.get('location'), `${path}/${id}`)
    assert.equal((await account.call('GET', `/crm/v3/objects/contacts/${id}`)).status, 200)
    await form(account, `${path}/${id}/delete`, {})
    await form(account, path, { email: 'ada@example.com' })
    const refused = await form(account, `${path}/${id}/restore`, {})
    assert.match(await text(account, refused.headers.get('location') ?? ''), /role="alert">Contact already exists/)
    assert.equal((await account.call('GET', '/_sandbox/state')).body.contacts.length, 1)
  })

  it('a person deletes a contact for privacy: no trace is left, and nothing to restore', async context => {
    const account = await openAccount(context)
    const created = await form(account, '/records/contacts', { email: 'ada@example.com' })
    const path = created.headers.get('location') ?? ''
    assert.match(await text(account, path), /Delete for privacy/)
    await form(account, `${path}/privacy-delete`, {})
    assert.equal((await fetch(account.url + path)).status, 404)
    assert.match(await text(account, '/deleted/contacts'), /No deleted contacts/)
    const refused = await form(account, `${path}/restore`, {})
    assert.match(await text(account, refused.headers.get('location') ?? ''), /role="alert">There is no deleted record/)
  })

  it('shows companies, and a person edits one', async context => {
    const account = await openAccount(context)
    const created = await form(account, '/records/companies', { name: 'Lumen', domain: 'lumen.example' })
    const path = created.headers.get('location') ?? ''
    await form(account, path, { numberofemployees: '12', industry: 'COMPUTER_SOFTWARE' })
    const page = await text(account, path)
    assert.match(page, /name="numberofemployees" value="12"/)
    assert.match(page, /value="COMPUTER_SOFTWARE" selected/)
    assert.match(await text(account, '/records/companies'), /Lumen<\/a>[\s\S]*lumen\.example/)
    const refused = await form(account, path, { industry: 'Software' })
    assert.match(await text(account, refused.headers.get('location') ?? ''), /role="alert">Software was not one of/)
  })

  it('a refused edit comes back with the reason', async context => {
    const account = await openAccount(context)
    const { id } = await account.client.crm.contacts.basicApi.create({
      properties: { firstname: 'A' },
      associations: [],
    })
    const refused = await form(account, `/records/contacts/${id}`, { email: 'nobody' })
    const page = await text(account, refused.headers.get('location') ?? '')
    assert.match(page, /role="alert">Email address nobody is invalid</)
  })
})

const openPage = async (context: TestContext, url: string, executablePath: string): Promise<Page> => {
  const browser = await launchChromium(executablePath)
  context.after(() => browser.close())
  const page = await browser.newPage()
  await page.goto(url)
  return page
}

const browser = chromiumFile()
const skip = browser === undefined && 'needs Chromium on the PATH, or its file in CHROMIUM'

describe('in a browser', { skip }, () => {
  it('the page follows changes and marks the rows that changed', async context => {
    const { url, client } = await openAccount(context)
    const write = (id: string, firstname: string) =>
      client.crm.contacts.batchApi.upsert({ inputs: [byAddress(id, { firstname })] })
    await write('ada@example.com', 'Ada')
    await write('alan@example.com', 'Alan')
    const page = await openPage(context, url, browser ?? '')
    await write('ada@example.com', 'Augusta')
    await page.locator('tr.changed', { hasText: 'Augusta' }).waitFor()
    assert.equal(await page.locator('tr.changed').count(), 1)
    assert.match(
      (await page.locator('tbody tr').first().textContent()) ?? '',
      /Augusta/,
      'the latest change comes first',
    )
    await page.fill('input[type=search]', 'alan')
    await page.waitForFunction('document.querySelectorAll("tbody tr").length === 1')
  })

  it('a field that is being edited is left alone, and only it is written', async context => {
    const account = await openAccount(context)
    const { id } = await account.client.crm.contacts.basicApi.create({
      properties: { firstname: 'Ada' },
      associations: [],
    })
    const page = await openPage(context, `${account.url}/records/contacts/${id}`, browser ?? '')
    await page.fill('[name=jobtitle]', 'Analyst')
    await account.client.crm.contacts.basicApi.update(id, { properties: { jobtitle: 'Countess', company: 'Lovelace' } })
    await page.waitForFunction('document.querySelector("[name=company]").value === "Lovelace"')
    assert.equal(await page.inputValue('[name=jobtitle]'), 'Analyst')
    const posted = page.waitForResponse(response => response.request().method() === 'POST')
    await page.click('button.primary')
    await posted
    const { body } = await account.call('GET', '/_sandbox/writes')
    assert.deepEqual(body.at(-1).properties, { jobtitle: 'Analyst' })
  })
})
