import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { startTestKafka } from '../kafka.ts'
import { atEnd } from './at-end.ts'
import { applyTopology, sharingSettings } from './cluster.ts'
import { runProgram } from './program.ts'
import { ownSettings, type Settings } from './settings.ts'

test('a port in use is named with the setting that changes it', async context => {
  const kafka = await startTestKafka()
  atEnd(context, () => kafka.stop())
  const emulated = { SANDBOX: 'hubspot,salesforce,zoom,pendo' }
  const settings: Settings = { ...(await ownSettings(context)), ...sharingSettings(kafka), ...emulated }
  await applyTopology(context, settings)
  const cases = [
    { service: 'ingest', setting: 'INGEST_PORT', from: 0 },
    { service: 'console', setting: 'CONSOLE_PORT', from: 0 },
    { service: 'sandbox-hubspot', setting: 'SANDBOX_PORT_BASE', from: 0 },
    { service: 'sandbox-salesforce', setting: 'SANDBOX_PORT_BASE', from: 1 },
    { service: 'sandbox-zoom', setting: 'SANDBOX_PORT_BASE', from: 2 },
    { service: 'sandbox-pendo', setting: 'SANDBOX_PORT_BASE', from: 3 },
  ]
  for (const { service, setting, from } of cases) {
    const port = Number(settings[setting]) + from
    const release = await take(context, port)
    const message = await refusal(context, ['start', service], settings)
    assert.match(message, new RegExp(`^PORT_IN_USE: .*\\b${port}\\b.*${setting}`, 'm'))
    await release()
  }
})

test('a port that the embedded platform needs is named with the setting that changes it', async context => {
  const settings = await ownSettings(context)
  await take(context, Number(settings['KAFKA_PORT']))
  await take(context, Number(settings['REGISTRY_PORT']))
  const message = await refusal(context, ['start'], settings)
  for (const setting of ['KAFKA_PORT', 'REGISTRY_PORT'])
    assert.match(message, new RegExp(`Port ${settings[setting]}\\b.*set ${setting} `))
})

test('all mistakes of the configuration are named at once, without the value of a secret', async context => {
  const message = await refusal(context, ['start'], {
    KAFKA_PORT: 'abc',
    INGEST_PORT: '99999',
    LOG_LEVEL: 'loud',
    SANDBOX: 'account-engagement,zom',
    ERASURE_SECRET: 'too short',
    INGEST_PROT: '1',
    HUBSPOT_ACCES_TOKEN: 'pat-na1-never-printed',
    ZOOM_CLIENT_SECRET: 'never-printed-either',
    HUBSPOT_BASE_URL: 'ftp://example.com',
  })
  const named = [
    ['KAFKA_PORT', '"abc"'],
    ['INGEST_PORT', '"99999"'],
    ['LOG_LEVEL', '"loud"'],
    ['SANDBOX', 'account-engagement'],
    ['SANDBOX', 'Probably zoom'],
    ['ERASURE_SECRET', 'at least 16 characters'],
    ['INGEST_PROT', 'Probably INGEST_PORT'],
    ['HUBSPOT_ACCES_TOKEN', 'Probably HUBSPOT_ACCESS_TOKEN'],
    ['HUBSPOT_BASE_URL', 'http://'],
  ]
  const mistakes = message.split('\n').filter(line => line.startsWith('- '))
  for (const [setting = '', word = ''] of named)
    assert.ok(
      mistakes.some(line => line.startsWith(`- ${setting} `) && line.includes(word)),
      `${setting} with ${word} among\n${message}`,
    )
  assert.doesNotMatch(message, /never-printed|too short/)
})

test('the secrets that everybody knows are refused beside a real credential', async context => {
  const message = await refusal(context, ['start'], {
    HUBSPOT_ACCESS_TOKEN: 'pat-na1-of-a-real-portal',
    ZOOM_WEBHOOK_SECRET: 'sandbox-secret',
  })
  assert.match(message, /^- ZOOM_WEBHOOK_SECRET must be a secret of your own/m)
  assert.match(message, /^- ERASURE_SECRET must be a key of your own/m)
})

test('half a cluster is refused: brokers need their registry, and the registry its brokers', async context => {
  const brokers = await refusal(context, ['start'], { KAFKA_BROKERS: '127.0.0.1:1', ERASURE_SECRET: 'a'.repeat(32) })
  assert.match(brokers, /SCHEMA_REGISTRY_URL must be set because KAFKA_BROKERS is/)
  const registry = await refusal(context, ['topology', 'plan'], { SCHEMA_REGISTRY_URL: 'http://127.0.0.1:1' })
  assert.match(registry, /KAFKA_BROKERS must be set because SCHEMA_REGISTRY_URL is/)
})

test('a service, a command or an alias that there is not is answered with those that there are', async context => {
  const settings = await ownSettings(context)
  const service = await refusal(context, ['start', 'hubspott'], settings)
  assert.match(service, /^SERVICE_UNKNOWN: .*hubspott.*identity-resolver.*hubspot/m)
  assert.match(await refusal(context, ['strat'], settings), /unknown command 'strat'\n\(Did you mean start\?\)/)
  assert.match(await refusal(context, ['erase', 'ada@example.com'], settings), /^ALIAS_MALFORMED: .*email, user, /m)
})

/** What the program says when it refuses: for people, so without a stack. */
const refusal = async (context: TestContext, args: readonly string[], settings: Settings): Promise<string> => {
  const { code, stdout, stderr } = await runProgram(context, args, settings)
  assert.equal(code, 1, stderr)
  assert.equal(stdout, '')
  assert.doesNotMatch(stderr, /^\s+at /m)
  return stderr
}

/** Another program uses the port until the test ends or it is released. */
const take = async (context: TestContext, port: number): Promise<() => Promise<void>> => {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  const release = async (): Promise<void> => {
    if (!server.listening) return
    server.close()
    await once(server, 'close')
  }
  atEnd(context, release)
  return release
}
