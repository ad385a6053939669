import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { Kafka, logLevel } from 'kafkajs'
import { type Platform, startPlatform } from '../../services/platform/platform.ts'
import { outputOf, runs, until } from './until.ts'

const PROGRAM = fileURLToPath(new URL('fixtures/run-platform.ts', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tributary-platform-'))
/** Linux answers at all of 127/8 for a server that listens everywhere. */
const otherLoopbackMissing = process.platform === 'linux' ? false : 'only Linux has 127.0.0.2'
const progress: string[] = []
let platform: Platform | undefined

after(async () => {
  await platform?.stop()
  rmSync(folder, { recursive: true, force: true })
})

test('kill -9 of the program leaves no process behind, and a start right after it finds records and schemas', async () => {
  const program = spawn(process.execPath, [PROGRAM, folder], { stdio: ['ignore', 'pipe', 'pipe'] })
  const output = outputOf(program)
  await until('the platform is up', () => output().includes('\n') || program.exitCode !== null)
  const { brokers, registryUrl, pids } = JSON.parse(output()) as Platform & { pids: number[] }
  assert.deepEqual(pids.map(runs), [true, true])
  await produce(brokers, ['before the kill'])
  const id = await register(registryUrl)

  program.kill('SIGKILL')
  platform = await start()

  assert.deepEqual(pids.map(runs), [false, false])
  assert.deepEqual(await consume(platform.brokers, 1), ['before the kill'])
  assert.equal(await registeredId(platform.registryUrl), id)
})

test('a broker and a registry killed with -9 come back on the same addresses with all that they had acknowledged', async () => {
  assert.ok(platform)
  const { kafka, registry } = platform
  const before = [kafka.pid, registry.pid]
  await produce(platform.brokers, ['before the broker was killed'])
  const subjects = Array.from({ length: 10 }, (_, index) => `acknowledged${index}-value`)
  const ids = await registerAll(platform.registryUrl, subjects)
  for (const server of [registry, kafka]) server.kill('SIGKILL')
  await Promise.all([kafka.ready(), registry.ready()])
  assert.ok(![kafka.pid, registry.pid].some(pid => before.includes(pid)))
  assert.ok(progress.includes('Kafka ended unexpectedly and is started again.'))
  assert.deepEqual(await consume(platform.brokers, 2), ['before the kill', 'before the broker was killed'])
  assert.deepEqual(await registeredIds(platform.registryUrl, subjects), ids)
})

test('Kafka and the registry are reached at 127.0.0.1 alone', { skip: otherLoopbackMissing }, async () => {
  assert.ok(platform)
  for (const address of [...platform.brokers, new URL(platform.registryUrl).host]) {
    const port = Number(address.split(':')[1])
    assert.deepEqual(await Promise.all([accepts('127.0.0.1', port), accepts('127.0.0.2', port)]), [true, false])
  }
})

test('a second platform on the same folder is refused, naming the process that has it', async () => {
  await assert.rejects(start({ patienceMs: 0 }), {
    code: 'DATA_FOLDER_IN_USE',
    message: new RegExp(`${folder}.*process ${process.pid} .*TRIBUTARY_DATA`),
  })
})

test('ports in use are named with the settings that change them', async () => {
  const other = createServer().listen(0, '127.0.0.1')
  await until('the port is taken', () => other.listening)
  const { port } = other.address() as { port: number }
  const elsewhere = join(folder, 'another')
  await assert.rejects(start({ dataFolder: elsewhere, kafkaPort: port, registryPort: port, patienceMs: 0 }), {
    code: 'PORT_IN_USE',
    message: new RegExp(`Port ${port} .*KAFKA_PORT.*\\nPort ${port} .*REGISTRY_PORT`),
  })
  other.close()
})

test('stopping ends both processes', async () => {
  assert.ok(platform)
  const pids = [platform.kafka.pid, platform.registry.pid]
  await platform.stop()
  assert.deepEqual(pids.map(runs), [false, false])
})

function start(options: Partial<Parameters<typeof startPlatform>[0]> = {}): Promise<Platform> {
  const onProgress = (line: string) => progress.push(line)
  return startPlatform({ dataFolder: folder, kafkaPort: 0, registryPort: 0, onProgress, ...options })
}

async function register(registryUrl: string, subject = 'survivors-value'): Promise<number> {
  const schema = JSON.stringify({
    type: 'record',
    name: subject.split('-')[0],
    fields: [{ name: 'name', type: 'string' }],
  })
  const answer = await fetch(`${registryUrl}/subjects/${subject}/versions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ schema }),
  })
  return ((await answer.json()) as { id: number }).id
}

async function registeredId(registryUrl: string, subject = 'survivors-value'): Promise<number> {
  const answer = await fetch(`${registryUrl}/subjects/${subject}/versions/latest`)
  return ((await answer.json()) as { id: number }).id
}

function registerAll(registryUrl: string, subjects: string[]): Promise<number[]> {
  return Promise.all(subjects.map(subject => register(registryUrl, subject)))
}

function registeredIds(registryUrl: string, subjects: string[]): Promise<number[]> {
  return Promise.all(subjects.map(subject => registeredId(registryUrl, subject)))
}

function accepts(host: string, port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port })
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

function client(brokers: string[]): Kafka {
  return new Kafka({ brokers, logLevel: logLevel.NOTHING })
}

async function produce(brokers: string[], values: string[]): Promise<void> {
  const admin = client(brokers).admin()
  await admin.createTopics({ topics: [{ topic: 'survivors', numPartitions: 1 }] })
  await admin.disconnect()
  const producer = client(brokers).producer()
  await producer.connect()
  await producer.send({ topic: 'survivors', acks: -1, messages: values.map(value => ({ value })) })
  await producer.disconnect()
}

async function consume(brokers: string[], count: number): Promise<string[]> {
  const values: string[] = []
  const consumer = client(brokers).consumer({ groupId: `readers-${count}` })
  await consumer.subscribe({ topic: 'survivors', fromBeginning: true })
  await consumer.run({ eachMessage: ({ message }) => Promise.resolve(void values.push(`${message.value}`)) })
  await until(`${count} records were read`, () => values.length >= count)
  await consumer.disconnect()
  return values
}
