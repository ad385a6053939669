import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { erasure, load, mistakesOf, ownPlatform, realZoom } from './loading-config.ts'

describe('defaults', () => {
  it('needs nothing to be set', () => {
    const config = load({})
    assert.deepEqual(config.ingest, { host: '127.0.0.1', port: 8080, publicUrl: null })
    assert.deepEqual(config.console, { host: '127.0.0.1', port: 3000, token: null })
    assert.deepEqual(config.kafka, { kind: 'embedded', port: 9092 })
    assert.deepEqual(config.registry, { kind: 'embedded', port: 8081 })
    assert.equal(config.sandbox.portBase, 9401)
    assert.equal(config.parkLimitMs, 7 * 24 * 60 * 60 * 1000)
    assert.equal(config.zoom.reportWaitMs, 30 * 60 * 1000)
    assert.equal(config.zoom.reportAfterMs, 5_000)
    assert.equal(config.deadLettersPerMinute, 100)
    assert.equal(config.recreateDeleted, false)
    assert.equal(config.topicPrefix, '')
    assert.equal(config.logLevel, 'info')
  })

  it('takes an empty variable as not set, as docker compose passes it on', () => {
    assert.equal(load({ INGEST_PORT: '', HUBSPOT_ACCESS_TOKEN: '  ', SANDBOX: '' }).emulation.sample, true)
  })

  it('takes the tokens that everybody knows while every vendor is emulated, as docker compose gives them', () => {
    const everywhere = { CONSOLE_HOST: '0.0.0.0', SANDBOX_HOST: '0.0.0.0', INGEST_HOST: '0.0.0.0' }
    const { console, sandbox } = load({
      ...{ ...ownPlatform, ...erasure, ...everywhere, SANDBOX: 'zoom,hubspot,salesforce' },
      ...{ CONSOLE_TOKEN: 'sandbox', SANDBOX_TOKEN: 'sandbox' },
    })
    assert.deepEqual([console.token, sandbox.token], ['sandbox', 'sandbox'])
  })

  it('needs no token of a sandbox that does not run, and none on an address of this machine', () => {
    assert.equal(load({ ...realZoom, ...erasure, SANDBOX_HOST: '0.0.0.0' }).sandbox.token, null)
    assert.equal(load({ CONSOLE_HOST: '::1', SANDBOX_HOST: 'localhost' }).console.token, null)
  })

  it('keeps sandbox and real data of the embedded platform apart', () => {
    const sandbox = load({ TRIBUTARY_DATA: '/data' }).data
    const live = load({ ...realZoom, TRIBUTARY_DATA: '/data' }).data
    assert.equal(sandbox.folder, live.folder)
    assert.notEqual(sandbox.platformFolder, live.platformFolder)
  })
})

describe('ZOOM_REPORT_AFTER', () => {
  const minutes = (environment: Record<string, string>): number => load(environment).zoom.reportAfterMs / 60_000

  it('is 5 minutes with a real Zoom', () => assert.equal(minutes(realZoom), 5))
  it('is what is set, also while Zoom is emulated', () => assert.equal(minutes({ ZOOM_REPORT_AFTER: '7m' }), 7))
  it('is never more than ZOOM_REPORT_WAIT', () => {
    assert.equal(minutes({ ...realZoom, ZOOM_REPORT_WAIT: '2m' }), 2)
    assert.equal(minutes({ ZOOM_REPORT_WAIT: '2m', ZOOM_REPORT_AFTER: '7m' }), 2)
  })
})

describe('values', () => {
  for (const [text, milliseconds] of [
    ['7d', 604_800_000],
    ['12h', 43_200_000],
    ['90m', 5_400_000],
    ['30s', 30_000],
    ['1500ms', 1_500],
    ['1500', 1_500],
  ] as const) {
    it(`reads PARK_LIMIT=${text} as ${milliseconds} ms`, () =>
      assert.equal(load({ PARK_LIMIT: text }).parkLimitMs, milliseconds))
  }

  it('reads a platform of ones own with login and prefix', () => {
    const config = load({
      ...ownPlatform,
      KAFKA_BROKERS: ' kafka-1:9092, kafka-2:9092,kafka-1:9092 ',
      KAFKA_SSL: 'TRUE',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: 'tributary',
      KAFKA_SASL_PASSWORD: 'pass:word',
      SCHEMA_REGISTRY_URL: 'https://registry:8081/',
      SCHEMA_REGISTRY_AUTH: 'user:pass:word',
      TOPIC_PREFIX: 'staging.',
    })
    assert.deepEqual(config.kafka, {
      kind: 'external',
      brokers: ['kafka-1:9092', 'kafka-2:9092'],
      ssl: true,
      sasl: { mechanism: 'scram-sha-512', username: 'tributary', password: 'pass:word' },
    })
    assert.deepEqual(config.registry, {
      kind: 'external',
      url: 'https://registry:8081',
      auth: { username: 'user', password: 'pass:word' },
    })
    assert.equal(config.topicPrefix, 'staging.')
  })

  it('reads the settings of a real HubSpot and a real Zoom', () => {
    const config = load({ ...realZoom, HUBSPOT_ACCESS_TOKEN: 'pat-1', ZOOM_ACCOUNT_ID: 'AAAAAABBBB' })
    assert.deepEqual(config.hubspot, {
      mode: 'real',
      accessToken: 'pat-1',
      clientSecret: null,
      appId: null,
      baseUrl: 'https://api.hubapi.com',
      eventBudget: 30_000_000,
      sweepEveryMs: 3_600_000,
      marketing: { everyMs: 900_000, overlapMs: 21_600_000 },
    })
    assert.deepEqual(config.zoom.accounts, [
      {
        name: 'default',
        accountId: 'AAAAAABBBB',
        webhookSecret: 'a-real-token',
        oauth: null,
        baseUrl: 'https://api.zoom.us/v2',
        tokenUrl: 'https://zoom.us/oauth/token',
      },
    ])
  })
})

describe('Z11 several Zoom accounts', () => {
  it('Z11 each account has settings of its own', () => {
    const { zoom } = load(
      {
        ...realZoom,
        ZOOM_ACCOUNTS: 'emea,apac-2',
        ZOOM_EMEA_WEBHOOK_SECRET: 'emea-token',
        ZOOM_APAC_2_WEBHOOK_SECRET_FILE: '/run/secrets/apac',
      },
      { '/run/secrets/apac': 'apac-token\n' },
    )
    assert.deepEqual(
      zoom.accounts.map(({ name, webhookSecret }) => [name, webhookSecret]),
      [
        ['default', 'a-real-token'],
        ['emea', 'emea-token'],
        ['apac-2', 'apac-token'],
      ],
    )
  })

  it('Z11 the account without a name need not exist', () => {
    const { zoom } = load({ ...erasure, ZOOM_ACCOUNTS: 'emea', ZOOM_EMEA_WEBHOOK_SECRET: 'emea-token' })
    assert.deepEqual(
      zoom.accounts.map(account => account.name),
      ['emea'],
    )
  })
})

/** Variables, and a pattern for each mistake that they must lead to. */
describe('secrets', () => {
  const secret = 'the-secret\u0007-that-must-not-be-shown'

  it('are read from files too, without the newline at the end', () => {
    const config = load({ ...erasure, HUBSPOT_ACCESS_TOKEN_FILE: '/token' }, { '/token': 'pat-2\n' })
    assert.equal(config.hubspot.accessToken, 'pat-2')
  })

  for (const name of [
    'HUBSPOT_ACCESS_TOKEN',
    'HUBSPOT_CLIENT_SECRET',
    'ZOOM_WEBHOOK_SECRET',
    'KAFKA_SASL_PASSWORD',
    'SCHEMA_REGISTRY_AUTH',
    'ERASURE_SECRET',
  ]) {
    it(`never shows a value of ${name}, given directly or as a file`, () => {
      for (const found of [
        mistakesOf({ ...ownPlatform, [name]: secret }),
        mistakesOf({ ...ownPlatform, [name]: undefined, [`${name}_FILE`]: '/s' }, { '/s': secret }),
      ]) {
        assert.ok(
          found.some(mistake => mistake.startsWith(`${name} must be`)),
          found.join('\n'),
        )
        assert.ok(found.every(mistake => !mistake.includes('that-must-not-be-shown')))
      }
    })
  }

  it('never shows what a misspelt name holds', () => {
    const found = mistakesOf({ HUBSPOT_ACESS_TOKEN: 'pat-na1-0123', SANDBOX_SECRET_X: 'pat-na1-0123' })
    assert.ok(found.length > 0 && found.every(mistake => !mistake.includes('pat-na1')))
  })

  it('never shows credentials within a URL', () => {
    const found = mistakesOf({ ...ownPlatform, SCHEMA_REGISTRY_URL: 'https://user:hunter2@registry/?key=hunter3' })
    assert.equal(found.length, 1)
    assert.doesNotMatch(found[0] ?? '', /hunter/)
  })
})
