import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { json, type ModelRequest } from './account.ts'
import { startAt, startReadingActivities, thereOf } from './reading-activities.ts'

const modified = new Date(startAt - 1_000).toISOString()
const activity = (properties: Record<string, string> = {}) => ({
  properties: { hs_createdate: '2026-08-01T00:00:00Z', hs_lastmodifieddate: modified, ...properties },
})
const reads = (requests: readonly ModelRequest[], path: RegExp) => requests.filter(request => path.test(request.path))
const tasksRead = /objects\/tasks\/batch\/read/
const idsRead = (requests: readonly ModelRequest[]) =>
  reads(requests, tasksRead).map(({ body }) => (body.inputs ?? []).map(({ id }) => id))

describe('hubspot-activities', () => {
  it('T1 T5 T6 reads a noticed task with its contacts and owners, and tells it on the link', async context => {
    const { account, synced, ...reading } = await startReadingActivities(context)
    for (const [id, email] of [
      ['70', 'al@example.com'],
      ['71', 'rep@example.com'],
      ['73', 'x@example.com'],
    ] as const)
      account.owners.set(id, { email })
    account.owners.set('72', { email: 'Kim@Example.com', archived: true })
    account.contacts.set('501', { createdate: '2026-08-01T00:00:00Z', owner: '72' })
    account.contacts.set('502', { createdate: '2026-08-02T00:00:00Z', owner: '70' })
    synced.add('hubspot:contact:501')
    account.activities['tasks']?.set('5012', {
      ...activity({ hs_task_subject: 'Call Ada', hs_task_status: 'WAITING', hubspot_owner_id: '73' }),
      contacts: ['502', '501', '503'],
      history: {
        hs_task_subject: [{ value: 'Call Ada', timestamp: modified, sourceType: 'CRM_UI', sourceId: 'userId:7' }],
      },
    })
    await reading.notice(['task 5012'], { occurredAt: startAt - 1_000 })
    await reading.start()
    await reading.done()
    const [{ eventId, receivedAt, ...task } = assert.fail(), ...others] = await reading.told()
    assert.deepEqual(others, [])
    assert.ok(receivedAt >= startAt)
    assert.match(eventId, new RegExp(`^hubspot:task:5012:${startAt - 1_000}-[0-9a-z]+$`))
    const empty = { hs_task_body: null, hs_task_priority: null, hs_task_type: null, hs_timestamp: null }
    assert.deepEqual(task, {
      ...{ source: 'hubspot:default', system: 'HUBSPOT', activity: 'TASK', record: '5012', change: 'UPDATED' },
      ...{ occurredAt: startAt - 1_000, createdAt: Date.parse('2026-08-01T00:00:00Z'), link: 'hubspot:task:5012' },
      people: ['hubspot:contact:501', 'hubspot:contact:502', 'hubspot:contact:503'],
      ...{ person: 'hubspot:contact:501', owner: 'email:x@example.com', recordOwner: 'email:kim@example.com' },
      fields: {
        ...{ hs_task_subject: 'Call Ada', hs_task_status: 'WAITING', ...empty },
        ...{ hubspot_owner_id: '73', hs_createdate: '2026-08-01T00:00:00Z' },
      },
      changes: { hs_task_subject: { at: startAt - 1_000, ours: false } },
      ...{ changedBy: 'CRM_UI userId:7', ours: false, relatedTo: null, related: [], others: [] },
    })
    assert.equal(await reading.counted('tasks'), 1)
    for (const id of ['501', '502']) synced.add(`hubspot:contact:${id}`)
    await reading.notice(['task 5012'], { occurredAt: startAt })
    await reading.done()
    const again = (await reading.told()).at(-1)
    assert.deepEqual([again?.person, again?.others], ['hubspot:contact:502', [thereOf('hubspot:contact:501')]])
  })

  it('T1 tells the companies that an activity is on, by what is known of them, and nothing of them without the scope', async context => {
    const { account, ...reading } = await startReadingActivities(context)
    account.companies.set('901', { domain: 'one.example', salesforceaccountid: '00190000001pPvHAAU' })
    account.companies.set('902', { domain: 'two.example' })
    account.activities['tasks']?.set('1', { ...activity(), companies: ['901', '902', '903'] })
    account.activities['calls']?.set('2', { ...activity(), companies: ['902'] })
    await reading.notice(['task 1', 'call 2'])
    await reading.start()
    await reading.done()
    const related = new Map((await reading.told()).map(told => [told.record, told]))
    assert.deepEqual(related.get('1')?.related, [
      { alias: 'hubspot:company:901', names: ['salesforce:account:00190000001pPvHAAU', 'domain:one.example'] },
      { alias: 'hubspot:company:902', names: ['domain:two.example'] },
      { alias: 'hubspot:company:903', names: [] },
    ])
    assert.deepEqual([related.get('1')?.relatedTo, related.get('2')?.relatedTo], [null, 'hubspot:company:902'])
    account.fault = ({ path }) => (path.includes('companies') ? json({ category: 'MISSING_SCOPES' }, 403) : undefined)
    await reading.notice(['task 1'], { occurredAt: startAt + 1 })
    await reading.done()
    assert.deepEqual([(await reading.told()).length, (await reading.told()).at(-1)?.related], [3, null])
  })

  it('T3 reads every type, each by its own properties and their history', async context => {
    const { account, ...reading } = await startReadingActivities(context)
    for (const [index, records] of Object.values(account.activities).entries())
      records.set(String(index + 1), activity())
    await reading.notice(['task 1', 'call 2', 'note 3', 'meeting 4', 'email 5'])
    await reading.start()
    await reading.done()
    const told = (await reading.told()).map(({ activity: type, record }) => `${type} ${record}`)
    assert.deepEqual(told.toSorted(), ['CALL 2', 'EMAIL 5', 'MEETING 4', 'NOTE 3', 'TASK 1'])
    const [calls] = reads(account.requests, /objects\/calls/)
    assert.ok(calls?.body.properties?.includes('tributary_id'))
    assert.ok(calls?.body.propertiesWithHistory?.includes('hs_call_title'))
  })

  it('T1 reads at most fifty records at once, many notices of a record once, and reads all', async context => {
    const { account, ...reading } = await startReadingActivities(context)
    const ids = Array.from({ length: 120 }, (_, index) => String(index + 1))
    for (const id of ids) account.activities['tasks']?.set(id, { ...activity(), contacts: ['501'] })
    account.contacts.set('501', {})
    const named = ids.map(id => `task ${id}`)
    await reading.notice([...named, ...named, ...named])
    await reading.start()
    await reading.done()
    const told = (await reading.told()).map(({ record }) => record)
    assert.deepEqual(new Set(told), new Set(ids))
    const batches = idsRead(account.requests)
    assert.ok(batches.every(({ length }) => length <= 50))
    assert.ok(batches.length <= 12, `${batches.length} batches were read`)
  })

  it('T8 tells a record that was deleted, by the link that it had, and one that is nowhere if a notice says so', async context => {
    const { account, ...reading } = await startReadingActivities(context)
    const archivedAt = new Date(startAt - 500).toISOString()
    const properties = { tributary_id: 'salesforce:task:00T1' }
    account.activities['tasks']?.set('1', { properties, archivedAt })
    account.activities['tasks']?.set('2', activity())
    await reading.notice(['task 1', 'task 2', 'task 4'])
    await reading.notice(['task 3', 'task 2'], { gone: true })
    await reading.start()
    await reading.done()
    const told = (await reading.told()).map(
      ({ change, link, occurredAt }) => `${change} ${link} ${occurredAt - startAt}`,
    )
    const expected = ['DELETED salesforce:task:00T1 -500', 'DELETED hubspot:task:3 0', 'UPDATED hubspot:task:2 0']
    assert.deepEqual(told.toSorted(), expected.toSorted())
    assert.equal(await reading.counted('missing'), 1)
  })

  it('T7 tells what is noticed again under the same id while it is the same', async context => {
    const { account, ...reading } = await startReadingActivities(context)
    account.activities['tasks']?.set('1', activity())
    await reading.start()
    for (const _ of [1, 2]) {
      await reading.notice(['task 1'], { occurredAt: startAt })
      await reading.done()
    }
    const ids = (await reading.told()).map(({ eventId }) => eventId)
    assert.deepEqual([ids.length, new Set(ids).size], [2, 1])
  })

  const refusals: readonly (readonly [what: string, answer: () => Response | 'gone', reason: RegExp | null])[] = [
    ['limits its requests', () => new Response('{"policyName":"SECONDLY"}', { status: 429 }), null],
    ['fails', () => new Response('<html>', { status: 502 }), /HUBSPOT_UNREACHABLE/],
    ['is gone', () => 'gone', /HUBSPOT_UNREACHABLE/],
    ['answers something else', () => json({ results: 'none' }), /HUBSPOT_ANSWER_UNREADABLE/],
    ['has used its day', () => new Response('{"policyName":"DAILY"}', { status: 429 }), /HUBSPOT_RATE_LIMIT/],
    ['knows no such address', () => json({}, 404), /HUBSPOT_REQUEST_REFUSED/],
    ['takes no such token', () => json({}, 401), /HUBSPOT_TOKEN_REFUSED/],
  ]
  for (const [what, answer, reason] of refusals)
    for (const path of [/objects\/tasks/, /associations/, /objects\/contacts/, /owners/])
      it(`T1 waits while HubSpot ${what} at ${path.source}, says so, and then goes on`, async context => {
        const { account, ...reading } = await startReadingActivities(context)
        account.activities['tasks']?.set('1', { ...activity(), contacts: ['501'] })
        account.contacts.set('501', {})
        let faults = 0
        account.fault = request => (path.test(request.path) && faults++ < 12 ? answer() : undefined)
        await reading.notice(['task 1'])
        const running = await reading.start()
        const reasons = new Set<string>()
        for (let left = 1; left > 0; ) {
          await new Promise(setImmediate)
          reasons.add(running.status().reason ?? '')
          left = (await reading.told()).length === 0 ? 1 : 0
        }
        await reading.done()
        if (reason)
          assert.ok(
            [...reasons].some(text => reason.test(text)),
            JSON.stringify([...reasons]),
          )
        assert.deepEqual(running.status(), { state: 'running' })
        assert.deepEqual((await reading.told()).length, 1)
      })

  it('T1 passes over one record that HubSpot refuses, counts it, and tells the others', async context => {
    const { account, ...reading } = await startReadingActivities(context)
    const ids = Array.from({ length: 20 }, (_, index) => String(index + 1))
    for (const id of ids) account.activities['tasks']?.set(id, activity())
    account.fault = ({ path, body }) =>
      tasksRead.test(path) && body.inputs?.some(({ id }) => id === '13')
        ? json({ category: 'VALIDATION_ERROR' }, 400)
        : undefined
    await reading.notice(ids.map(id => `task ${id}`))
    await reading.start()
    await reading.done()
    const told = (await reading.told()).map(({ record }) => record)
    assert.deepEqual(new Set(told), new Set(ids.filter(id => id !== '13')))
    assert.equal(await reading.counted('refused'), 1)
  })

  it('T3 tells tasks although e-mails may not be read, and says which scope is missing', async context => {
    const { account, ...reading } = await startReadingActivities(context)
    account.activities['tasks']?.set('1', activity())
    account.fault = ({ path }) => (path.includes('emails') ? json({ category: 'MISSING_SCOPES' }, 403) : undefined)
    await reading.notice(['email 7', 'task 1'])
    const running = await reading.start()
    await reading.done()
    assert.equal((await reading.told()).length, 1)
    assert.equal(await reading.counted('forbidden'), 1)
    assert.match(running.status().reason ?? '', /HUBSPOT_SCOPES_MISSING.*sales-email-read/)
  })

  it('T1 passes over what is no notice, and notices of others', async context => {
    const { account, ...reading } = await startReadingActivities(context)
    account.activities['tasks']?.set('1', activity())
    await reading.garbage()
    await reading.notice(['task 00T1', 'deal 1'])
    await reading.notice(['task 2'], { source: 'salesforce:default' })
    await reading.notice(['task 1'])
    await reading.start()
    await reading.done()
    assert.equal((await reading.told()).length, 1)
    assert.equal(await reading.counted('strange'), 4)
    assert.deepEqual(idsRead(account.requests), [['1']])
  })

  it('T3 passes over a record that is larger than a topic takes, and tells the others', async context => {
    const { account, ...reading } = await startReadingActivities(context)
    account.activities['tasks']?.set('1', activity({ hs_task_body: 'x'.repeat(1_100_000) }))
    account.activities['tasks']?.set('2', activity())
    await reading.notice(['task 1', 'task 2'])
    await reading.start()
    await reading.done()
    assert.deepEqual(
      (await reading.told()).map(({ record }) => record),
      ['2'],
    )
    assert.equal(await reading.counted('too-large'), 1)
  })

  it('T1 goes on where it was when the process ended in the middle, and loses nothing', async context => {
    const { account, ...reading } = await startReadingActivities(context)
    const ids = Array.from({ length: 400 }, (_, index) => String(index + 1))
    for (const id of ids) account.activities['tasks']?.set(id, activity())
    await reading.notice(ids.map(id => `task ${id}`))
    account.fault = () => (account.requests.length > 20 ? 'gone' : undefined)
    const first = await reading.start()
    while (first.status().reason === undefined) await new Promise(setImmediate)
    await first.close()
    const before = new Set((await reading.told()).map(({ record }) => record))
    assert.ok(before.size > 0 && before.size < 400, `${before.size} were told`)
    account.fault = () => undefined
    const asked = account.requests.length
    await reading.start()
    await reading.done()
    const told = (await reading.told()).map(({ record }) => record)
    assert.deepEqual([told.length, new Set(told).size], [400, 400])
    for (const id of idsRead(account.requests.slice(asked)).flat()) assert.ok(!before.has(id), `${id} was read again`)
  })

  it('T1 tells all once when a commit fails in the middle', async context => {
    const { account, ...reading } = await startReadingActivities(context)
    const ids = Array.from({ length: 60 }, (_, index) => String(index + 1))
    for (const id of ids) account.activities['tasks']?.set(id, activity())
    await reading.notice(ids.map(id => `task ${id}`))
    reading.kafka.failNextCommit('hubspot-activities')
    await reading.start()
    await reading.done()
    const told = (await reading.told()).map(({ record }) => record)
    assert.deepEqual([told.length, new Set(told).size], [60, 60])
  })

  it('T6 knows an owner who came lately, and reads owners seldom', async context => {
    const { account, clock, ...reading } = await startReadingActivities(context)
    account.owners.set('71', { email: 'rep@example.com' })
    account.activities['tasks']?.set('1', activity({ hubspot_owner_id: '71' }))
    account.activities['tasks']?.set('2', activity({ hubspot_owner_id: '72' }))
    await reading.start()
    const ownersAfter = async (named: string) => {
      await reading.notice([named])
      await reading.done()
      return [reads(account.requests, /owners/).length, (await reading.told()).map(({ owner }) => owner ?? 'nobody')]
    }
    const first = await ownersAfter('task 1')
    assert.deepEqual(first, [2, ['email:rep@example.com']])
    assert.equal((await ownersAfter('task 1'))[0], 2)
    account.owners.set('72', { email: 'new@example.com' })
    clock.advance(31_000)
    const [asked, told] = await ownersAfter('task 2')
    assert.equal(asked, 4)
    assert.ok(told?.toString().includes('email:new@example.com'))
  })
})
