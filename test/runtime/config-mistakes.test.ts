import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { erasure, mistakesOf, ownPlatform, realZoom, type Variables } from './loading-config.ts'

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
  [
    'a vendor of a later version',
    { SANDBOX: 'account-engagement' },
    [/^SANDBOX names account-engagement, which this version does not/],
  ],
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
      SANDBOX: 'account-engagement',
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
