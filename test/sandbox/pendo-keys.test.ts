import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { startPendoSandbox } from '../../services/sandbox/pendo/start.ts'
import { openSubscription, SAMPLES } from './pendo.ts'

const HEADER = 'x-pendo-integration-key'

describe('the two keys in one header', () => {
  const calls: [method: string, path: string, own: string, other: string][] = [
    ['POST', '/data/track', 'sandbox-secret', 'sandbox'],
    ['GET', '/api/v1/visitor/v1', 'sandbox', 'sandbox-secret'],
    ['POST', '/api/v1/aggregation', 'sandbox', 'sandbox-secret'],
    ['POST', '/api/v1/metadata/visitor/custom/value', 'sandbox', 'sandbox-secret'],
    ['PUT', '/api/v1/metadata/visitor/custom/value/v1/plan', 'sandbox', 'sandbox-secret'],
  ]
  for (const [method, path, own, other] of calls) {
    it(`are not exchanged: ${method} ${path}`, async context => {
      const subscription = await openSubscription(context)
      const status = async (headers: Record<string, string>, of = subscription): Promise<number> =>
        (await of.call(method, path, method === 'GET' ? undefined : {}, headers)).status
      assert.equal(await status({ [HEADER]: other }), 403)
      assert.equal(await status({ [HEADER]: 'a-guess' }), 401)
      assert.equal(await status({}), 401)
      assert.ok(![401, 403].includes(await status({ [HEADER]: own })))
      const strict = await openSubscription(context, { choices: { wrongKeyStatus: 401 } })
      assert.equal(await status({ [HEADER]: other }, strict), 401)
    })
  }
})

describe('too many requests', () => {
  it('are answered with 429 for each endpoint on its own, until the bucket has leaked', async context => {
    const subscription = await openSubscription(context, { choices: { requestsPerSecond: 3 } })
    const statuses = async (): Promise<number[]> => {
      const list: number[] = []
      for (let count = 0; count < 4; count += 1) list.push((await subscription.call('GET', '/api/v1/page')).status)
      return list
    }
    assert.deepEqual(await statuses(), [200, 200, 200, 429])
    assert.equal((await subscription.call('GET', '/api/v1/feature')).status, 200)
    subscription.clock.advance(500)
    assert.deepEqual(await statuses(), [200, 429, 429, 429])
    subscription.clock.advance(1000)
    assert.deepEqual(await statuses(), [200, 200, 200, 429])
  })

  it('have the reason phrase that tap-pendo looks for', async context => {
    const { url } = await openSubscription(context, { choices: { requestsPerSecond: 0 } })
    const answer = await fetch(`${url}/api/v1/page`, { headers: { [HEADER]: 'sandbox' } })
    assert.deepEqual(
      [answer.status, answer.statusText, await answer.text()],
      [429, 'Too Many Requests', 'Too Many Requests'],
    )
  })
})

describe('the inspection', () => {
  it('shows requests, takes faults, and empties all', async context => {
    const subscription = await openSubscription(context)
    const { call } = subscription
    const fault = { match: { method: 'POST', path: '/data/track' }, answer: { status: 503, body: 'busy' } }
    assert.equal((await call('POST', '/_sandbox/faults', fault)).status, 204)
    assert.deepEqual([(await subscription.track()).status, (await subscription.track()).status], [503, 200])
    const { body: requests } = await call('GET', '/_sandbox/requests')
    assert.deepEqual(
      requests.map(({ path, status }: { path: string; status: number }) => [path, status]),
      [
        ['/data/track', 503],
        ['/data/track', 200],
      ],
    )
    await call('POST', '/_sandbox/items', { kind: 'Page', name: 'New page', isCoreEvent: true })
    assert.equal((await call('POST', '/_sandbox/reset')).status, 204)
    assert.deepEqual((await call('GET', '/_sandbox/requests')).body, [])
    const { body: state } = await call('GET', '/_sandbox/state')
    assert.deepEqual([state.visitors, state.trackEvents, state.unprocessed], [[], [], []])
    assert.equal(state.pages.length, 7, 'the product is there again')
    const schema = await call('GET', '/api/v1/metadata/schema/visitor')
    assert.ok(schema.body.custom.firstname, 'and the schema')
  })

  it('applies what was answered by a reset', async context => {
    const subscription = await openSubscription(context)
    await subscription.call('POST', '/_sandbox/faults', { match: { path: '/data' }, answer: 'reset-after-apply' })
    await assert.rejects(subscription.track())
    assert.equal((await subscription.state('trackEvents')).length, 1)
  })
})

describe('a restart', () => {
  it('keeps everything when there is a journal', async context => {
    const folder = await mkdtemp(join(tmpdir(), 'pendo-'))
    context.after(() => rm(folder, { recursive: true }))
    const journalFile = join(folder, 'pendo.jsonl')
    const first = await openSubscription(context, { journalFile })
    await first.track({ timestamp: first.clock.now() })
    await first.call(
      'POST',
      '/api/v1/metadata/visitor/custom/value?create=true',
      SAMPLES.api.metadata_value_batch.request.body,
    )
    const before = (await first.call('GET', '/_sandbox/state')).body
    await first.close()
    const { url, close } = await startPendoSandbox({ journalFile, clock: first.clock })
    context.after(close)
    assert.deepEqual(await (await fetch(`${url}/_sandbox/state`)).json(), before)
  })
})

describe('what is tagged', () => {
  it('is what a test can let somebody use', async context => {
    const { call, use, state } = await openSubscription(context)
    const wrong = await use({ kind: 'page', name: 'Raports' })
    assert.deepEqual([wrong.status, /no Page "Raports"/.test(wrong.body.message)], [400, true])
    await call('POST', '/_sandbox/items', { kind: 'Page', name: 'Raports' })
    assert.equal((await use({ kind: 'page', name: 'Raports' })).status, 204)
    assert.equal((await state('pageEvents')).length, 1)
  })

  it('is listed with its Core Events', async context => {
    const { call } = await openSubscription(context)
    for (const [path, kind, core] of [
      ['page', 'Page', ['Billing', 'Reports']],
      ['feature', 'Feature', ['Connect data source', 'Create report', 'Share dashboard']],
      ['tracktype', 'TrackType', ['Plan upgraded', 'Registered', 'Report exported']],
    ] as const) {
      const { body } = await call('GET', `/api/v1/${path}`)
      const items = body as { id: string; kind: string; name: string; isCoreEvent: boolean }[]
      assert.deepEqual(items.flatMap(({ name, isCoreEvent }) => (isCoreEvent ? [name] : [])).sort(), [...core])
      assert.ok(items.every(item => item.kind === kind && /^[\w-]{27}$/.test(item.id)))
    }
  })
})
