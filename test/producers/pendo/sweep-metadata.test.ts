import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { checkClaim } from '../../../services/identity/claims.ts'
import type { PendoClient, Row } from '../../../services/producers/pendo/rest/client.ts'
import { PendoError } from '../../../services/producers/pendo/rest/problems.ts'
import { accountIn, visitorIn } from '../../../services/producers/pendo/sweep/metadata.ts'
import { accounts as accountsTopic, visitors as visitorsTopic } from '../../../topology/topics.ts'
import { receivedAt } from './receiving.ts'
import { hour, type Sweeping, startSweeping } from './sweeping.ts'

const write = (sweeping: Sweeping, kind: 'visitor' | 'account', id: string, values: object): Promise<unknown> =>
  sweeping.ask('POST', `/api/v1/metadata/${kind}/custom/value?create=true`, [{ [`${kind}Id`]: id, values }])

/** Those that the sweep told: webhooks tell no metadata. */
const visitors = async (sweeping: Sweeping) =>
  (await sweeping.visitors()).filter(({ eventId }) => eventId.startsWith('pendo:visitor:'))
const accounts = async (sweeping: Sweeping) =>
  (await sweeping.accounts()).filter(({ eventId }) => eventId.startsWith('pendo:account:'))

describe('the sweep of metadata', () => {
  it('P7 tells visitors with their account, traits and who they are', async context => {
    const sweeping = await startSweeping(context)
    const agent = { visitor: { email: 'Ada@Example.com', role: 'Analyst' }, account: { plan: 'Team' } }
    await sweeping.use({ kind: 'page', name: 'Reports', agent })
    await write(sweeping, 'visitor', 'ada', { firstname: 'Ada', lastname: 'Lovelace', leadscore: 7, newsletter: true })
    await write(sweeping, 'account', 'acme', { domain: 'https://www.Acme.example/x', employees: 12 })
    const updatedAt = sweeping.clock.now()
    sweeping.clock.advance(5_000)
    await sweeping.sweep()
    const [visitor, ...more] = await visitors(sweeping)
    assert.deepEqual(more, [])
    const { eventId, ...told } = visitor ?? assert.fail()
    assert.doesNotMatch(eventId, /ada/i)
    assert.deepEqual(told, {
      ...{ source: 'pendo:default', occurredAt: updatedAt, receivedAt: updatedAt + 5_000, destinations: {} },
      ...{ person: 'user:ada', aliases: ['user:ada', 'email:ada@example.com'], account: 'acme' },
      traits: {
        ...{ 'agent.email': 'Ada@Example.com', 'agent.role': 'Analyst', 'custom.firstname': 'Ada' },
        ...{ 'custom.lastname': 'Lovelace', 'custom.leadscore': 7, 'custom.newsletter': true },
      },
    })
    const claim = (await sweeping.claims()).find(({ id }) => id === `${eventId}:seen`)
    assert.deepEqual(claim?.attributes, { firstName: 'Ada', lastName: 'Lovelace' })
    assert.deepEqual(claim?.aliases, told.aliases)
    const [account] = await accounts(sweeping)
    assert.deepEqual(
      [account?.account, account?.domain, account?.traits],
      [
        'acme',
        'acme.example',
        { 'agent.plan': 'Team', 'custom.domain': 'https://www.Acme.example/x', 'custom.employees': 12 },
      ],
    )
  })

  it('P7 tells nothing again that did not change, in whatever process, and what did once', async context => {
    const sweeping = await startSweeping(context)
    await write(sweeping, 'visitor', 'ada', { plan: 'Free' })
    await write(sweeping, 'visitor', 'bo', { plan: 'Free' })
    await write(sweeping, 'account', 'acme', { name: 'Acme' })
    await sweeping.sweep()
    for (const plan of ['Pro', 'Free', 'Pro']) {
      sweeping.clock.advance(hour)
      await write(sweeping, 'visitor', 'ada', { plan })
      // A visit is no change of metadata.
      await sweeping.use({ kind: 'page', name: 'Reports', visitorId: 'bo', accountId: '' })
      await sweeping.sweep()
      await sweeping.sweep()
    }
    const plans = (await visitors(sweeping)).map(({ person, traits }) => `${person} ${traits['custom.plan']}`)
    assert.deepEqual(plans.toSorted(), [
      'user:ada Free',
      'user:ada Free',
      'user:ada Pro',
      'user:ada Pro',
      'user:bo Free',
    ])
    assert.equal(new Set((await visitors(sweeping)).map(({ eventId }) => eventId)).size, 5)
    assert.equal((await accounts(sweeping)).length, 1)
  })

  it('P7 reads what was not updated lately but once', async context => {
    const sweeping = await startSweeping(context)
    await write(sweeping, 'visitor', 'ada', { plan: 'Free' })
    await sweeping.sweep()
    sweeping.clock.advance(3 * 24 * hour)
    await sweeping.sweep()
    sweeping.clock.advance(2 * 24 * hour)
    await sweeping.sweep()
    const requests = (await sweeping.ask('GET', '/_sandbox/requests')) as readonly { readonly body: unknown }[]
    const asked = requests.map(({ body }) => JSON.stringify(body)).filter(body => body.includes('read-visitors'))
    assert.equal(asked.length, 3)
    assert.doesNotMatch(asked[0] ?? '', /lastupdated/)
    assert.match(asked[2] ?? '', new RegExp(`lastupdated >= ${sweeping.clock.now() - 3 * 24 * hour}`))
  })

  it('P7 leaves out anonymous visitors, and those of whom nothing is known', async context => {
    const sweeping = await startSweeping(context)
    const agent = { visitor: { role: 'Analyst' } }
    await sweeping.use({ kind: 'page', name: 'Reports', visitorId: '_PENDO_T_x', accountId: '', agent })
    await sweeping.use({ kind: 'page', name: 'Reports', visitorId: 'bare', accountId: '' })
    await sweeping.sweep()
    assert.deepEqual(await visitors(sweeping), [])
  })

  it('P7 tells what was read before Pendo refused to go on, and the rest later', async context => {
    const sweeping = await startSweeping(context)
    const rowOf = (number: number) => ({ visitorId: `v${number}`, metadata: { custom: { number } } })
    const page = Array.from({ length: 10_000 }, (_, number) => rowOf(number))
    const behind = `visitorId > "v9998"`
    const refusing = (rows: readonly Row[] | null): PendoClient => ({
      aggregate: (operation, pipeline) => {
        if (operation !== 'read-visitors') return Promise.resolve([])
        if (!JSON.stringify(pipeline).includes(JSON.stringify(behind).slice(1, -1))) return Promise.resolve(page)
        return rows ? Promise.resolve(rows) : Promise.reject(new PendoError('PENDO_UNREACHABLE', 'gone'))
      },
    })
    await sweeping.sweep('fail', refusing(null))
    assert.equal((await visitors(sweeping)).length, 9_999)
    await sweeping.sweep(undefined, refusing([rowOf(9_999), rowOf(10_000)]))
    const told = (await visitors(sweeping)).map(({ person }) => person)
    assert.deepEqual([told.length, new Set(told).size], [10_001, 10_001])
  })

  it('P7 of anything that Pendo may answer becomes what can be written, or nothing', async context => {
    const { codec } = await startSweeping(context)
    const group = fc.oneof(fc.dictionary(fc.string(), fc.jsonValue()), fc.jsonValue())
    const metadata = fc.oneof(
      fc.record({ auto: group, agent: group, custom: group }, { requiredKeys: [] }),
      fc.dictionary(fc.string(), group),
      fc.jsonValue(),
    )
    const id = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue())
    fc.assert(
      fc.property(fc.record({ visitorId: id, accountId: id, metadata }), row => {
        const [visitor, account] = [visitorIn(row, receivedAt), accountIn(row, receivedAt)]
        if (visitor) codec.encode(visitorsTopic, visitor.value)
        if (visitor?.claim) checkClaim(visitor.claim)
        if (account) codec.encode(accountsTopic, account.value)
      }),
      { numRuns: 500 },
    )
  })

  it('P7 tells once more what could not be told because Pendo refused to go on', async context => {
    const sweeping = await startSweeping(context)
    await write(sweeping, 'visitor', 'ada', { plan: 'Free' })
    const match = { method: 'POST', path: '/api/v1/aggregation' }
    await sweeping.ask('POST', '/_sandbox/faults', { match, times: 1, answer: { status: 401, body: 'no' } })
    await sweeping.sweep('fail')
    assert.deepEqual(await visitors(sweeping), [])
    assert.match(sweeping.lines.join(''), /PENDO_KEY_REFUSED/)
    await sweeping.sweep()
    assert.equal((await visitors(sweeping)).length, 1)
  })
})
