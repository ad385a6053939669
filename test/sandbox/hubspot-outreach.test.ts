import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openAccount } from './hubspot.ts'

const events = '/email/public/v1/events'

describe('forms and marketing e-mails of the emulated HubSpot', () => {
  it('T3 submissions come the latest first, on pages of at most 50, with what was entered', async context => {
    const { call } = await openAccount(context)
    const at = Date.now()
    for (let index = 0; index < 60; index++)
      await call('POST', '/_sandbox/submissions', {
        form: 'Newsletter',
        email: 'Ada@Example.com',
        submittedAt: at - index,
      })
    const { results } = (await call('GET', '/marketing/v3/forms?formTypes=hubspot&formTypes=captured')).body
    assert.deepEqual(
      results.map((form: { name: string; formType: string }) => [form.name, form.formType]),
      [
        ['Contact us', 'hubspot'],
        ['Newsletter', 'captured'],
      ],
    )
    const path = `/form-integrations/v1/submissions/forms/${results[1].id}`
    const first = (await call('GET', `${path}?limit=50`)).body
    const second = (await call('GET', `${path}?limit=50&after=${first.paging.next.after}`)).body
    assert.deepEqual([first.results.length, second.results.length, second.paging], [50, 10, undefined])
    const times = [...first.results, ...second.results].map(({ submittedAt }) => submittedAt)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    )
    assert.deepEqual(first.results[0].values, [{ name: 'email', value: 'ada@example.com', objectTypeId: '0-1' }])
    assert.equal((await call('GET', `${path}?limit=51`)).status, 400)
    assert.equal((await call('POST', '/_sandbox/submissions', { form: 'No such', email: 'a@b.example' })).status, 404)
  })

  it('T3 a submission makes the contact that is new, once', async context => {
    const { call } = await openAccount(context)
    for (const _ of [1, 2])
      await call('POST', '/_sandbox/submissions', { form: 'Contact us', email: 'ada@example.com' })
    const { contacts } = (await call('GET', '/_sandbox/state')).body
    assert.equal(contacts.length, 1)
    assert.equal(contacts[0].properties.hs_object_source, 'FORM')
  })

  it('T3 of comments on a blog no submissions are given', async context => {
    const { call } = await openAccount(context)
    const { results } = (await call('GET', '/marketing/v3/forms?formTypes=all')).body
    assert.equal((await call('GET', `/form-integrations/v1/submissions/forms/${results[2].id}`)).status, 400)
  })

  it('T3 events come the latest first, by type and time, 10 on a page unless more are asked for, and lead to the message', async context => {
    const { call } = await openAccount(context)
    const to = Array.from({ length: 12 }, (_, index) => `person-${index}@example.com`)
    const { body: campaign } = await call('POST', '/_sandbox/emails', { name: 'Spring', subject: 'News', to })
    const at = Date.now() + 1_000
    for (const [index, recipient] of to.entries())
      await call('POST', '/_sandbox/email-events', {
        ...{ type: 'OPEN', campaign: campaign.id, recipient, created: at + (index % 3), filtered: index === 0 },
      })
    const first = (await call('GET', `${events}?eventType=OPEN`)).body
    const second = (await call('GET', `${events}?eventType=OPEN&offset=${first.offset}`)).body
    assert.deepEqual([first.events.length, first.hasMore, second.events.length, second.hasMore], [10, true, 2, false])
    const all = [...first.events, ...second.events]
    assert.equal(new Set(all.map(({ id }) => id)).size, 12)
    const times = all.map(({ created }) => created)
    assert.deepEqual(
      times,
      times.toSorted((a, b) => b - a),
    )
    const sent = (await call('GET', `${events}?eventType=SENT&recipient=${to[3]}`)).body.events[0]
    assert.equal(sent.subject, 'News')
    const opened = all.find(({ recipient }) => recipient === to[3])
    assert.deepEqual(opened.sentBy, { id: sent.id, created: sent.created })
    assert.equal(opened.subject, undefined)
    const count = async (query: string) => (await call('GET', `${events}?limit=1000&${query}`)).body.events.length
    assert.equal(await count(`eventType=OPEN&startTimestamp=${at + 1}&endTimestamp=${at + 1}`), 4)
    assert.equal(await count('eventType=OPEN&excludeFilteredEvents=true'), 11)
    assert.equal((await call('GET', `${events}?eventType=SENT,OPEN`)).status, 400)
    assert.equal((await call('GET', `${events}?limit=1001`)).status, 400)
    const { body } = await call('GET', `/email/public/v1/campaigns/${opened.emailCampaignId}?appId=${opened.appId}`)
    assert.deepEqual([body.name, body.subject, body.counters.open], ['Spring', 'News', 12])
    assert.equal((await call('GET', '/email/public/v1/campaigns/1')).status, 404)
  })

  it('T3 need their scopes', async context => {
    const { call } = await openAccount(context, { scopes: [] })
    for (const [path, scope] of [
      ['/marketing/v3/forms', 'forms'],
      [events, 'content'],
    ] as const) {
      const { status, body } = await call('GET', path)
      assert.deepEqual([status, body.errors[0].context.requiredGranularScopes], [403, [scope]])
    }
  })

  it('T3 a person submits, sends, opens and clicks on the page', async context => {
    const { call, url } = await openAccount(context)
    const fill = async (path: string, fields: Record<string, string>): Promise<string> =>
      await (await fetch(`${url}/outreach/${path}`, { method: 'POST', body: new URLSearchParams(fields) })).text()
    await fill('submissions', { form: 'Contact us', email: 'ada@example.com' })
    await fill('emails', { subject: 'News', to: 'ada@example.com, bob@example.com' })
    const { marketing_email: emails } = (await call('GET', '/_sandbox/state')).body
    const open = { type: 'OPEN', campaign: emails[0].id }
    const page = await fill('email-events', { ...open, recipient: 'ada@example.com' })
    assert.match(page, /News<\/td><td>ada@example\.com<\/td><td>1<\/td><td>0</)
    assert.match(await fill('email-events', { ...open, recipient: 'eve@example.com' }), /was not sent to them/)
    const { email_event: told, form_submission: submitted } = (await call('GET', '/_sandbox/state')).body
    const types = told.map(({ properties }: { properties: { type: string } }) => properties.type)
    assert.deepEqual(types.toSorted(), ['DELIVERED', 'DELIVERED', 'OPEN', 'SENT', 'SENT'])
    assert.equal(submitted.length, 1)
  })
})
