import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it } from 'node:test'
import { loadConfig } from '../../services/runtime/config/config.ts'
import { type Emulation, emulation } from '../../services/runtime/config/emulation.ts'

/** interfaces.md, "What is emulated is never a guess": each of its sentences is a suite here. */

const erasure = { ERASURE_SECRET: 'an-erasure-key-of-ours' }
const load = (variables: Record<string, string>) => loadConfig({ ...erasure, ...variables }, () => '')
const decide = (variables: Record<string, string>): Emulation => load(variables).emulation
const says = ({ reasons }: Emulation, pattern: RegExp) =>
  assert.ok(
    reasons.some(one => pattern.test(one)),
    reasons.join('\n'),
  )

const brokers = { KAFKA_BROKERS: 'kafka:9092', SCHEMA_REGISTRY_URL: 'http://registry:8081' }
const hubspot = { HUBSPOT_ACCESS_TOKEN: 'pat-real' }
const zoom = { ZOOM_WEBHOOK_SECRET: 'real-token' }
const salesforce = {
  SALESFORCE_CLIENT_ID: '3MVG9real',
  SALESFORCE_USERNAME: 'integration@example.com',
  SALESFORCE_PRIVATE_KEY: generateKeyPairSync('rsa', { modulusLength: 2048 })
    .privateKey.export({ type: 'pkcs8', format: 'pem' })
    .toString(),
}
const segment = { SEGMENT_WRITE_KEYS: 'web=real-key' }
const pendo = { PENDO_INTEGRATION_KEY: 'real-key.us' }
const off = { hubspot: 'off', salesforce: 'off', zoom: 'off', segment: 'off', pendo: 'off' }
const emulated = { hubspot: 'sandbox', salesforce: 'sandbox', zoom: 'sandbox', segment: 'sandbox', pendo: 'sandbox' }

describe('with no vendor credential and no KAFKA_BROKERS set, everything is the sandbox and sample traffic plays', () => {
  for (const variables of [
    {},
    { LOG_LEVEL: 'debug', INGEST_PORT: '0' },
    { HUBSPOT_ACCESS_TOKEN: 'sandbox', ZOOM_WEBHOOK_SECRET: 'sandbox-secret' },
    { SANDBOX: 'zoom' },
    { HUBSPOT_BASE_URL: 'http://127.0.0.1:9999' },
    { SALESFORCE_CLIENT_ID: 'sandbox', SALESFORCE_USERNAME: 'sandbox', SALESFORCE_PRIVATE_KEY: 'sandbox' },
  ]) {
    it(`holds with ${JSON.stringify(variables)}`, () => {
      const decided = decide(variables)
      assert.deepEqual(decided.vendors, emulated)
      assert.equal(decided.sample, true)
      assert.equal(decided.platform, 'embedded')
    })
  }

  it('uses the sandbox credentials', () => {
    const config = load({})
    assert.equal(config.hubspot.accessToken, 'sandbox')
    assert.deepEqual(
      config.zoom.accounts.map(account => account.webhookSecret),
      ['sandbox-secret'],
    )
  })
})

describe('as soon as one real credential or KAFKA_BROKERS is set, nothing is emulated unless named in SANDBOX', () => {
  for (const [variables, vendors] of [
    [hubspot, { ...off, hubspot: 'real' }],
    [zoom, { ...off, zoom: 'real' }],
    [salesforce, { ...off, salesforce: 'real' }],
    [segment, { ...off, segment: 'real' }],
    [{ SEGMENT_WEBHOOK_SECRET: 'shared' }, { ...off, segment: 'real' }],
    [
      { ...hubspot, SANDBOX: 'segment' },
      { ...off, hubspot: 'real', segment: 'sandbox' },
    ],
    [pendo, { ...off, pendo: 'real' }],
    [
      { ...hubspot, ...zoom },
      { ...off, hubspot: 'real', zoom: 'real' },
    ],
    [brokers, off],
    [
      { ...hubspot, SANDBOX: 'zoom' },
      { ...off, hubspot: 'real', zoom: 'sandbox' },
    ],
    [
      { ...brokers, SANDBOX: 'hubspot, Zoom, salesforce,PENDO' },
      { ...emulated, segment: 'off' },
    ],
    [
      { ...hubspot, SANDBOX: 'hubspot' },
      { ...off, hubspot: 'sandbox' },
    ],
    [
      { ZOOM_ACCOUNTS: 'emea', ZOOM_EMEA_WEBHOOK_SECRET: 'real' },
      { ...off, zoom: 'real' },
    ],
    [{ ACCOUNT_ENGAGEMENT_BUSINESS_UNIT_ID: '0Uv5g' }, off],
  ] as [Record<string, string>, Emulation['vendors']][]) {
    it(`holds with ${Object.keys(variables).join(', ')} for ${JSON.stringify(vendors)}`, () =>
      assert.deepEqual(decide(variables).vendors, vendors))
  }

  for (const name of Object.keys(salesforce) as (keyof typeof salesforce)[]) {
    it(`holds with ${name} alone, which is refused for what lacks`, () => {
      const decided = emulation([{ name, setting: name, value: salesforce[name] }], [])
      assert.deepEqual([decided.vendors, decided.sample], [{ ...off, salesforce: 'real' }, false])
      assert.throws(() => load({ [name]: salesforce[name] }), { message: /must be set because SALESFORCE_/ })
    })
  }

  it('does not send the credentials of a real org to the sandbox, nor those of the sandbox to a real org', () => {
    const { salesforce: emulated } = load({ ...salesforce, SANDBOX: 'salesforce' })
    assert.deepEqual([emulated.clientId, emulated.username, emulated.privateKey], ['sandbox', 'sandbox', null])
    const { salesforce: real } = load({ ...salesforce, SANDBOX: 'hubspot,zoom' })
    assert.equal(real.loginUrl, 'https://login.salesforce.com')
    assert.equal(real.clientId, '3MVG9real')
  })

  it('does not send the keys of a real Pendo to the sandbox, nor those of the sandbox to a real one', () => {
    const { pendo: own } = load({ ...pendo, SANDBOX: 'pendo' })
    assert.deepEqual(
      [own.integrationKey, own.trackSecret, own.webhookSecret, own.baseUrl],
      ['sandbox', 'sandbox-secret', 'sandbox-secret', null],
    )
    const { pendo: real } = load({ ...pendo, PENDO_WEBHOOK_SECRET: 'theirs' })
    assert.deepEqual(
      [real.integrationKey, real.trackSecret, real.webhookSecret, real.baseUrl],
      ['real-key.us', null, 'theirs', 'https://app.pendo.io'],
    )
  })

  for (const name of ['PENDO_TRACK_SECRET', 'PENDO_WEBHOOK_SECRET']) {
    it(`refuses ${name} without the integration key`, () =>
      assert.throws(() => load({ [name]: 'theirs' }), {
        message: new RegExp(`PENDO_INTEGRATION_KEY must be set because ${name} is`),
      }))
  }

  it('holds when the credential is in a file', () => {
    const config = loadConfig({ ...erasure, HUBSPOT_ACCESS_TOKEN_FILE: '/token' }, () => 'pat-real')
    assert.deepEqual(config.emulation.vendors, { ...off, hubspot: 'real' })
  })

  it('does not send a real credential to the sandbox', () => {
    const config = load({ ...hubspot, SANDBOX: 'hubspot' })
    assert.equal(config.hubspot.accessToken, 'sandbox')
    says(config.emulation, /HUBSPOT_ACCESS_TOKEN is not used while hubspot is emulated/)
  })

  it('keeps an external Kafka and the embedded one apart', () => {
    assert.equal(decide(brokers).platform, 'external')
    assert.equal(decide(hubspot).platform, 'embedded')
  })
})

describe('no sample plays', () => {
  for (const variables of [
    hubspot,
    salesforce,
    zoom,
    brokers,
    { ...brokers, SANDBOX: 'hubspot,salesforce,zoom,pendo' },
  ]) {
    it(`holds with ${Object.keys(variables).join(', ')}`, () => assert.equal(decide(variables).sample, false))
  }
})

describe('default secrets are refused', () => {
  for (const [variables, pattern] of [
    [{ ...hubspot, ZOOM_WEBHOOK_SECRET: 'sandbox-secret' }, /ZOOM_WEBHOOK_SECRET must be a secret of your own/],
    [{ ...zoom, HUBSPOT_ACCESS_TOKEN: 'sandbox' }, /HUBSPOT_ACCESS_TOKEN must be a secret of your own/],
    [{ ...salesforce, SALESFORCE_PRIVATE_KEY: 'sandbox' }, /SALESFORCE_PRIVATE_KEY must be a secret of your own/],
    [{ ...brokers, HUBSPOT_ACCESS_TOKEN: 'sandbox' }, /HUBSPOT_ACCESS_TOKEN .* or add hubspot to SANDBOX/],
    [
      { ...hubspot, ZOOM_ACCOUNTS: 'emea', ZOOM_EMEA_WEBHOOK_SECRET: 'sandbox-secret' },
      /ZOOM_EMEA_WEBHOOK_SECRET must be a secret of your own/,
    ],
    [{ ...hubspot, SEGMENT_WRITE_KEYS: 'sandbox' }, /SEGMENT_WRITE_KEYS must be a secret of your own/],
    [{ SEGMENT_WRITE_KEYS: 'web=real-key,app=sandbox' }, /SEGMENT_WRITE_KEYS must hold keys of your own/],
    [{ ...hubspot, ERASURE_SECRET: 'sandbox-erasure-secret' }, /ERASURE_SECRET must be a key of your own .* default/],
    [{ ...brokers, SANDBOX: 'zoom', ERASURE_SECRET: '' }, /ERASURE_SECRET must be a key of your own .* not set/],
  ] as [Record<string, string>, RegExp][]) {
    it(`holds with ${JSON.stringify(variables)}`, () =>
      assert.throws(() => load(variables), { code: 'CONFIG_INVALID', message: pattern }))
  }

  it('but not those of a vendor that SANDBOX names', () => {
    const config = load({ ...hubspot, SANDBOX: 'zoom', ZOOM_WEBHOOK_SECRET: 'sandbox-secret' })
    assert.equal(config.emulation.vendors.zoom, 'sandbox')
  })

  it('and the sandbox has one for erasures', () => {
    assert.ok(loadConfig({}, () => '').erasureSecret.length >= 16)
  })
})

describe('a vendor with neither credential nor sandbox is off, and start says so', () => {
  it('says it of each vendor', () => {
    says(decide(brokers), /^hubspot is off: it has no credential and SANDBOX does not name it/)
    says(decide(brokers), /^zoom is off/)
    says(decide(brokers), /^salesforce is off: it has no credential and SANDBOX does not name it/)
    says(decide(brokers), /^pendo is off: it has no credential and SANDBOX does not name it/)
    assert.equal(load(brokers).hubspot.accessToken, null)
    assert.equal(load(brokers).salesforce.clientId, null)
    assert.deepEqual(load(brokers).zoom.accounts, [])
  })

  it('says that a vendor of a later version is off although its credential is set', () => {
    const variables = { ACCOUNT_ENGAGEMENT_BUSINESS_UNIT_ID: '0Uv5g' }
    says(decide(variables), /^account-engagement is off: this version does not connect it/)
  })

  it('says what is real and what is emulated, and why', () => {
    const decided = decide({ ...hubspot, SANDBOX: 'zoom' })
    says(decided, /^hubspot is real: HUBSPOT_ACCESS_TOKEN is set/)
    says(decided, /^zoom is emulated: SANDBOX names it/)
    says(decided, /no sample traffic plays/)
    says(decided, /Kafka is embedded, a real one/)
  })

  it('shows no secret', () => {
    const shown = decide({ ...hubspot, ...zoom, ...salesforce }).reasons.join('\n')
    assert.doesNotMatch(shown, /pat-real|real-token|PRIVATE KEY-/)
  })
})

describe('a …_BASE_URL alone redirects a sandboxed vendor', () => {
  const elsewhere = {
    HUBSPOT_BASE_URL: 'http://sandbox:9401',
    SALESFORCE_LOGIN_URL: 'http://sandbox:9402',
    ZOOM_BASE_URL: 'http://sandbox:9403/v2',
    PENDO_BASE_URL: 'http://sandbox:9404',
  }

  it('and is no credential', () => {
    const config = load(elsewhere)
    assert.equal(config.emulation.sample, true)
    assert.equal(config.hubspot.baseUrl, 'http://sandbox:9401')
    assert.equal(config.hubspot.accessToken, 'sandbox')
    assert.equal(config.salesforce.loginUrl, 'http://sandbox:9402')
    assert.equal(config.salesforce.privateKey, null)
    assert.deepEqual([config.pendo.baseUrl, config.pendo.integrationKey], ['http://sandbox:9404', 'sandbox'])
    assert.equal(config.zoom.accounts[0]?.baseUrl, 'http://sandbox:9403/v2')
    assert.equal(config.zoom.accounts[0]?.tokenUrl, 'http://sandbox:9403/oauth/token')
  })

  it('and does not switch on a vendor that is off', () => {
    const config = load({ ...brokers, ...elsewhere })
    assert.equal(config.hubspot.mode, 'off')
    assert.deepEqual([config.salesforce.mode, config.salesforce.loginUrl], ['off', null])
    says(config.emulation, /HUBSPOT_BASE_URL alone is no credential/)
    says(config.emulation, /SALESFORCE_LOGIN_URL alone is no credential/)
  })
})

describe('unknown HUBSPOT_…-like names are reported as probable typing errors', () => {
  for (const name of [
    'HUBSPOT_TOKEN',
    'ZOOM_SECRET',
    'KAFKA_BROKER',
    'SALESFORCE_PASSWORD',
    'PENDO_KEY',
    'SEGMENT_KEY',
  ]) {
    it(`reports ${name}`, () =>
      assert.throws(() => load({ [name]: 'x' }), { message: new RegExp(`${name} is not a setting of Tributary`) }))
  }
})
