import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { type Platform, startPlatform } from '../../services/platform/platform.ts'
import { startTestKafka } from '../kafka.ts'
import { atEnd } from './at-end.ts'
import { applyTopology, sharingSettings } from './cluster.ts'
import { launchServices, type Program, runProgram } from './program.ts'
import { freePorts, ownSettings, type Settings } from './settings.ts'

test('services name the Kafka that they wait for, and go on when it comes', async context => {
  const own = await ownSettings(context)
  const first = await startPlatformOf(own)
  const settings = { ...own, ...sharingSettings(first) }
  await applyTopology(context, settings)
  await first.stop()

  const services = launchServices(context, ['ingest', 'identity-resolver'], settings)
  await services.prints(new RegExp(`Waiting for Kafka at ${escaped(first.brokers[0])}`))
  const second = await startPlatformOf(own)
  atEnd(context, () => second.stop())
  await services.prints(/^Ready\./m)
  assert.equal(linesThatBegin('Waiting for', services).length, 1, 'said once')
  assert.equal(await services.end('SIGTERM'), 0)
})

test('services name the registry that they wait for, and go on when it comes', async context => {
  const kafka = await startTestKafka()
  atEnd(context, () => kafka.stop())
  const shared = { ...(await ownSettings(context)), ...sharingSettings(kafka) }
  await applyTopology(context, shared)
  const registry = new URL(kafka.registryUrl)
  const port = await freePorts(1)

  const settings = { ...shared, SCHEMA_REGISTRY_URL: `http://127.0.0.1:${port}${registry.pathname}` }
  const services = launchServices(context, ['ingest', 'identity-resolver'], settings)
  await services.prints(new RegExp(`Waiting for the schema registry at http://127\\.0\\.0\\.1:${port}`))
  await leadTo(context, port, registry)
  await services.prints(/^Ready\./m)
  assert.equal(await services.end('SIGTERM'), 0)
})

test('services in processes of their own may start at the same time as the embedded platform, which makes their topics', async context => {
  const settings = await ownSettings(context)
  const started = ['platform', 'ingest', 'identity-resolver', 'webinar-contact'].map(name =>
    launchServices(context, [name], settings),
  )
  for (const services of started) await services.prints(/^Ready\./m)
})

test('a start that waits ends at once when it is asked to', async context => {
  const port = await freePorts(2)
  const nowhere = { brokers: [`127.0.0.1:${port}`], registryUrl: `http://127.0.0.1:${port + 1}` }
  const services = launchServices(context, [], { ...(await ownSettings(context)), ...sharingSettings(nowhere) })
  await services.prints(/^Waiting for Kafka at /m)
  assert.equal(await services.end('SIGTERM'), 1)
  assert.match(services.stderr(), /^INTERRUPTED: .*Kafka at /m)
  assert.doesNotMatch(services.stderr(), /KAFKA_UNAVAILABLE|^\s+at /m)
})

test('a cluster without the topics is refused with the command that makes them, and plan tells by its exit code', async context => {
  const kafka = await startTestKafka()
  atEnd(context, () => kafka.stop())
  const settings = { ...(await ownSettings(context)), ...sharingSettings(kafka) }
  const run = (...args: string[]) => runProgram(context, args, settings)

  const start = await run('start')
  assert.equal(start.code, 1)
  assert.match(start.stderr, /TOPICS_NOT_APPLIED: .*tributary topology apply/)
  const before = await run('topology', 'plan')
  assert.equal(before.code, 2, before.stderr)
  assert.match(before.stdout, /webinar-histories/)
  assert.equal((await run('topology', 'apply')).code, 0)
  const after = await run('topology', 'plan')
  assert.equal(after.code, 0, after.stderr)
  assert.match(after.stdout, /The cluster is as the map says/)
})

/** The platform of these settings; a second one continues what the first left. */
const startPlatformOf = (settings: Settings): Promise<Platform> =>
  startPlatform({
    dataFolder: join(settings['TRIBUTARY_DATA'] ?? '', 'platform'),
    kafkaPort: Number(settings['KAFKA_PORT']),
    registryPort: Number(settings['REGISTRY_PORT']),
    onProgress: () => undefined,
  })

/** From now on the port leads to that server. */
const leadTo = async (context: TestContext, port: number, { hostname, port: target }: URL): Promise<void> => {
  const server = createServer(socket => {
    const onward = connect(Number(target), hostname)
    socket.pipe(onward).pipe(socket)
    for (const end of [socket, onward]) end.on('error', () => undefined)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  atEnd(context, () => void server.close())
}

const linesThatBegin = (words: string, program: Program): readonly string[] =>
  program
    .stderr()
    .split('\n')
    .filter(line => line.startsWith(words))

const escaped = (text = ''): string => text.replaceAll('.', '\\.')
