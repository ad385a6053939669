import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { badInput } from '../../../services/producers/hubspot/bad-input.ts'
import { appId, changed, type Receiver, receivedAt, startReceiver, webhook } from './receiving.ts'

type Row = keyof typeof badInput

interface Case {
  readonly body: unknown
  readonly headers?: (receiver: Receiver) => Readonly<Record<string, string>>
  readonly inFlight?: number
  /** Salesforce is off. */
  readonly withoutSalesforce?: true
  /** Before the request. */
  readonly given?: (receiver: Receiver) => unknown
  /** After the answer, beside its status and code. */
  readonly holds?: (receiver: Receiver) => Promise<void>
}

const good = changed('city', 'Good', { eventId: 1 })
const cities = async ({ visitors }: Receiver) => (await visitors()).map(({ traits }) => traits['city'])
const nothing = ({ publishes }: Receiver): Promise<void> => Promise.resolve(assert.equal(publishes(), 0))
const passedOver = (outcome: string) => async (receiver: Receiver) => {
  await nothing(receiver)
  assert.equal(await receiver.metrics.value('tributary_messages_total', { vendor: 'hubspot', outcome }), 1)
}
/** The one bad item is a letter, the good one beside it is taken. */
const letter = async (receiver: Receiver): Promise<void> => {
  assert.deepEqual(
    (await receiver.letters()).map(one => one.code),
    ['HUBSPOT_WEBHOOK_BROKEN'],
  )
  assert.deepEqual(await cities(receiver), ['Good'])
}
const happened =
  (at: number, replaced = 0) =>
  async ({ visitors, metrics }: Receiver): Promise<void> => {
    assert.deepEqual(
      (await visitors()).map(({ occurredAt }) => occurredAt),
      [at],
    )
    assert.equal(await metrics.value('tributary_message_times_replaced_total', { vendor: 'hubspot' }), replaced)
  }
const at = (occurredAt: unknown): Pick<Case, 'body'> => ({ body: [changed('city', 'London', { occurredAt })] })
const raw = (number: string): Pick<Case, 'body'> => ({
  body: JSON.stringify([changed('city', 'London', { occurredAt: 4711 })]).replace('4711', number),
})

const cases: Record<Row, readonly Case[]> = {
  unsigned: [
    { body: [good], headers: () => ({}), holds: nothing },
    { body: [good], headers: ({ signed }) => signed([good], { secret: 'another' }), holds: nothing },
    { body: [good], headers: ({ signed }) => signed([]), holds: nothing },
    {
      body: [good],
      headers: ({ signed }) => ({ ...signed([good]), 'x-hubspot-signature-v3': 'é'.repeat(44) }),
      holds: nothing,
    },
    { body: 'no json', headers: () => ({}), holds: nothing },
  ],
  old: [
    { body: [good], headers: ({ signed }) => signed([good], { timestamp: receivedAt - 300_001 }), holds: nothing },
    { body: [good], headers: ({ signed }) => signed([good], { timestamp: receivedAt + 300_001 }), holds: nothing },
    { body: [good], headers: ({ signed }) => signed([good], { timestamp: Number.NaN }), holds: nothing },
  ],
  'not-json': ['hello', '', '"text"', '1', 'null', '[{"eventId"'].map(body => ({ body, holds: nothing })),
  'deep-body': [{ body: `[{"a":${'['.repeat(200)}${']'.repeat(200)}}]`, holds: nothing }],
  'large-body': [{ body: [{ ...good, filler: 'x'.repeat(1_000_000) }], holds: nothing }],
  'too-much': [
    {
      body: [changed('city', 'Second', { eventId: 2 })],
      inFlight: 1,
      given: async receiver => {
        receiver.behave('silent')
        void receiver.post([good])
        while (receiver.publishes() === 0) await new Promise(setImmediate)
      },
    },
  ],
  'no-kafka': [{ body: [good], given: ({ behave }) => behave('down') }],
  'other-subscription': [
    'deal.creation',
    'contact.associationChange',
    'task.merge',
    'contact.__proto__',
    'contact.toString',
    'conversation.newMessage',
    'event.completed',
    '__proto__.creation',
    'object.creation',
  ].map(type => ({ body: [webhook(type)], holds: passedOver('ignored') })),
  'other-property': [
    { body: [changed('lifecyclestage', 'lead')], holds: passedOver('ignored') },
    { body: [changed('__proto__', 'x')], holds: passedOver('ignored') },
    { body: [changed('city', undefined, { isSensitive: true })], holds: passedOver('ignored') },
    { body: [webhook('task.propertyChange', { propertyName: 'hs_queue' })], holds: passedOver('ignored') },
  ],
  'no-reader': ['task.creation', 'call.deletion', 'email.propertyChange', 'note.restore', 'object.creation'].map(
    type => ({
      body: [webhook(type, { objectTypeId: '0-47' })],
      withoutSalesforce: true,
      holds: passedOver('ignored'),
    }),
  ),
  echo: [{ body: [changed('city', 'X', { changeSource: 'INTEGRATION', sourceId: appId })], holds: passedOver('echo') }],
  'no-object': [null, 'text', 7, [], {}, { subscriptionType: '' }, { subscriptionType: 'creation' }].map(item => ({
    body: [item, good],
    holds: letter,
  })),
  'no-id': [
    ...[undefined, null, '', 'x', -1, 0, 1.5, 2 ** 60, {}, '12 '].map(objectId => ({
      body: [webhook('contact.creation', { objectId, eventId: 2 }), good],
      holds: letter,
    })),
    { body: [webhook('contact.privacyDeletion', { objectId: 'x', eventId: 2 }), good], holds: letter },
    { body: [webhook('company.creation', { objectId: 'x', eventId: 2 }), good], holds: letter },
    { body: [webhook('task.creation', { objectId: 'x', eventId: 2 }), good], holds: letter },
    { body: [webhook('task.associationChange', { objectId: undefined, eventId: 2 }), good], holds: letter },
  ],
  'no-property': [
    { propertyName: undefined },
    { propertyName: 7 },
    { propertyName: '' },
    { propertyValue: undefined },
    { propertyValue: { a: 1 } },
    { propertyValue: ['a'] },
  ].map(values => ({ body: [changed('city', 'Bad', { eventId: 2, ...values }), good], holds: letter })),
  'no-merge': [
    {},
    { newObjectId: 1 },
    { newObjectId: 1, primaryObjectId: 1, mergedObjectIds: [1] },
    { newObjectId: 1, mergedObjectIds: 'x' },
  ].map(values => ({ body: [webhook('contact.merge', { eventId: 2, ...values }), good], holds: letter })),
  'bad-time': ['soon', true, -1, 0, 1e-300, { a: 1 }].map(time => ({ ...at(time), holds: happened(receivedAt, 1) })),
  'later-time': [
    { ...at(receivedAt + 5_000), holds: happened(receivedAt) },
    { ...at(1e300), holds: happened(receivedAt) },
    { ...raw('1e999'), holds: happened(receivedAt) },
    { ...at(undefined), holds: happened(receivedAt) },
  ],
  repeated: [
    {
      body: [{ ...good, attemptNumber: 4 }],
      given: ({ post }) => post([good]),
      holds: async receiver => {
        assert.deepEqual(await cities(receiver), ['Good'])
        assert.equal(await receiver.metrics.value('tributary_messages_total', { outcome: 'repeated' }), 1)
      },
    },
  ],
  'no-event-id': ['eventId', 'subscriptionId', 'portalId'].map(field => ({
    body: [{ ...good, [field]: undefined, attemptNumber: 1 }],
    given: ({ post }) => post([{ ...good, [field]: undefined }]),
    holds: async ({ visitors }) => {
      const [event, ...more] = await visitors()
      assert.match(event?.eventId ?? '', /^hubspot:sha256-[0-9a-f]{32}$/)
      assert.deepEqual(more, [])
    },
  })),
  'bad-address': ['ada', '@', `${'a'.repeat(400)}@example.com`, 'a b@example.com'].map(value => ({
    body: [changed('email', value)],
    holds: async ({ claims }) =>
      assert.deepEqual(
        (await claims()).map(({ aliases }) => aliases),
        [['hubspot:contact:541935488729']],
      ),
  })),
}

describe('bad input of HubSpot', () => {
  for (const [row, tried] of Object.entries(cases) as [Row, readonly Case[]][]) {
    const { given: what, answer } = badInput[row]
    for (const [index, { body, headers, given, holds, inFlight, withoutSalesforce }] of tried.entries()) {
      it(`P7 ${what}: ${answer} (${index + 1})`, async context => {
        const receiver = await startReceiver(context, {
          ...(inFlight === undefined ? {} : { mostInFlight: inFlight }),
          activities: withoutSalesforce !== true,
        })
        await given?.(receiver)
        const [status, code] = answer.split(' ')
        const answered = await receiver.post(body, headers?.(receiver))
        assert.deepEqual([String(answered.status), answered.body['code']], [status, code])
        if (status === '429' || status === '503')
          assert.equal(answered.headers.get('retry-after'), status === '429' ? '5' : '30')
        await holds?.(receiver)
      })
    }
  }
})
