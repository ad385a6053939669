import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { badInput } from '../../../services/producers/segment/bad-input.ts'
import { basic, receivedAt, type Serving, startServing, writeKey } from './serving.ts'

type Row = keyof typeof badInput

interface Case {
  readonly body: unknown
  readonly raw?: Buffer | string
  readonly path?: string
  readonly key?: string
  /** Before the request. */
  readonly given?: (serving: Serving) => void | Promise<void>
  /** After the answer, beside its status and code. */
  readonly holds?: (serving: Serving) => Promise<void>
}

const good = { type: 'track', userId: 'u1', event: 'Good', messageId: 'good' }
const withGood = (...items: readonly unknown[]) => ({ batch: [...items, good] })
const names = async ({ tracks }: Serving) => (await tracks()).map(({ name }) => name)
/** The one bad message is a letter of the code, the good one beside it is taken. */
const letter =
  (code: string) =>
  async (serving: Serving): Promise<void> => {
    assert.deepEqual(
      (await serving.letters()).map(one => one.code),
      [code],
    )
    assert.deepEqual(await names(serving), ['Good'])
  }
const nothing = async (serving: Serving): Promise<void> => {
  assert.equal(serving.publishes(), 0)
  assert.deepEqual(await serving.ids(), [])
}
const track = (more: object) => ({ type: 'track', userId: 'u1', event: 'E', messageId: 'm', ...more })

const cases: Record<Row, readonly Case[]> = {
  'not-json': [
    { body: null, raw: 'hello', holds: nothing },
    { body: [good], holds: nothing },
    { body: 'text', holds: nothing },
    { body: null, raw: '', holds: nothing },
    { body: null, raw: '{"userId"', path: '/v1/track', holds: nothing },
  ],
  'no-batch': [
    { body: {}, holds: nothing },
    { body: { batch: good }, holds: nothing },
  ],
  'bad-gzip': [{ body: null, raw: gzipSync('{"batch":[]}').subarray(0, 15), holds: nothing }],
  'large-body': [
    { body: { batch: [], filler: 'x'.repeat(512_000) }, holds: nothing },
    { body: null, raw: gzipSync(JSON.stringify({ batch: [], filler: 'x'.repeat(512_000) })), holds: nothing },
  ],
  'deep-body': [{ body: null, raw: `{"batch":${'['.repeat(200)}${']'.repeat(200)}}`, holds: nothing }],
  'unknown-key': [
    { body: { batch: [good] }, key: 'other:', holds: nothing },
    { body: { batch: [good], writeKey: 'other' }, key: '', holds: nothing },
    { body: null, raw: 'hello', key: 'other:', holds: nothing },
  ],
  'too-much': [
    {
      body: { batch: [good] },
      given: async serving => {
        serving.behave('silent')
        void serving.send({ batch: [{ ...good, messageId: 'waiting' }] })
        while (serving.publishes() === 0) await new Promise(setImmediate)
      },
      holds: async serving => assert.equal(serving.publishes(), 1),
    },
  ],
  'no-kafka': [
    {
      body: { batch: [good] },
      given: serving => serving.behave('down'),
      holds: async serving => {
        assert.deepEqual(await serving.ids(), [])
        serving.behave('up')
        assert.equal((await serving.send({ batch: [good] })).status, 200)
        assert.deepEqual(await names(serving), ['Good'])
      },
    },
  ],
  'no-user': [
    { body: withGood({ type: 'track', event: 'E', messageId: 'm' }), holds: letter('SEGMENT_USER_MISSING') },
    { body: withGood(track({ userId: null, anonymousId: null })), holds: letter('SEGMENT_USER_MISSING') },
    { body: withGood(track({ userId: 'undefined' })), holds: letter('SEGMENT_USER_MISSING') },
  ],
  'no-event': [
    { body: withGood(track({ event: undefined })), holds: letter('SEGMENT_MESSAGE_BROKEN') },
    { body: withGood(track({ event: ' ' })), holds: letter('SEGMENT_MESSAGE_BROKEN') },
    { body: withGood(track({ event: {} })), holds: letter('SEGMENT_MESSAGE_BROKEN') },
  ],
  'no-group': [{ body: withGood(track({ type: 'group', groupId: '' })), holds: letter('SEGMENT_MESSAGE_BROKEN') }],
  'no-previous': [
    { body: withGood(track({ type: 'alias' })), holds: letter('SEGMENT_MESSAGE_BROKEN') },
    {
      body: withGood(track({ type: 'alias', userId: null, previousId: 'p' })),
      holds: letter('SEGMENT_MESSAGE_BROKEN'),
    },
  ],
  'no-object': [null, 7, 'text', [good]].map(item => ({
    body: withGood(item),
    holds: letter('SEGMENT_MESSAGE_BROKEN'),
  })),
  'no-type': ['delete', 'Track', '__proto__', 'toString', undefined, 7].map(type => ({
    body: withGood(track({ type })),
    holds: letter('SEGMENT_TYPE_UNKNOWN'),
  })),
  'large-message': [
    {
      body: withGood(track({ properties: { text: 'é'.repeat(16_400) } })),
      holds: letter('SEGMENT_MESSAGE_TOO_LARGE'),
    },
    {
      path: '/v1/track',
      body: track({ properties: { text: 'x'.repeat(32_768) } }),
      holds: async serving =>
        assert.deepEqual(
          (await serving.letters()).map(({ code }) => code),
          ['SEGMENT_MESSAGE_TOO_LARGE'],
        ),
    },
  ],
  'long-batch': [
    {
      body: { batch: Array.from({ length: 2_503 }, (_, index) => track({ messageId: `m${index}` })) },
      holds: async serving => {
        assert.equal((await serving.tracks()).length, 2_500)
        const [first, ...others] = await serving.letters()
        assert.equal(first?.code, 'SEGMENT_BATCH_TOO_LONG')
        assert.match(JSON.stringify(first?.value), /^{"body":{[^[]*"batch":\[({[^{}]*},?){3}\]/)
        assert.deepEqual(others, [])
      },
    },
  ],
  'bad-time': ['never', '1970-01-01T00:00:00.000Z', {}].map(timestamp => ({
    body: withGood(track({ timestamp })),
    holds: async serving => {
      const bad = (await serving.tracks()).find(({ name }) => name === 'E')
      assert.equal(bad?.occurredAt, receivedAt)
      assert.equal(await serving.metrics.value('tributary_message_times_replaced_total'), 1)
    },
  })),
  'later-time': [
    {
      body: withGood(track({ timestamp: '2030-01-01T00:00:00Z' })),
      holds: async serving => assert.equal((await serving.tracks())[0]?.occurredAt, receivedAt),
    },
  ],
  repeated: [
    {
      body: { batch: [good, good] },
      given: async serving => assert.equal((await serving.send({ batch: [good] })).status, 200),
      holds: async serving => {
        assert.deepEqual(await names(serving), ['Good'])
        assert.equal(await serving.metrics.value('tributary_messages_total', { outcome: 'repeated' }), 2)
      },
    },
  ],
  'no-id': [
    {
      body: {
        batch: [
          { ...good, messageId: '' },
          { ...good, messageId: null, timestamp: receivedAt - 1 },
        ],
      },
      given: async serving => {
        const first = { ...good, messageId: null, timestamp: receivedAt - 1 }
        assert.equal((await serving.send({ batch: [{ ...good, messageId: undefined }, first] })).status, 200)
        serving.cluster.clock.advance(1)
      },
      holds: async serving => {
        const ids = (await serving.tracks()).map(({ eventId }) => eventId)
        assert.equal(new Set(ids).size, 3, 'two without a time, one with')
        assert.equal(ids.length, 3)
        for (const id of ids) assert.match(id, /^segment:sha256-[0-9a-f]{32}$/)
      },
    },
  ],
  'odd-values': [
    {
      body: null,
      raw: '{"batch":[{"type":"track","userId":"u","event":"E\\ud800","messageId":"1","properties":{"a":1e999}},{"type":"identify","userId":"u","messageId":"2","traits":[1]}]}',
      holds: async serving => {
        const [first] = await serving.tracks()
        assert.deepEqual([first?.name, first?.properties], ['E\ufffd', { a: null }])
        assert.deepEqual((await serving.visitors())[0]?.traits, {})
      },
    },
  ],
}

describe('S5 bad input is answered and kept as the reference says', () => {
  const open: Serving[] = []
  after(async () => {
    for (const serving of open) await serving.close()
  })

  for (const [row, tried] of Object.entries(cases) as [Row, readonly Case[]][]) {
    for (const [index, { body, raw, path = '/v1/batch', key = `${writeKey}:`, given, holds }] of tried.entries()) {
      it(`${row} ${index + 1}: ${badInput[row].given}`, { timeout: 20_000 }, async () => {
        const serving = await startServing(row === 'too-much' ? { mostBytesInFlight: 100 } : {})
        open.push(serving)
        await given?.(serving)
        const authorization: Record<string, string> = key === '' ? {} : { authorization: basic(key) }
        const answer = await serving.post(path, raw ?? JSON.stringify(body), authorization)
        const said = (await answer.json()) as { success: boolean; code?: string }
        assert.equal([answer.status, said.code].filter(Boolean).join(' '), badInput[row].answer)
        assert.equal(said.success, answer.status === 200)
        assert.equal(answer.headers.has('retry-after'), answer.status === 429)
        assert.equal(answer.headers.get('x-ratelimit-reset'), answer.headers.get('retry-after'))
        await holds?.(serving)
        for (const { text } of await serving.letters()) assert.doesNotMatch(text, /u1|Good|xxx|undefined/)
      })
    }
  }

  it('and each row of the reference is tried', () => {
    for (const [row, tried] of Object.entries(cases)) assert.ok(tried.length > 0, row)
    assert.deepEqual(Object.keys(cases).toSorted(), Object.keys(badInput).toSorted())
  })
})
