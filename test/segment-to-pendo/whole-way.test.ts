import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { IdentityClaim } from '../../schemas/generated.ts'
import type { SourceRecord } from '../../services/producers/encoded.ts'
import { mapMessage } from '../../services/producers/segment/records.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { pendoDestinations } from '../../services/sinks/pendo/destination.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { identityClaims, receipts } from '../../topology/topics.ts'
import { startReplaySystem } from '../replay/replaying.ts'
import { DAY, openSubscription } from '../sandbox/pendo.ts'

/** From a call of an SDK to the emulated Pendo: the map as it runs, on a Kafka in memory. */
const open = async (context: TestContext) => {
  const subscription = await openSubscription(context, { clock })
  const keys = { integrationKey: 'sandbox', trackSecret: 'sandbox-secret' }
  const destinations = new Map(Object.entries(pendoDestinations({ ...keys, baseUrl: subscription.url, clock })))
  const system = await startReplaySystem(pipeline, destinations)
  context.after(() => system.close())
  let messages = 0
  /** As the ingest takes it: the claim first. */
  const call = async (body: Readonly<Record<string, unknown>>): Promise<void> => {
    messages += 1
    const receivedAt = Date.now()
    const message = { id: `m-${messages}`, body, sentAt: undefined } as const
    const mapped = mapMessage(message as never, { via: 'api', source: 'web', receivedAt })
    assert.ok('records' in mapped, JSON.stringify(mapped))
    await system.given<IdentityClaim>(identityClaims, mapped.claim)
    for (const { stream, value } of mapped.records as readonly SourceRecord[]) await system.given(stream, value)
  }
  const stateOf = async (type: string) =>
    (await subscription.state(type)).map(({ id, properties }) => ({ id, ...properties }) as Record<string, unknown>)
  return { subscription, system, call, stateOf }
}

const ada = { userId: 'u-1', anonymousId: 'device-1' }

describe('the way from Segment to Pendo', () => {
  it('S1 S2 S3 S6 visitors, accounts and track events are there, and what is not mapped is not', async context => {
    const { call, stateOf } = await open(context)
    await call({ type: 'identify', ...ada, traits: { email: 'ada@example.com', firstName: 'Ada', plan: 'pro' } })
    await call({ type: 'group', ...ada, groupId: 'acme', traits: { name: 'Acme', employees: 120 } })
    const context_ = { groupId: 'acme' }
    await call({ type: 'track', ...ada, event: 'Report exported', properties: { rows: 12 }, context: context_ })
    await call({ type: 'page', ...ada, name: 'Pricing' })
    await call({ type: 'screen', ...ada, name: 'Home' })
    await call({ type: 'track', anonymousId: 'device-2', event: 'Looked around' })
    await call({ type: 'alias', userId: 'u-1', previousId: 'u-0' })
    const visitors = (await stateOf('visitors')).map(({ id, custom }) => [id, custom])
    assert.deepEqual(visitors, [
      ['u-1', { email: 'ada@example.com', firstname: 'Ada', plan: 'pro', accountid: 'acme' }],
    ])
    const accounts = (await stateOf('accounts')).map(({ id, custom }) => [id, custom])
    assert.deepEqual(accounts, [['acme', { name: 'Acme', employees: 120 }]])
    const events = (await stateOf('trackEvents')).map(one => [one['visitorId'], one['accountId'], one['properties']])
    assert.deepEqual(events, [['u-1', 'acme', { rows: 12 }]])
    assert.deepEqual(await stateOf('unprocessed'), [])
  })

  it('S1 K8 an older call that comes later overwrites nothing', async context => {
    const { call, stateOf } = await open(context)
    const at = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()
    await call({ type: 'identify', ...ada, timestamp: at(10), traits: { plan: 'pro' } })
    await call({ type: 'identify', ...ada, timestamp: at(60), traits: { plan: 'free', jobtitle: 'Engineer' } })
    const [visitor] = await stateOf('visitors')
    assert.deepEqual(visitor?.['custom'], { plan: 'pro', jobtitle: 'Engineer' })
  })

  it('S1 two users who turn out to be one person stay two visitors', async context => {
    const { call, stateOf } = await open(context)
    await call({ type: 'identify', userId: 'u-1', traits: { plan: 'pro' } })
    await call({ type: 'identify', userId: 'u-0', traits: { plan: 'free' } })
    await call({ type: 'alias', userId: 'u-1', previousId: 'u-0' })
    await call({ type: 'identify', userId: 'u-0', traits: { plan: 'team' } })
    const visitors = (await stateOf('visitors')).map(({ id, custom }) => [id, custom])
    assert.deepEqual(visitors, [
      ['u-1', { plan: 'pro' }],
      ['u-0', { plan: 'team' }],
    ])
  })

  it('S1 S3 K9 of somebody who was erased nothing more is sent', async context => {
    const { call, system, stateOf } = await open(context)
    await call({ type: 'identify', ...ada, traits: { plan: 'pro' } })
    await system.claim({ kind: 'ERASE', aliases: ['user:u-1', 'anonymous:device-1'], time: Date.now() })
    await call({ type: 'identify', ...ada, traits: { plan: 'free' } })
    await call({ type: 'track', ...ada, event: 'Report exported' })
    const [visitor] = await stateOf('visitors')
    assert.deepEqual(visitor?.['custom'], { plan: 'pro' })
    assert.deepEqual(await stateOf('trackEvents'), [])
  })

  it('S1 S2 S3 K5 a replay of what was delivered sends nothing, and a dry run says so', async context => {
    const { call, system, subscription } = await open(context)
    await call({ type: 'identify', ...ada, traits: { firstName: 'Ada', plan: 'pro', shoe_size: 43 } })
    await call({ type: 'group', ...ada, groupId: 'acme', traits: { name: 'Acme' } })
    await call({ type: 'track', ...ada, event: 'Report exported', properties: { 'row count': 12 } })
    const writes = async () =>
      (await subscription.call('GET', '/_sandbox/requests')).body.filter(
        ({ method, path }: { method: string; path: string }) => method === 'POST' && !path.startsWith('/_sandbox'),
      ).length
    const before = await writes()
    for (const name of ['pendo-visitors', 'pendo-accounts', 'pendo-tracks']) {
      const { differences, pending } = await system.dryRun(pipeline, name)
      assert.equal(pending, false, name)
      assert.deepEqual(
        differences.filter(({ effect }) => effect !== 'immutable'),
        [],
        name,
      )
      await system.replay(pipeline, name)
    }
    assert.equal(await writes(), before)
    const outcomes = new Set((await system.values(receipts)).map(({ outcome }) => outcome))
    assert.ok(!outcomes.has('REJECTED') && !outcomes.has('SKIPPED'), [...outcomes].join())
  })

  it('S3 K5 an event that is too old for Pendo is not sent, and a dry run says why', async context => {
    const { call, system, stateOf } = await open(context)
    const timestamp = new Date(Date.now() - 8 * DAY).toISOString()
    await call({ type: 'track', ...ada, event: 'Report exported', timestamp })
    const codes = (await system.values(receipts)).map(({ outcome, code }) => [outcome, code])
    assert.deepEqual(codes, [['SKIPPED', 'PENDO_EVENT_TOO_OLD']])
    assert.deepEqual(await stateOf('trackEvents'), [])
    const { differences } = await system.dryRun(pipeline, 'pendo-tracks')
    assert.deepEqual(
      differences.map(({ effect, reason }) => [effect, reason]),
      [['skip', 'PENDO_EVENT_TOO_OLD']],
    )
  })

  it('S2 K5 a dry run tells what the vendor holds otherwise', async context => {
    const { call, system, subscription } = await open(context)
    await call({ type: 'group', ...ada, groupId: 'acme', traits: { name: 'Acme' } })
    await subscription.call('POST', '/api/v1/metadata/account/custom/value', [
      { accountId: 'acme', values: { name: 'By hand' } },
    ])
    const { differences } = await system.dryRun(pipeline, 'pendo-accounts')
    assert.deepEqual(differences, [
      {
        ...{ destination: 'pendo', object: 'account', record: 'acme', person: null },
        ...{ field: 'name', now: 'By hand', wouldBe: 'Acme', effect: 'kept' },
      },
    ])
  })
})
