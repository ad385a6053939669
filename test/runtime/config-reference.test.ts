import assert from 'node:assert/strict'
import { it } from 'node:test'
import { settingsReference } from '../../services/runtime/config/settings.ts'

/** Every name of interfaces.md, "Environment" and "Ports and paths". Names are public: this list changes only with a note to users. */
const publicNames = `
  KAFKA_BROKERS KAFKA_SSL KAFKA_SASL_MECHANISM KAFKA_SASL_USERNAME KAFKA_SASL_PASSWORD SCHEMA_REGISTRY_URL SCHEMA_REGISTRY_AUTH
  HUBSPOT_ACCESS_TOKEN HUBSPOT_CLIENT_SECRET HUBSPOT_APP_ID HUBSPOT_SWEEP_EVERY HUBSPOT_MARKETING_EVERY HUBSPOT_MARKETING_OVERLAP HUBSPOT_EVENT_BUDGET HUBSPOT_BASE_URL
  SALESFORCE_LOGIN_URL SALESFORCE_CLIENT_ID SALESFORCE_USERNAME SALESFORCE_PRIVATE_KEY SALESFORCE_SWEEP_EVERY SALESFORCE_CHANGE_EVENTS SALESFORCE_PUBSUB_ENDPOINT
  ZOOM_ACCOUNT_ID ZOOM_CLIENT_ID ZOOM_CLIENT_SECRET ZOOM_WEBHOOK_SECRET ZOOM_BASE_URL ZOOM_TOKEN_URL ZOOM_ACCOUNTS ZOOM_REPORT_AFTER ZOOM_REPORT_WAIT ZOOM_SWEEP_EVERY
  PENDO_INTEGRATION_KEY PENDO_TRACK_SECRET PENDO_WEBHOOK_SECRET PENDO_SWEEP_EVERY PENDO_BASE_URL
  ACCOUNT_ENGAGEMENT_BUSINESS_UNIT_ID ACCOUNT_ENGAGEMENT_BASE_URL ACCOUNT_ENGAGEMENT_UNITS SEGMENT_WRITE_KEYS SEGMENT_WEBHOOK_SECRET
  INGEST_PORT CONSOLE_PORT SANDBOX_PORT_BASE KAFKA_PORT REGISTRY_PORT TRIBUTARY_DATA TOPIC_PREFIX INGEST_PUBLIC_URL SANDBOX LOG_LEVEL
  TASK_SYNC PARK_LIMIT RECREATE_DELETED DEAD_LETTER_CEILING ERASURE_SECRET INGEST_HOST CONSOLE_HOST CONSOLE_TOKEN SANDBOX_HOST SANDBOX_TOKEN
`
  .trim()
  .split(/\s+/)

it('the reference holds every public name, each explained', () => {
  const reference = settingsReference()
  assert.deepEqual(reference.map(({ name }) => name).toSorted(), publicNames.toSorted())
  for (const { name, meaning } of reference) assert.match(meaning, /^\p{Lu}.*\.$/u, name)
})

it('every default fits its own setting, and no secret has one', () => {
  for (const setting of settingsReference()) {
    if (setting.default === undefined) continue
    assert.ok(setting.kind.schema.safeParse(setting.default).success, setting.name)
    assert.equal(setting.secret, undefined, setting.name)
  }
})
