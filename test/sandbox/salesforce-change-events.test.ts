import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import avro from 'avsc'
import { PubSubFailure } from '../../services/producers/salesforce/change-events/problems.ts'
import type { FetchRequest, FetchResponse } from '../../services/producers/salesforce/change-events/protocol.ts'
import { connectPubSub } from '../../services/producers/salesforce/change-events/pubsub.ts'
import { type SalesforceSandboxOptions, startSalesforceSandbox } from '../../services/sandbox/salesforce/start.ts'
import { manualClock } from '../clock.ts'
import { eventually } from '../scenarios/eventually.ts'

const topicName = '/data/TaskChangeEvent'
const never = new AbortController().signal

/** An org, and what a subscription to its tasks gets. */
const open = async (context: TestContext, options: SalesforceSandboxOptions = {}) => {
  const sandbox = await startSalesforceSandbox(options)
  context.after(sandbox.close)
  const pubsub = connectPubSub(sandbox.pubSubUrl)
  context.after(() => pubsub.close())
  const identity = await fetch(`${sandbox.url}/services/oauth2/userinfo`, {
    headers: { authorization: 'Bearer sandbox' },
  })
  const { organization_id: organizationId } = (await identity.json()) as { readonly organization_id: string }
  const session = {
    ...{ kind: 'session' as const, accessToken: 'sandbox', instanceUrl: sandbox.url, userId: null, organizationId },
  }
  const call = async (path: string, body: object, headers: Record<string, string> = {}): Promise<unknown> => {
    const json = { authorization: 'Bearer sandbox', 'content-type': 'application/json', ...headers }
    const answer = await fetch(sandbox.url + path, { method: 'POST', headers: json, body: JSON.stringify(body) })
    assert.ok(answer.ok, await answer.clone().text())
    return answer.status === 204 ? undefined : await answer.json()
  }
  const make = (Subject: string, headers?: Record<string, string>) =>
    call('/services/data/v60.0/sobjects/Task', { Subject }, headers)
  const subscribe = (fetch: Omit<FetchRequest, 'topicName'>) => {
    const stream = pubsub.subscribe(session)
    context.after(() => stream.close())
    const responses: FetchResponse[] = []
    const ended = (async () => {
      for await (const response of stream.responses()) responses.push(response)
    })().catch((error: unknown) => error)
    stream.request({ topicName, ...fetch })
    return { stream, responses, ended, events: () => responses.flatMap(({ events }) => events) }
  }
  return { pubsub, session, call, make, subscribe }
}

/** An event as its schema reads it. */
const decoded = async ({ pubsub, session }: Awaited<ReturnType<typeof open>>, schemaId: string, payload: Buffer) =>
  avro.Type.forSchema(JSON.parse(await pubsub.schema(schemaId, session, never))).fromBuffer(payload) as Record<
    string,
    // biome-ignore lint/suspicious/noExplicitAny: whatever the schema says
    any
  >

describe('the emulated Pub/Sub API of Salesforce', () => {
  it('T1 tells what was changed, by whom and through what, with the fields that were', async context => {
    const org = await open(context)
    const { events } = org.subscribe({ replayPreset: 'EARLIEST', numRequested: 100 })
    await org.make('Call', { 'sforce-call-options': 'client=our-pipeline' })
    await eventually(() => assert.equal(events().length, 1))
    const { schemaId = '', payload = Buffer.alloc(0) } = events()[0]?.event ?? {}
    const { ChangeEventHeader: header, ...fields } = await decoded(org, schemaId, payload)
    assert.equal(fields['Subject'], 'Call')
    assert.ok(!('IsDeleted' in fields || 'SystemModstamp' in fields))
    assert.deepEqual([header.entityName, header.changeType, header.sequenceNumber], ['Task', 'CREATE', 1])
    assert.equal(header.changeOrigin, 'com/salesforce/api/rest/60.0;client=our-pipeline')
    assert.match(header.recordIds[0], /^00T/)
    assert.match(header.changedFields[0], /^0x[0-9A-F]+$/)
    const topic = await org.pubsub.topic(topicName, org.session, never)
    assert.deepEqual([topic.canSubscribe, topic.schemaId], [true, schemaId])
  })

  it('T1 gives as many events as were asked for, and goes on after the replay id of one', async context => {
    const org = await open(context)
    for (let n = 0; n < 5; n++) await org.make(`Task ${n}`)
    const first = org.subscribe({ replayPreset: 'EARLIEST', numRequested: 2 })
    await eventually(() => assert.equal(first.events().length, 2))
    first.stream.request({ topicName, numRequested: 1 })
    await eventually(() => assert.equal(first.events().length, 3))
    assert.equal(first.responses.at(-1)?.pendingNumRequested, 0)
    const replayId = first.events()[2]?.replayId ?? Buffer.alloc(0)
    const second = org.subscribe({ replayPreset: 'CUSTOM', replayId, numRequested: 100 })
    await eventually(() => assert.equal(second.events().length, 2))
  })

  it('T1 sends an empty answer with the latest replay id when nothing happens for 270 seconds', async context => {
    const clock = manualClock()
    const org = await open(context, { clock })
    const { responses } = org.subscribe({ numRequested: 100 })
    await eventually(() => {
      clock.advance(270_000)
      assert.deepEqual(responses[0]?.events, [])
    })
    assert.equal(responses[0]?.latestReplayId.length, 10)
  })

  it('T1 refuses who shows no session of the org, replay ids that are not kept, and channels that are not selected', async context => {
    const org = await open(context, { changeDataCapture: ['Task'] })
    const refusal = async (work: Promise<unknown>): Promise<readonly unknown[]> => {
      const failure = await work.catch((error: unknown) => error)
      assert.ok(failure instanceof PubSubFailure)
      return [failure.status, failure.code]
    }
    const auth = ['UNAUTHENTICATED', 'sfdc.platform.eventbus.grpc.service.auth.error']
    for (const wrong of [{ accessToken: 'other' }, { organizationId: '00D5g000000zzzzEAA' }, { instanceUrl: '' }])
      assert.deepEqual(await refusal(org.pubsub.topic(topicName, { ...org.session, ...wrong }, never)), auth)
    const lead = org.pubsub.topic('/data/LeadChangeEvent', org.session, never)
    assert.deepEqual(await refusal(lead), ['NOT_FOUND', undefined])
    await org.make('Call')
    await org.call('/_sandbox/change-events', { expire: true })
    const replayId = Buffer.from('00000000000000010000', 'hex')
    const { ended } = org.subscribe({ replayPreset: 'CUSTOM', replayId, numRequested: 1 })
    const corrupted = 'sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted'
    assert.deepEqual(await refusal(ended.then(error => Promise.reject(error))), ['INVALID_ARGUMENT', corrupted])
  })
})
