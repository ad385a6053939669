import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SalesforceError } from '../../../services/producers/salesforce/rest/problems.ts'
import { pauseFor } from '../../../services/producers/salesforce/sweep/allowance.ts'
import { eventually } from '../../scenarios/eventually.ts'
import { minute, startSweeping } from './sweeping.ts'

const query = { method: 'GET', path: '/services/data/v60.0/query' }
const usedUp = {
  ...{ status: 403, body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }] },
}

describe('the sweep of Salesforce in trouble', () => {
  it('T1 ends early when the requests of the org are used up, says so, and goes on when they come back', async context => {
    const sweeping = await startSweeping(context)
    const sweep = await sweeping.start()
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Call' } })
    await sweeping.ask('POST', '/_sandbox/faults', { match: query, times: 1, answer: usedUp })
    const before = (await sweeping.queries()).length
    await sweep.poll()
    assert.match(String(sweep.status().reason), /^SALESFORCE_ALLOWANCE_USED_UP: /)
    assert.equal((await sweeping.queries()).length - before, 1)
    assert.match(sweeping.lines.join(''), /SALESFORCE_ALLOWANCE_USED_UP/)
    await sweep.poll()
    assert.equal(sweep.status().reason, undefined)
    assert.equal((await sweeping.tasks()).length, 1)
  })

  it('T1 polls less often when less than a fifth of the requests is left, and says so', async context => {
    const sweeping = await startSweeping(context, { dailyCalls: 100 })
    for (let calls = 0; calls < 81; calls++) await sweeping.ask('GET', '/services/data/v60.0/limits')
    const sweep = await sweeping.start()
    assert.match(String(sweep.status().reason), /^The org has used 8\d of its 100 API requests in 24 hours/)
    const before = (await sweeping.queries()).length
    for (let at = 0; at < 10; at++) {
      sweeping.clock.advance(minute)
      await sweep.poll()
    }
    assert.equal((await sweeping.queries()).length, before)
  })

  it('T1 leaves three quarters of what is scarce to others, and looks every hour however scarce it is', () => {
    const dayMs = 24 * 60 * minute
    for (const [used, limit, pollsADay] of [
      [0, 15_000, undefined],
      [12_000, 15_000, undefined],
      [12_001, 15_000, 249],
      [14_000, 15_000, 83],
      [14_990, 15_000, 24],
      [15_000, 15_000, 24],
      [15_100, 15_000, 24],
    ] as const) {
      const pause = pauseFor({ used, limit })
      assert.equal(pause === 0 ? undefined : Math.floor(dayMs / pause), pollsADay, `${used} of ${limit}`)
    }
  })

  it('T1 logs in once more when the session is over, and once for all that it reads', async context => {
    const sweeping = await startSweeping(context, { sessionMs: 10 * minute })
    const sweep = await sweeping.start()
    sweeping.clock.advance(10 * minute)
    await sweep.poll()
    await sweep.poll()
    const requests = (await sweeping.ask('GET', '/_sandbox/requests')) as readonly { readonly path: string }[]
    assert.equal(requests.filter(({ path }) => path === '/services/oauth2/token').length, 2)
    assert.equal(sweep.status().reason, undefined)
  })

  it('T1 says what to do when the login is refused, asks once for it, and tells it to the log once', async context => {
    const sweeping = await startSweeping(context)
    const answer = {
      status: 400,
      body: { error: 'invalid_grant', error_description: "user hasn't approved this consumer" },
    }
    await sweeping.ask('POST', '/_sandbox/faults', { match: { path: '/services/oauth2/token' }, times: 2, answer })
    const sweep = await sweeping.start()
    assert.match(String(sweep.status().reason), /^SALESFORCE_APP_NOT_APPROVED: .*pre-authorized/)
    await sweep.poll()
    assert.match(String(sweep.status().reason), /^SALESFORCE_APP_NOT_APPROVED/)
    assert.equal(sweeping.lines.filter(line => line.includes('SALESFORCE_APP_NOT_APPROVED')).length, 1)
    await sweep.poll()
    assert.equal(sweep.status().reason, undefined)
  })

  it('T1 reads tasks although contacts may not be read', async context => {
    const sweeping = await startSweeping(context)
    const sweep = await sweeping.start()
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Call' } })
    const answer = { status: 400, body: [{ errorCode: 'INVALID_TYPE', message: 'not supported' }] }
    await sweeping.ask('POST', '/_sandbox/faults', { match: query, times: 1, answer })
    await sweep.poll()
    assert.match(String(sweep.status().reason), /^INVALID_TYPE: .*read access/)
    assert.equal((await sweeping.tasks()).length, 1)
  })

  it('T1 reads tasks although contacts are not answered in time', async context => {
    const sweeping = await startSweeping(context)
    const sweep = await sweeping.start(undefined, { timeoutMs: 200 })
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Call' } })
    await sweeping.ask('POST', '/_sandbox/faults', { match: query, times: 1, answer: { delayMs: 5_000 } })
    const before = (await sweeping.queries()).length
    const polled = sweep.poll()
    await eventually(async () => assert.ok((await sweeping.queries()).length > before))
    sweeping.clock.advance(200)
    await polled
    assert.equal((await sweeping.tasks()).length, 1)
    assert.match(String(sweep.status().reason), /^SALESFORCE_TIMEOUT/)
  })

  it('A1 goes on where it was when the process ended amid the first reading', async context => {
    const sweeping = await startSweeping(context, { queryPageSize: 4 })
    for (let n = 0; n < 20; n++) {
      await sweeping.add('Contact', { LastName: `Person ${n}`, Email: `p${n}@example.com` })
      sweeping.clock.advance(60 * minute)
    }
    let pages = 0
    const gone = new SalesforceError({ code: 'SALESFORCE_UNREACHABLE', message: 'gone' }, 'retryable')
    const broken = await sweeping.start(own => ({
      page: (...given) => (given[0] === 'contacts.changed' && ++pages > 2 ? Promise.reject(gone) : own.page(...given)),
    }))
    assert.match(String(broken.status().reason), /^SALESFORCE_UNREACHABLE/)
    assert.equal((await sweeping.claims()).length, 8)
    await broken.close()
    const before = (await sweeping.queries()).length
    await sweeping.start()
    const claims = await sweeping.claims()
    assert.deepEqual([claims.length, new Set(claims.map(({ id }) => id)).size], [20, 20])
    const contacts = (await sweeping.queries()).slice(before).find(asked => asked.includes('FROM Contact'))
    assert.doesNotMatch(String(contacts), /1970-/)
  })

  it('A1 shows how many people are left', async context => {
    const sweeping = await startSweeping(context, { queryPageSize: 4 })
    for (let n = 0; n < 10; n++) await sweeping.add('Contact', { LastName: `Person ${n}` })
    const shown: unknown[] = []
    let status = (): unknown => undefined
    const sweep = await sweeping.start(own => ({
      page: (...given) => {
        shown.push(status())
        return own.page(...given)
      },
    }))
    status = () => sweep.status().reason
    for (let n = 10; n < 20; n++) await sweeping.add('Contact', { LastName: `Person ${n}` })
    await sweep.poll()
    assert.ok(shown.includes('Reads contacts of Salesforce: 12 are left'), JSON.stringify(shown))
    assert.equal(sweep.status().reason, undefined)
  })

  it('T1 asks again when Salesforce has forgotten a query between two of its pages', async context => {
    const sweeping = await startSweeping(context, { queryPageSize: 2 })
    const sweep = await sweeping.start()
    for (let n = 0; n < 5; n++) await sweeping.edit({ object: 'Task', fields: { Subject: `Task ${n}` } })
    const answer = { status: 400, body: [{ errorCode: 'INVALID_QUERY_LOCATOR', message: 'invalid query locator' }] }
    const match = { method: 'GET', path: '/services/data/v60.0/query/' }
    await sweeping.ask('POST', '/_sandbox/faults', { match, times: 1, answer })
    await sweep.poll()
    assert.match(String(sweep.status().reason), /^SALESFORCE_CURSOR_LOST/)
    assert.equal((await sweeping.tasks()).length, 2)
    await sweep.poll()
    assert.equal((await sweeping.tasks()).length, 5)
  })

  for (const [what, page] of [
    ['is none', 'queries'],
    ['has no next one although it is not the last', { records: [], totalSize: 3, done: false }],
    ['has a record that does not say when it was changed', { records: [{ Id: '1' }], totalSize: 1, done: true }],
  ] as const)
    it(`T1 ends early when a page ${what}`, async context => {
      const sweeping = await startSweeping(context)
      const sweep = await sweeping.start()
      await sweeping.ask('POST', '/_sandbox/faults', { match: query, times: 1, answer: { status: 200, body: page } })
      await sweep.poll()
      assert.match(String(sweep.status().reason), /^SALESFORCE_ANSWER_UNREADABLE/)
    })
})
