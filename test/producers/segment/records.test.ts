import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { checkClaim } from '../../../services/identity/claims.ts'
import { bytesOf, largestRecordBytes } from '../../../services/kafka/record-size.ts'
import { isObject, type JsonObject } from '../../../services/producers/input/json-body.ts'
import {
  batchedMessages,
  keptMessages,
  type SegmentMessage,
  singleMessage,
  withOuter,
} from '../../../services/producers/segment/messages.ts'
import { outgoingOf } from '../../../services/producers/segment/outgoing.ts'
import { type MappedMessage, type MessageOrigin, mapMessage } from '../../../services/producers/segment/records.ts'
import { type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { accounts, deadLetters, identityClaims, tracks, visitors } from '../../../topology/topics.ts'
import { manualClock } from '../../clock.ts'
import { receivedAt } from './serving.ts'

const origin: MessageOrigin = { via: 'api', source: 'web', receivedAt }
const timestamp = '2026-11-22T01:00:00.000Z'
const occurredAt = Date.parse(timestamp)

const mapped = (body: JsonObject): MappedMessage => {
  const [message] = batchedMessages({ batch: [{ messageId: 'm', timestamp, ...body }] }, 1_000, receivedAt) ?? []
  assert.ok(message)
  const result = mapMessage(message, origin)
  assert.ok(!('code' in result), 'code' in result ? result.message : '')
  return result
}
const values = ({ records }: MappedMessage): Record<string, unknown> =>
  Object.fromEntries(
    records.map(({ stream, value }) => {
      const flat = 'traits' in value ? { traits: { ...value.traits } } : { properties: { ...value.properties } }
      return [stream.name, { ...value, ...flat }]
    }),
  )
const shared = { eventId: 'segment:m', source: 'segment:web', occurredAt, receivedAt, destinations: {} }
const person = { person: 'user:u1', aliases: ['user:u1', 'email:ada@example.com', 'anonymous:a1'] }
const who = { userId: 'u1', anonymousId: 'a1', context: { traits: { email: 'ada@example.com' }, groupId: 'g1' } }

describe('what a message becomes', () => {
  it('S1 identify is a visitor, and a claim with what is known of the person', () => {
    const result = mapped({
      ...who,
      type: 'identify',
      traits: { email: 'Ada@example.com', plan: { name: 'Pro' }, firstName: 'Ada' },
    })
    assert.deepEqual(values(result), {
      visitors: {
        ...shared,
        ...person,
        account: 'g1',
        traits: { email: 'Ada@example.com', 'plan.name': 'Pro', firstName: 'Ada' },
      },
    })
    assert.deepEqual(result.claim, {
      ...{ id: 'segment:m:seen', time: occurredAt, kind: 'SEEN', source: 'segment:web' },
      ...{ aliases: person.aliases, attributes: { firstName: 'Ada' } },
    })
  })

  it('S2 group is an account, and the visitor of it', () => {
    const result = mapped({
      ...who,
      type: 'group',
      groupId: 17,
      traits: { name: 'Acme', website: 'https://acme.example', email: 'x@y.z' },
    })
    assert.deepEqual(values(result), {
      accounts: {
        ...shared,
        account: '17',
        domain: 'acme.example',
        traits: { name: 'Acme', website: 'https://acme.example', email: 'x@y.z' },
      },
      visitors: { ...shared, ...person, account: '17', traits: {} },
    })
    assert.deepEqual(result.claim.attributes, {})
  })

  const views: [string, JsonObject, string, string][] = [
    ['S3 track is a track event', { type: 'track', event: 'Registered' }, 'TRACK', 'Registered'],
    ['S6 page is a view', { type: 'page', name: 'Home', category: 'Docs' }, 'PAGE', 'Home'],
    ['S6 a page without name has its category', { type: 'page', name: null, category: 'Docs' }, 'PAGE', 'Docs'],
    ['S6 a page without both has its kind', { type: 'page' }, 'PAGE', 'Page'],
    ['S6 screen is a view', { type: 'screen', name: 'Start' }, 'SCREEN', 'Start'],
    ['S6 a screen without name has its kind', { type: 'screen', name: '' }, 'SCREEN', 'Screen'],
  ]
  for (const [given, body, kind, name] of views) {
    it(given, () => {
      const result = mapped({ ...who, ...body, properties: { plan: 'Pro', nested: { a: 1 } } })
      const properties = { plan: 'Pro', 'nested.a': 1 }
      assert.deepEqual(values(result), {
        tracks: { ...shared, ...person, kind, name, account: 'g1', core: false, properties },
      })
      assert.deepEqual([result.claim.kind, result.claim.aliases], ['SEEN', person.aliases])
    })
  }

  it('S6 alias links two ids and is no record', () => {
    const result = mapped({ type: 'alias', userId: 'u1', previousId: 'old' })
    assert.deepEqual(result.records, [])
    assert.deepEqual(
      [result.claim.id, result.claim.kind, result.claim.aliases],
      ['segment:m:merge', 'MERGE', ['user:u1', 'user:old', 'anonymous:old']],
    )
  })

  it('S1 a visitor that is known by its device alone is keyed by it', () =>
    assert.equal(mapped({ type: 'track', event: 'E', anonymousId: 'a1' }).claim.aliases[0], 'anonymous:a1'))
})

const json = fc.jsonValue({ maxDepth: 3 })
const objects = fc.dictionary(fc.string({ maxLength: 5 }), json, { maxKeys: 4 })

describe('what a message says of destinations', () => {
  const said = (integrations: unknown, via: MessageOrigin['via'] = 'api') => {
    const body = { event: 'Looked', userId: 'u1', timestamp, integrations }
    const message = singleMessage(body, 'track', 1_000, receivedAt)
    const result = mapMessage(message, { ...origin, via })
    assert.ok(!('code' in result))
    return result.records.map(({ value }) => ({ ...value.destinations }))
  }
  const rows: { name: string; integrations: unknown; destinations: object }[] = [
    { name: 'nothing', integrations: undefined, destinations: {} },
    { name: 'no object', integrations: ['Pendo'], destinations: {} },
    { name: 'all but one', integrations: { All: true, Pendo: false }, destinations: { All: true, Pendo: false } },
    { name: 'one only', integrations: { All: false, Pendo: true }, destinations: { All: false, Pendo: true } },
    {
      name: 'options of one',
      integrations: { All: false, Pendo: { a: 1 } },
      destinations: { All: false, Pendo: true },
    },
    { name: 'a name without end', integrations: { ['P'.repeat(101)]: false }, destinations: {} },
  ]
  for (const { name, integrations, destinations } of rows)
    it(`S4 ${name}`, () => assert.deepEqual(said(integrations), [destinations]))

  it("S5 of a webhook, whose receiver Segment chose itself, `All` is about Segment's own", () => {
    assert.deepEqual(said({ All: false, Pendo: false, Webhooks: true }, 'webhook'), [{ Pendo: false, Webhooks: true }])
  })
})

describe('S5 the context of a batch', () => {
  const ours = fc.option(
    objects.map(object => JSON.parse(JSON.stringify(object)) as JsonObject),
    { nil: undefined },
  )

  it('lies under that of each message: nothing of either is lost, and the message’s own value counts', () =>
    fc.assert(
      fc.property(ours, ours, (inner, outer) => {
        const { context } = withOuter({ context: inner }, { context: outer })
        const merged = isObject(context) ? context : {}
        for (const name of Object.keys({ ...outer, ...inner })) {
          const own = inner && Object.hasOwn(inner, name) ? inner[name] : null
          const expected = own === null && outer && Object.hasOwn(outer, name) ? outer[name] : own
          assert.deepEqual(Object.hasOwn(merged, name) ? merged[name] : undefined, expected, name)
        }
        assert.deepEqual(withOuter({ context }, { context: outer }).context, context, 'again, it changes nothing')
      }),
    ))

  it('counts where a message has null or none of its own', () => {
    const outer = { context: { groupId: 'g' }, integrations: { All: false } }
    for (const item of [{}, { context: null, integrations: null }, { context: 'x' }])
      assert.deepEqual(withOuter(item, outer), { ...item, ...outer })
    assert.deepEqual(withOuter({ context: { groupId: null } }, outer).context, { groupId: 'g' })
    const item = { context: { a: 1 } }
    assert.equal(withOuter(item, {}), item)
  })
})

describe('S5 the size of a message', () => {
  const item = (length: number) => ({ type: 'track', event: 'E', userId: 'u', text: 'x'.repeat(length) })
  const sizes = [10, 40_000, 10, 32_720, 50_000]

  it('is looked at wherever it is in a batch', () => {
    const root = { batch: sizes.map(item) }
    const messages = batchedMessages(root, JSON.stringify(root).length, receivedAt) ?? []
    assert.deepEqual(
      messages.map(({ problem }) => problem === 'too-large'),
      [false, true, false, true, true],
    )
  })

  it('is that of the body when it comes alone', () => {
    const single = (bytes: number) => singleMessage(item(1), 'track', bytes, receivedAt).problem
    assert.deepEqual([single(32_768), single(32_769)], [undefined, 'too-large'])
  })
})

describe('S5 any message at all', () => {
  let codec: Codec
  before(async () => {
    const topics = [visitors, accounts, tracks, identityClaims, deadLetters]
    codec = await createCodec({ registry: memoryRegistry(), topics, clock: manualClock(), register: true })
  })

  const field = fc.oneof(json, fc.string({ unit: 'binary' }), fc.constant('u1'), fc.constant('ada@example.com'))
  const anything = fc.oneof(
    json,
    fc.record(
      {
        type: fc.constantFrom('identify', 'track', 'page', 'screen', 'group', 'alias', 'delete', '__proto__', 7),
        ...{ userId: field, anonymousId: field, previousId: field, groupId: field, event: field, name: field },
        ...{ traits: fc.oneof(objects, json), properties: objects, context: fc.oneof(objects, json) },
        ...{ timestamp: field, originalTimestamp: field, sentAt: field, messageId: field },
      },
      { requiredKeys: ['type'] },
    ),
  )

  it('becomes records that can be written, a claim that can be taken, or a dead letter that becomes the same again', () =>
    fc.assert(
      fc.property(fc.array(anything, { maxLength: 5 }), fc.constantFrom('api', 'webhook'), (batch, via) => {
        const root = JSON.parse(JSON.stringify({ batch, sentAt: timestamp }))
        const messages = batchedMessages(root, JSON.stringify(root).length, receivedAt) ?? []
        assert.equal(messages.length, batch.length)
        for (const message of messages) assertTaken(message, { ...origin, via })
      }),
      { numRuns: 1_000 },
    ))

  const assertTaken = (message: SegmentMessage, from: MessageOrigin): void => {
    const result = mapMessage(message, from)
    const { records } = outgoingOf([message], from, codec)
    for (const record of records) assert.ok(bytesOf(record) < largestRecordBytes)
    if ('code' in result) {
      assert.equal(records.length, 1)
      const [again] = keptMessages(JSON.parse(String(records[0]?.value)), receivedAt)
      assert.ok(again)
      assert.deepEqual(mapMessage(again, from), result)
      return
    }
    checkClaim(result.claim)
    for (const { value } of result.records) {
      assert.ok(value.occurredAt <= value.receivedAt)
      assert.equal(value.eventId, `segment:${message.id}`)
    }
  }

  it('of the largest size that is made to grow stays below what a topic takes', () => {
    const leaves = Object.fromEntries(Array.from({ length: 4_000 }, (_, index) => [index.toString(36), 1]))
    const body = { type: 'identify', userId: 'u', traits: { ['n'.repeat(99)]: leaves }, messageId: 'm' }
    const [message] = batchedMessages({ batch: [body] }, JSON.stringify(body).length, receivedAt) ?? []
    assert.ok(message && message.problem === undefined)
    for (const record of outgoingOf([message], origin, codec).records) assert.ok(bytesOf(record) < largestRecordBytes)
  })

  it('leaves no write key in a dead letter', () => {
    const body = { batch: [{ writeKey: 'secret-key' }, { writeKey: 'secret-key' }], writeKey: 'secret-key' }
    for (const most of [2, 1]) {
      const messages = batchedMessages(body, 200, receivedAt, most) ?? []
      const { records } = outgoingOf(messages, origin, codec)
      assert.equal(records.length, 2)
      for (const { value } of records) assert.doesNotMatch(String(value), /secret-key/)
    }
  })
})
