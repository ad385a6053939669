import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, it, type TestContext } from 'node:test'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { manualClock } from '../clock.ts'
import { lookForLeaks, privacyProblem } from './check.ts'
import { createOutputFolder, keepLog, keepMetrics, keepSecrets, metricsAt, type OutputFolder } from './kept-output.ts'

/** What this process keeps goes into a folder of the test. */
const opened = (context: TestContext): OutputFolder => {
  const output = createOutputFolder()
  const before = process.env['TRIBUTARY_TEST_OUTPUT']
  Object.assign(process.env, output.variables)
  context.after(() => {
    if (before === undefined) delete process.env['TRIBUTARY_TEST_OUTPUT']
    else process.env['TRIBUTARY_TEST_OUTPUT'] = before
    output.remove()
  })
  return output
}

const logged = (where: string, ...chunks: readonly string[]): void => {
  const stream = new PassThrough()
  keepLog(where, [stream])
  for (const chunk of chunks) stream.write(chunk)
}

/** A Kafka with one record that has these headers. */
const kafkaWith = async (headers: Readonly<Record<string, string>>) => {
  const kafka = memoryKafka({ clock: manualClock() })
  await kafka.topics.create([{ name: 'dead-letters', partitions: 1, config: {} }])
  const publisher = await kafka.publisher('test')
  const value = Buffer.from('original of ada@example.com')
  await publisher.publish([{ topic: 'dead-letters', partition: 0, key: 'ada@example.com', value, headers }])
  await publisher.close()
  return kafka
}

const leaks = async (
  output: OutputFolder,
  headers: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> => (await lookForLeaks(output, [await kafkaWith(headers)])).leaks

describe('the check finds', () => {
  it('an address that is cut in two by the pipe, with its line', async context => {
    const output = opened(context)
    logged('tributary start', 'fine\nalso fine\nlost ada@exa', 'mple.com\n')
    assert.deepEqual(await leaks(output), ['e-mail address in the log of tributary start, line 3'])
  })

  it('the secrets that the programs were given, from settings of named accounts and from files too', async context => {
    const folder = mkdtempSync(join(tmpdir(), 'privacy-'))
    context.after(() => rmSync(folder, { recursive: true }))
    const file = join(folder, 'key')
    writeFileSync(file, '-----BEGIN PRIVATE KEY-----\nfirst-line-of-it\nsecond-line-of-it\n-----END PRIVATE KEY-----\n')
    const settings = {
      ERASURE_SECRET: 'secret-of-erasure',
      ZOOM_EMEA_WEBHOOK_SECRET: 'secret-of-emea',
      SCHEMA_REGISTRY_AUTH: 'registry-user:secret-of-registry',
      SALESFORCE_PRIVATE_KEY_FILE: file,
      LOG_LEVEL: 'debug-is-no-secret',
    }
    const said = ['secret-of-erasure', 'secret-of-emea', 'secret-of-registry', 'second-line-of-it']
    for (const text of [...said, 'debug-is-no-secret registry-user']) {
      const output = opened(context)
      keepSecrets(settings)
      logged('tributary', `it says ${text}\n`)
      assert.equal((await leaks(output)).length, said.includes(text) ? 1 : 0, text)
    }
  })

  it('a key over several lines', async context => {
    const output = opened(context)
    logged('tributary', '-----BEGIN PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq0\n')
    assert.deepEqual(await leaks(output), ['private key in the log of tributary, over several lines'])
  })

  it('a name in a label of a metric', async context => {
    const output = opened(context)
    const server = createServer((_, answer) => answer.end('tributary_events_total{consumer="Greta Lindqvist"} 1\n'))
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    context.after(() => server.close())
    await keepMetrics('tributary start', metricsAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`))
    assert.deepEqual(await leaks(output), ['name of a person in the metrics of tributary start'])
  })

  it('an address in the reason of a dead letter or in the name of a header, never in its key or value', async context => {
    const output = opened(context)
    assert.deepEqual(await leaks(output, { 'error.message': 'refused' }), [])
    assert.deepEqual(await leaks(output, { 'error.message': 'ada@example.com is refused' }), [
      'e-mail address in the header error.message of dead-letters, partition 0 offset 0 (1 values)',
    ])
    assert.deepEqual(await leaks(output, { 'ada@example.com': 'x' }), [
      'e-mail address in the name of a header of dead-letters',
    ])
  })

  it('a signature anywhere but in the header that keeps it for the retry', async context => {
    const output = opened(context)
    const signature = `v0=${'0a'.repeat(32)}`
    assert.deepEqual(await leaks(output, { 'x-zm-signature': signature }), [])
    assert.equal((await leaks(output, { 'error.message': signature })).length, 1)
    assert.equal((await leaks(output, { 'x-zm-signature': `${signature} ada@example.com` })).length, 1)
  })
})

it('what waits for a person keeps the key and the alias that it came with', async context => {
  const output = opened(context)
  for (const address of ['ada@example.com', 'greta.lindqvist@example.com'])
    assert.deepEqual(await leaks(output, { 'parked.key': address, 'parked.alias': `email:${address}` }), [])
  assert.equal((await leaks(output, { 'parked.topic': 'ada@example.com' })).length, 1)
})

describe('a run', () => {
  const look = (output: OutputFolder, isWhole: boolean) =>
    privacyProblem({ output, clusters: [], isWhole, say: () => undefined })

  it('as a whole is not good when there was nothing to look at', async context => {
    assert.match((await look(opened(context), true)) ?? '', /0 logs, 0 texts of \/metrics and 0 values of headers/)
  })

  it('of some files is good without, and not with a leak', async context => {
    const output = opened(context)
    assert.equal(await look(output, false), undefined)
    logged('tributary', 'ada@example.com\n')
    assert.match((await look(output, false)) ?? '', /^e-mail address in the log of tributary, line 1$/)
  })
})
