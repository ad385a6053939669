import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadConfig } from '../../services/runtime/config/config.ts'

const load = (variables: Record<string, string>) =>
  loadConfig({ ERASURE_SECRET: 'an-erasure-key-of-ours', ...variables }, path => (path === '/keys' ? 'web=KEY1\n' : ''))

describe('S5 SEGMENT_WRITE_KEYS', () => {
  const rows: [string, readonly { source: string; key: string }[]][] = [
    ['KEY1', [{ source: 'default', key: 'KEY1' }]],
    [
      'web=KEY1, server=KEY2',
      [
        { source: 'web', key: 'KEY1' },
        { source: 'server', key: 'KEY2' },
      ],
    ],
    [
      'web=OLD,web=NEW',
      [
        { source: 'web', key: 'OLD' },
        { source: 'web', key: 'NEW' },
      ],
    ],
    ['a-1=x+/!~,', [{ source: 'a-1', key: 'x+/!~' }]],
  ]
  for (const [text, keys] of rows) {
    it(`holds ${keys.length} of ${text}`, () =>
      assert.deepEqual(load({ SEGMENT_WRITE_KEYS: text }).segment.writeKeys, keys))
  }

  it('may be a file', () =>
    assert.deepEqual(load({ SEGMENT_WRITE_KEYS_FILE: '/keys' }).segment.writeKeys, [{ source: 'web', key: 'KEY1' }]))

  for (const text of ['Web=K7', 'web=', '=K7', 'web=a:K7', 'web=a K7', 'web=a=K7', ',', `web=${'k'.repeat(201)}`]) {
    it(`refuses ${text.slice(0, 20)} without showing it`, () =>
      assert.throws(
        () => load({ SEGMENT_WRITE_KEYS: text }),
        (error: Error) => {
          assert.match(error.message, /SEGMENT_WRITE_KEYS must be a list like .*\(not shown\)/)
          assert.doesNotMatch(error.message, /K7|kkk/)
          return true
        },
      ))
  }

  it('refuses one key for two sources, beside every other mistake', () =>
    assert.throws(() => load({ SEGMENT_WRITE_KEYS: 'web=KEY1,server=KEY1', INGEST_PORT: 'x' }), {
      code: 'CONFIG_INVALID',
      message: /2 mistakes[\s\S]*SEGMENT_WRITE_KEYS must hold each key once/,
    }))
})

describe('S5 the modes of Segment', () => {
  it('emulated, the key is the word of the sandbox', () => {
    const { segment } = load({ ERASURE_SECRET: '' })
    assert.deepEqual(segment, {
      mode: 'sandbox',
      writeKeys: [{ source: 'default', key: 'sandbox' }],
      webhookSecret: 'sandbox-secret',
    })
  })

  it('real, there is no webhook without its secret, and no key without being set', () => {
    assert.equal(load({ SEGMENT_WRITE_KEYS: 'KEY1' }).segment.webhookSecret, null)
    assert.deepEqual(load({ SEGMENT_WEBHOOK_SECRET: 'shared' }).segment, {
      mode: 'real',
      writeKeys: [],
      webhookSecret: 'shared',
    })
  })

  it('off, it takes nothing', () =>
    assert.deepEqual(load({ HUBSPOT_ACCESS_TOKEN: 'pat-real' }).segment, {
      mode: 'off',
      writeKeys: [],
      webhookSecret: null,
    }))
})
