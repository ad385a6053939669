import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { contactsOf, disturb, fields, fieldsOnCreate, opened, requestsOf, tenfold, writesOf } from './hubspot-sink.ts'

describe('HubSpot under load and faults', () => {
  it('1,000 writes need few requests, and none is refused by the limit', async context => {
    const { know, write, done, account } = await opened(context, { burst: 30, clock: tenfold })
    const people = Array.from({ length: 1_000 }, (_, n) => `p${n}`)
    for (const person of people) know(person, `email:${person}@example.com`)
    await write(...people.map(person => ({ person, fields, fieldsOnCreate })))
    await done()
    const requests = await requestsOf(account)
    assert.deepEqual(
      requests.filter(({ status }) => status === 429),
      [],
    )
    const count = (path: string): number => requests.filter(request => request.path.includes(path)).length
    assert.ok(count('batch/read') <= 20, `${count('batch/read')} look-ups`)
    assert.ok(count('batch/upsert') <= 20, `${count('batch/upsert')} upserts`)
    assert.equal((await contactsOf(account)).length, 1_000)
  })

  it('36 a storm of 429 and 5xx delays, and loses nothing', async context => {
    const { know, write, done, account, deadLetters } = await opened(context, {
      settings: { pause: { failuresToOpen: 3, firstPauseMs: 20, longestPauseMs: 100 } },
    })
    for (let n = 0; n < 30; n++) know(`p${n}`, `email:p${n}@example.com`)
    const slow = { status: 429, headers: { 'retry-after': '0' }, body: { policyName: 'TEN_SECONDLY_ROLLING' } }
    await disturb(account, '/crm/v3/objects/contacts/batch', slow, 5)
    await disturb(account, '/crm/v3/objects/contacts/batch', { status: 502, body: '<html>bad gateway</html>' }, 5)
    await disturb(
      account,
      '/crm/v3/objects/contacts/batch',
      { status: 503, headers: { 'content-type': '' }, body: '' },
      2,
    )
    for (let revision = 1; revision <= 3; revision++)
      await write(
        ...Array.from({ length: 30 }, (_, n) => ({
          person: `p${n}`,
          fields: { zoom_webinar_attendance_count: revision },
          revision,
        })),
      )
    await done()
    assert.deepEqual(await deadLetters(), [])
    const counts = new Set(
      (await contactsOf(account)).map(({ properties }) => properties['zoom_webinar_attendance_count']),
    )
    assert.deepEqual([...counts], ['3'])
  })

  it('36 the daily limit pauses the sink and says so', async context => {
    const { know, write, done, until, account, running, deadLetters } = await opened(context, {
      settings: { pause: { failuresToOpen: 3, firstPauseMs: 30, longestPauseMs: 100 } },
    })
    know('p1', 'email:ada@example.com')
    await disturb(
      account,
      '/crm/v3/objects',
      { status: 429, body: { policyName: 'DAILY', message: 'You have reached your daily limit.' } },
      2,
    )
    await write({ person: 'p1', fields })
    await until('the sink is paused', () => running.status().state === 'paused')
    assert.match(running.status().reason ?? '', /HUBSPOT_DAILY_LIMIT/)
    await done()
    assert.equal(running.status().state, 'running')
    assert.deepEqual(await deadLetters(), [])
  })

  it('37 a value that HubSpot refuses concerns its write only, and its dead letter does not repeat it', async context => {
    const { know, write, done, account, outcomes, deadLetters } = await opened(context)
    for (const person of ['p1', 'p2', 'p3']) know(person, `email:${person}@example.com`)
    await write(
      { person: 'p1', fields, id: 'well' },
      { person: 'p2', fields: { zoom_webinar_last_status: 'secret-value' }, id: 'culprit' },
      { person: 'p3', fields, id: 'also-well' },
    )
    await done()
    assert.deepEqual(await outcomes(), { well: 'CREATED', 'also-well': 'CREATED', culprit: 'REJECTED' })
    const [letter] = await deadLetters()
    assert.equal(String(letter?.headers['error.code']), 'INVALID_OPTION')
    const message = String(letter?.headers['error.message'])
    assert.match(message, /zoom_webinar_last_status/)
    assert.doesNotMatch(message, /secret-value|example\.com/)
    assert.equal((await contactsOf(account)).length, 2)
  })

  it('37 a batch that is refused as a whole is split, so that nobody pays for another', async context => {
    const { know, write, done, account, outcomes } = await opened(context)
    for (let n = 0; n < 8; n++) know(`p${n}`, `email:p${n}@example.com`)
    const refused = { status: 400, body: { category: 'VALIDATION_ERROR', message: 'no' } }
    await disturb(account, '/crm/v3/objects/contacts/batch/upsert', refused)
    await write(...Array.from({ length: 8 }, (_, n) => ({ person: `p${n}`, fields, id: `w${n}` })))
    await done()
    assert.deepEqual(Object.values(await outcomes()), Array(8).fill('CREATED'))
    const upserts = (await requestsOf(account)).filter(({ path }) => path.endsWith('/upsert'))
    assert.deepEqual(
      upserts.map(({ status }) => status),
      [400, 200, 200],
    )
  })

  it('38 a reset after HubSpot made the contact makes no second one, and it keeps its source', async context => {
    const { know, write, done, account } = await opened(context)
    know('p1', 'email:ada@example.com')
    await disturb(account, '/crm/v3/objects/contacts/batch/upsert', 'reset-after-apply')
    await write({ person: 'p1', fields, fieldsOnCreate })
    await done()
    const [contact, ...others] = await contactsOf(account)
    assert.deepEqual(others, [])
    assert.equal(contact?.properties['tributary_source'], 'zoom')
    assert.equal((await writesOf(account)).filter(({ operation }) => operation === 'create').length, 1)
  })

  it('38 a request that HubSpot does not answer in time is made again', async context => {
    const { know, write, done, account, receipts } = await opened(context, { destination: { timeoutMs: 100 } })
    know('p1', 'email:ada@example.com')
    await disturb(account, '/crm/v3/objects/contacts/batch/upsert', { delayMs: 400 })
    await write({ person: 'p1', fields })
    await done()
    assert.equal((await contactsOf(account)).length, 1)
    assert.ok(((await receipts())[0]?.attempts ?? 0) > 2)
  })

  it('39 a token that is refused pauses the sink; it goes on when the token is accepted', async context => {
    const { know, write, done, until, account, running, deadLetters, logs } = await opened(context, {
      settings: { pause: { failuresToOpen: 3, firstPauseMs: 30, longestPauseMs: 100 } },
    })
    know('p1', 'email:ada@example.com')
    await disturb(account, '/crm', { status: 401, body: { category: 'INVALID_AUTHENTICATION' } }, 2)
    await write({ person: 'p1', fields })
    await until('the sink is paused', () => running.status().state === 'paused')
    assert.match(running.status().reason ?? '', /HUBSPOT_TOKEN_REFUSED/)
    await done()
    assert.equal((await contactsOf(account)).length, 1)
    assert.deepEqual(await deadLetters(), [])
    for (const line of logs) assert.doesNotMatch(line, /Bearer|ada@example/)
  })

  it('a wrong base address pauses the sink instead of setting writes aside', async context => {
    const { know, write, until, running, deadLetters } = await opened(context, { path: '/elsewhere' })
    know('p1', 'email:ada@example.com')
    await write({ person: 'p1', fields })
    await until('the sink is paused', () => running.status().state === 'paused')
    assert.match(running.status().reason ?? '', /HUBSPOT_API_MISSING/)
    assert.deepEqual(await deadLetters(), [])
  })
})
