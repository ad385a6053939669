import assert from 'node:assert/strict'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { chromium, type Page } from 'playwright-core'
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

const executable = (): string | undefined => {
  const folders = (process.env['PATH'] ?? '').split(delimiter)
  const candidates = ['chromium', 'chromium-browser', 'google-chrome'].flatMap(name =>
    folders.map(one => join(one, name)),
  )
  return [process.env['CHROMIUM'] ?? '', ...candidates].find(file => {
    try {
      accessSync(file, constants.X_OK)
      return true
    } catch {
      return false
    }
  })
}

const openPage = async (context: TestContext, url: string, executablePath: string): Promise<Page> => {
  const args = [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--no-first-run',
  ]
  const browser = await chromium.launch({ executablePath, args })
  context.after(() => browser.close())
  const page = await browser.newPage()
  await page.goto(url)
  return page
}

const browser = executable()
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
