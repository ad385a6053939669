import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Config, loadConfig } from '../../services/runtime/config/config.ts'
import { TributaryError } from '../../services/runtime/errors.ts'

type Variables = Record<string, string | undefined>

const noFiles = (path: string): string => {
  throw Object.assign(new Error(`no such file ${path}`), { code: 'ENOENT' })
}

const load = (variables: Variables, files: Record<string, string> = {}): Config =>
  loadConfig(variables, path => files[path] ?? noFiles(path))

/** The sentences of the one error that loading throws. */
const mistakesOf = (variables: Variables, files: Record<string, string> = {}): string[] => {
  try {
    load(variables, files)
  } catch (error) {
    assert.ok(error instanceof TributaryError, String(error))
    assert.equal(error.code, 'CONFIG_INVALID')
    return error.message.split('\n- ').slice(1)
  }
  return []
}

const erasure = { ERASURE_SECRET: 'an-erasure-key-of-ours' }
const ownPlatform = { ...erasure, KAFKA_BROKERS: 'kafka:9092', SCHEMA_REGISTRY_URL: 'http://registry:8081' }
const realZoom = { ...erasure, ZOOM_WEBHOOK_SECRET: 'a-real-token' }

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
const mistakes: [string, Variables, RegExp[]][] = [
  ['a port that is none', { INGEST_PORT: '80800' }, [/^INGEST_PORT must be a port .* but is "80800"\.$/]],
  ['a port as a URL (Kubernetes service links)', { KAFKA_PORT: 'tcp://10.0.0.1:9092' }, [/^KAFKA_PORT must be a port/]],
  ['a time without a known unit', { PARK_LIMIT: '7 weeks' }, [/^PARK_LIMIT must be a time like 7d/]],
  ['a time of nothing', { PARK_LIMIT: '0' }, [/^PARK_LIMIT must be/]],
  ['a time beyond a year', { PARK_LIMIT: '400d' }, [/^PARK_LIMIT must be .*at most 365d/]],
  ['a word that is neither true nor false', { RECREATE_DELETED: 'yes' }, [/^RECREATE_DELETED must be true or false/]],
  ['a level that pino does not have', { LOG_LEVEL: 'verbose' }, [/^LOG_LEVEL must be one of trace, debug/]],
  ['no ceiling', { DEAD_LETTER_CEILING: '0' }, [/^DEAD_LETTER_CEILING must be a whole number from 1/]],
  ['a host with a port', { INGEST_HOST: 'http://x:1' }, [/^INGEST_HOST must be an IP address/]],
  ['a prefix that no topic may have', { TOPIC_PREFIX: 'a/b' }, [/^TOPIC_PREFIX must be/]],
  ['a broker without a port', { ...ownPlatform, KAFKA_BROKERS: 'kafka' }, [/^KAFKA_BROKERS must be a list like/]],
  ['a broker with a scheme', { ...ownPlatform, KAFKA_BROKERS: 'PLAINTEXT://kafka:9092' }, [/no scheme/]],
  ['brokers without a registry', { ...erasure, KAFKA_BROKERS: 'kafka:9092' }, [/^SCHEMA_REGISTRY_URL must be set/]],
  ['a registry without brokers', { SCHEMA_REGISTRY_URL: 'http://registry:8081' }, [/^KAFKA_BROKERS must be set/]],
  [
    'a login without brokers',
    { KAFKA_SASL_PASSWORD: 'x' },
    [/^KAFKA_BROKERS must be set because KAFKA_SASL_PASSWORD is/],
  ],
  [
    'half a login',
    { ...ownPlatform, KAFKA_SASL_USERNAME: 'tributary' },
    [/^KAFKA_SASL_MECHANISM and KAFKA_SASL_PASSWORD must be set too/],
  ],
  [
    'a mechanism that kafkajs does not know, once',
    { ...ownPlatform, KAFKA_SASL_MECHANISM: 'gssapi', KAFKA_SASL_USERNAME: 'u', KAFKA_SASL_PASSWORD: 'p' },
    [/^KAFKA_SASL_MECHANISM must be one of plain/],
  ],
  ['a URL of another scheme', { INGEST_PUBLIC_URL: 'ftp://x' }, [/^INGEST_PUBLIC_URL must be a URL/]],
  ['a base URL that is no URL', { HUBSPOT_BASE_URL: 'localhost:9401' }, [/^HUBSPOT_BASE_URL must be a URL/]],
  [
    'an erasure key that can be guessed',
    { ERASURE_SECRET: 'short' },
    [/^ERASURE_SECRET must be at least 16 characters/],
  ],
  [
    'a real HubSpot without its token',
    { ...erasure, HUBSPOT_CLIENT_SECRET: 'x' },
    [/^HUBSPOT_ACCESS_TOKEN must be set/],
  ],
  [
    'a real Zoom without its webhook secret',
    { ...erasure, ZOOM_ACCOUNT_ID: 'A' },
    [/^ZOOM_WEBHOOK_SECRET must be set/],
  ],
  ['a Zoom client without its secret', { ...realZoom, ZOOM_ACCOUNT_ID: 'A', ZOOM_CLIENT_ID: 'B' }, [/together/]],
  [
    'a Zoom client without its account',
    { ...realZoom, ZOOM_CLIENT_ID: 'B', ZOOM_CLIENT_SECRET: 'C' },
    [/^ZOOM_ACCOUNT_ID must be set because ZOOM_CLIENT_ID is/],
  ],
  [
    'a named account without its secret',
    { ...realZoom, ZOOM_ACCOUNTS: 'emea' },
    [/^ZOOM_EMEA_WEBHOOK_SECRET must be set because ZOOM_ACCOUNTS names emea/],
  ],
  ['the reserved account name', { ZOOM_ACCOUNTS: 'default' }, [/^ZOOM_ACCOUNTS must hold names .*"default"/]],
  ['an account name with an underscore', { ZOOM_ACCOUNTS: 'a_b' }, [/^ZOOM_ACCOUNTS must hold names .*"a_b"/]],
  [
    'settings of an account that is not declared',
    { ZOOM_EMEA_CLIENT_ID: 'sandbox' },
    [/^ZOOM_EMEA_CLIENT_ID belongs to a Zoom account that ZOOM_ACCOUNTS does not name: add emea/],
  ],
  [
    'a misspelt setting of a declared account',
    { ZOOM_ACCOUNTS: 'emea', ZOOM_EMEA_WEBHOK_SECRET: 'x' },
    [/^ZOOM_EMEA_WEBHOK_SECRET is not .*Probably ZOOM_EMEA_WEBHOOK_SECRET is meant/],
  ],
  ['a misspelt name', { HUBSPOT_ACESS_TOKEN: 'x' }, [/^HUBSPOT_ACESS_TOKEN is not .*Probably HUBSPOT_ACCESS_TOKEN/]],
  ['a misspelt beginning', { HUBPSOT_ACCESS_TOKEN: 'x' }, [/Probably HUBSPOT_ACCESS_TOKEN is meant/]],
  ['a misspelt name of a file', { ZOOM_WEBHOOK_SECRT_FILE: '/x' }, [/Probably ZOOM_WEBHOOK_SECRET_FILE is meant/]],
  ['a name that only looks like ours', { KAFKA_BOOTSTRAP: 'x' }, [/^KAFKA_BOOTSTRAP is not a setting of Tributary/]],
  ['a file for what is no secret', { HUBSPOT_APP_ID_FILE: '/x' }, [/^HUBSPOT_APP_ID_FILE is not a setting/]],
  ['a vendor of a later version', { SANDBOX: 'pendo' }, [/^SANDBOX names pendo, which this version does not/]],
  ['a misspelt vendor', { SANDBOX: 'zoom,hubpsot' }, [/^SANDBOX must hold .*"hubpsot"\. Probably hubspot is meant/]],
  ['two servers on one port', { CONSOLE_PORT: '8080' }, [/^CONSOLE_PORT and INGEST_PORT must be different ports/]],
  [
    'a server on a port of the sandbox',
    { INGEST_PORT: '9403' },
    [/^SANDBOX_PORT_BASE and INGEST_PORT must be different/],
  ],
  [
    'a console for other machines without a token',
    { CONSOLE_HOST: '0.0.0.0' },
    [/^CONSOLE_TOKEN must be set because CONSOLE_HOST is 0\.0\.0\.0/],
  ],
  [
    'a sandbox for other machines without a token',
    { SANDBOX_HOST: '::' },
    [/^SANDBOX_TOKEN must be set because SANDBOX_HOST/],
  ],
  [
    'the tokens that everybody knows beside a real vendor',
    { ...realZoom, ...erasure, SANDBOX: 'hubspot', CONSOLE_TOKEN: 'sandbox', SANDBOX_TOKEN: 'sandbox' },
    [/^CONSOLE_TOKEN must be a secret of your own/, /^SANDBOX_TOKEN must be a secret of your own/],
  ],
  ['a token that can be guessed', { CONSOLE_TOKEN: 'admin' }, [/^CONSOLE_TOKEN must be at least 16 .*\(not shown\)/]],
  ['a secret twice', { ERASURE_SECRET: 'x'.repeat(16), ERASURE_SECRET_FILE: '/e' }, [/are both set/]],
  [
    'a file that is not there',
    { HUBSPOT_ACCESS_TOKEN_FILE: '/none' },
    [/^HUBSPOT_ACCESS_TOKEN_FILE .*\/none .*ENOENT/],
  ],
  ['an empty file', { HUBSPOT_ACCESS_TOKEN_FILE: '/empty' }, [/^HUBSPOT_ACCESS_TOKEN_FILE .*\/empty is empty/]],
]

describe('mistakes', () => {
  for (const [what, variables, patterns] of mistakes) {
    it(`reports ${what}`, () => {
      const found = mistakesOf(variables, { '/empty': '\n', '/e': 'y'.repeat(16) })
      assert.equal(found.length, patterns.length, found.join('\n'))
      for (const [index, pattern] of patterns.entries()) assert.match(found[index] ?? '', pattern)
    })
  }

  it('lists all of them at once, each once', () => {
    const found = mistakesOf({
      INGEST_PORT: 'x',
      PARK_LIMIT: 'y',
      HUBSPOT_TOKEN: 'z',
      SANDBOX: 'pendo',
      LOG_LEVEL: 'w',
    })
    assert.equal(found.length, 5, found.join('\n'))
  })

  it('takes a name that lacks a word for the longer one', () => {
    const [mistake] = mistakesOf({ HUBSPOT_TOKEN: 'z' })
    assert.match(mistake ?? '', /Probably HUBSPOT_ACCESS_TOKEN is meant/)
  })

  it('lets names of other programs be', () => {
    const others = { KAFKA_HEAP_OPTS: '-Xmx1g', KAFKA_HOME: '/opt/kafka', KAFKA_SERVICE_HOST: '10.0.0.1', PATH: '/bin' }
    assert.deepEqual(mistakesOf({ ...others, LOG_FILE: 'x', CONSOLE: 'y', REGISTRY_URL: 'z' }), [])
  })
})

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
