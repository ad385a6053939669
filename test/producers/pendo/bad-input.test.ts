import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { badInput } from '../../../services/producers/pendo/bad-input.ts'
import { type Receiver, receivedAt, signed, startReceiver, used, webhook } from './receiving.ts'

type Row = keyof typeof badInput

interface Case {
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
  readonly inFlight?: number
  /** Before the request. */
  readonly given?: (receiver: Receiver) => unknown
  /** After the answer, beside its status and code. */
  readonly holds?: (receiver: Receiver) => Promise<void>
}

const good = used('Good', { uniqueId: 'good' })
const names = async ({ tracks }: Receiver) => (await tracks()).map(({ name }) => name)
const nothing = ({ publishes }: Receiver): Promise<void> => Promise.resolve(assert.equal(publishes(), 0))
/** The one bad event is a letter of the code, the good one beside it is taken. */
const letter =
  (code: string) =>
  async (receiver: Receiver): Promise<void> => {
    assert.deepEqual(
      (await receiver.letters()).map(one => one.code),
      [code],
    )
    assert.deepEqual(await names(receiver), ['Good'])
  }
const happened =
  (at: number, replaced = 0) =>
  async ({ tracks, metrics }: Receiver): Promise<void> => {
    assert.deepEqual(
      (await tracks()).map(({ occurredAt }) => occurredAt),
      [at],
    )
    assert.equal(await metrics.value('tributary_message_times_replaced_total', { vendor: 'pendo' }), replaced)
  }
const at = (timestamp: unknown): Pick<Case, 'body'> => ({ body: used('E', { timestamp }) })
const raw = (number: string): Pick<Case, 'body'> => ({
  body: JSON.stringify(used('E', { timestamp: 4711 })).replace('4711', number),
})

const cases: Record<Row, readonly Case[]> = {
  unsigned: [
    { body: good, headers: {}, holds: nothing },
    { body: good, headers: signed(JSON.stringify(good), 'another-secret'), holds: nothing },
    { body: good, headers: signed('other bytes'), holds: nothing },
    { body: good, headers: { 'x-pendo-signature': '' }, holds: nothing },
    { body: good, headers: { 'x-pendo-signature': 'é'.repeat(32) }, holds: nothing },
    { body: 'no json', headers: {}, holds: nothing },
  ],
  'not-json': ['hello', '', '"text"', '1', 'null', '{"event"'].map(body => ({ body, holds: nothing })),
  'deep-body': [{ body: `{"properties":${'['.repeat(200)}${']'.repeat(200)}}`, holds: nothing }],
  'large-body': [{ body: { ...good, filler: 'x'.repeat(1_000_000) }, holds: nothing }],
  'large-unpacked': [{ body: gzipSync(JSON.stringify({ ...good, filler: 'x'.repeat(1_000_000) })), holds: nothing }],
  'too-much': [
    {
      body: used('Second', { uniqueId: 'second' }),
      inFlight: 1,
      given: async receiver => {
        receiver.behave('silent')
        void receiver.post(good)
        while (receiver.publishes() === 0) await new Promise(setImmediate)
      },
    },
  ],
  'no-kafka': [{ body: good, given: ({ behave }) => behave('down') }],
  'no-catalogue': [{ body: good, given: ({ know }) => know(null), holds: nothing }],
  'other-event': [
    'guideDisplayed',
    'npsSubmitted',
    'pollSubmitted',
    'orchestrateUnsubscribed',
    '__proto__',
    'toString',
  ].map(event => ({
    body: webhook(event),
    holds: async receiver => {
      await nothing(receiver)
      assert.equal(await receiver.metrics.value('tributary_messages_total', { outcome: 'ignored' }), 1)
    },
  })),
  'no-object': [null, 'text', 7, [], {}, { event: '' }, { event: { a: 1 } }].map(item => ({
    body: [item, good],
    holds: letter('PENDO_WEBHOOK_BROKEN'),
  })),
  'no-name': [
    ...[{}, { trackEventName: '' }, { trackEventName: {} }, null, 'text'].map(properties => ({
      body: [webhook('trackEventReceived', { properties }), good],
      holds: letter('PENDO_WEBHOOK_BROKEN'),
    })),
    {
      body: [webhook('pageLoaded', { properties: { pageId: 'unknown' } }), good],
      holds: letter('PENDO_WEBHOOK_BROKEN'),
    },
  ],
  'no-account': ['', undefined, 'ACCOUNT-UNIQUE-ID', {}].map(accountId => ({
    body: [webhook('accountCreated', { accountId }), good],
    holds: letter('PENDO_WEBHOOK_BROKEN'),
  })),
  'no-visitor': ['', undefined, 'VISITOR-UNIQUE-ID', 'null', '0', [], 'x'.repeat(400)].map(visitorId => ({
    body: [used('Bad', { visitorId, uniqueId: 'bad' }), good],
    holds: letter('PENDO_VISITOR_MISSING'),
  })),
  'bad-time': [
    ...['soon', true, -1, 0, 1e-300, 12].map(time => ({ ...at(time), holds: happened(receivedAt, 1) })),
    { ...at({ a: 1 }), holds: happened(receivedAt, 1) },
  ],
  'later-time': [
    { ...at(receivedAt / 1_000 + 5), holds: happened(receivedAt) },
    { ...at(1e300), holds: happened(receivedAt) },
    { ...raw('1e999'), holds: happened(receivedAt) },
    { ...at(undefined), holds: happened(receivedAt) },
  ],
  milliseconds: [
    { ...at(1_626_804_431), holds: happened(1_626_804_431_000) },
    { ...at(1_626_804_431_123), holds: happened(1_626_804_431_123) },
  ],
  repeated: [
    {
      body: good,
      given: ({ post }) => post(good),
      holds: async receiver => {
        assert.deepEqual(await names(receiver), ['Good'])
        assert.equal(await receiver.metrics.value('tributary_messages_total', { outcome: 'repeated' }), 1)
      },
    },
  ],
  'no-id': [
    {
      body: used('E', { uniqueId: undefined }),
      given: ({ post }) => post(used('E', { uniqueId: undefined })),
      holds: async ({ tracks }) => {
        const [event, ...more] = await tracks()
        assert.match(event?.eventId ?? '', /^pendo:sha256-[0-9a-f]{32}$/)
        assert.deepEqual(more, [])
      },
    },
  ],
  'odd-values': [
    {
      body: JSON.stringify(used('E', {}, { big: 4711, half: 'HALF' }))
        .replace('4711', '1e999')
        .replace('HALF', '\\ud800'),
      holds: async ({ tracks }) =>
        assert.deepEqual(
          (await tracks()).map(({ properties }) => properties),
          [{ big: null, half: '�' }],
        ),
    },
    {
      body: webhook('trackEventReceived', {
        properties: { trackEventName: 'E', eventProperties: 'event properties JSON too large' },
      }),
      holds: async ({ tracks }) =>
        assert.deepEqual(
          (await tracks()).map(({ properties }) => properties),
          [{}],
        ),
    },
  ],
}

describe('bad input of Pendo', () => {
  for (const [row, tried] of Object.entries(cases) as [Row, readonly Case[]][]) {
    const { given: what, answer } = badInput[row]
    for (const [index, { body, headers, given, holds, inFlight }] of tried.entries()) {
      it(`P8 ${what}: ${answer} (${index + 1})`, async context => {
        const receiver = await startReceiver(context, inFlight === undefined ? {} : { mostInFlight: inFlight })
        await given?.(receiver)
        const [status, code] = answer.split(' ')
        const answered = await receiver.post(body, headers)
        assert.deepEqual([String(answered.status), answered.body['code']], [status, code])
        if (status === '429' || status === '503')
          assert.equal(answered.headers.get('retry-after'), status === '429' ? '5' : '30')
        await holds?.(receiver)
      })
    }
  }
})
