import assert from 'node:assert/strict'
import { it } from 'node:test'
import { openOrg } from './salesforce.ts'

const LEAD = { LastName: 'D', Company: 'C' }
const upserts = (count: number, first = 0) => ({
  allOrNone: false,
  records: Array.from({ length: count }, (_, index) => ({
    Ext__c: `k${first + index}`,
    attributes: { type: 'Lead' },
    ...LEAD,
  })),
})

/** Requests as jsforce 3.10.26 sends them, recorded in facts/specs/salesforce; `Company`, which a lead needs, is added to their bodies. */
const recorded: [method: string, url: string, body: object | undefined, status: number][] = [
  ['GET', '/services/data/v60.0/query?q=SELECT%20Id%20FROM%20Lead', undefined, 200],
  ['PATCH', '/services/data/v60.0/sobjects/Lead/Ext__c/new', LEAD, 201],
  ['PATCH', '/services/data/v60.0/sobjects/Lead/Ext__c/new', LEAD, 200],
  ['PATCH', '/services/data/v60.0/sobjects/Lead/Ext__c/a/b%20c?d', LEAD, 404],
  ['PATCH', '/services/data/v60.0/sobjects/Lead/Ext__c/err', {}, 400],
  ['PATCH', '/services/data/v60.0/composite/sobjects/Lead/Ext__c', upserts(2), 200],
  ['PATCH', '/services/data/v60.0/composite/sobjects/Lead/Ext__c', upserts(200), 200],
  ['PATCH', '/services/data/v60.0/composite/sobjects/Lead/Ext__c', upserts(50, 200), 200],
  [
    'POST',
    '/services/data/v60.0/composite/sobjects',
    { allOrNone: true, records: ['x', 'y'].map(Subject => ({ attributes: { type: 'Task' }, Subject })) },
    200,
  ],
  [
    'GET',
    '/services/data/v60.0/sobjects/Lead/deleted?start=2026-01-01T00%3A00%3A00%2B00%3A00&end=2026-01-02T00%3A00%3A00%2B00%3A00',
    undefined,
    200,
  ],
]

it('the recorded requests of jsforce are answered', async context => {
  const clock = { now: () => Date.parse('2026-01-03T00:00:00Z'), sleep: () => Promise.resolve() }
  const org = await openOrg(context, { clock })
  await org.raw('POST', '/_sandbox/fields', { object: 'Lead', name: 'Ext__c' })
  const headers = { authorization: 'Bearer sandbox', 'sforce-call-options': 'client=our-pipeline', accept: '*/*' }
  for (const [method, url, body, status] of recorded) {
    const answer = await org.raw(method, url, body, headers)
    assert.equal(answer.status, status, `${method} ${url}: ${JSON.stringify(answer.body)}`)
    if (status !== 404) assert.match(answer.headers.get('sforce-limit-info') ?? '', /^api-usage=\d+\/101000$/)
  }
  const { body } = await org.raw('GET', '/_sandbox/state')
  assert.deepEqual([body.Lead.length, body.Task.length], [251, 2])
})
