import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SINGLE_BROKER_SETTINGS } from '../services/platform/kafka-broker.ts'
import { startPlatform } from '../services/platform/platform.ts'
import { chooseFreePort } from '../services/platform/ports.ts'

const KAFKA_IMAGE = 'apache/kafka:4.3.0'
const REGISTRY_IMAGE = 'apicurio/apicurio-registry-mem:2.6.13.Final'
const REGISTRY_PATH = '/apis/ccompat/v7'
const DETECTION_PATIENCE_MS = 5_000
const START_PATIENCE_MS = 180_000

/** A real Kafka and schema registry for tests. Tests share it and keep apart by a TOPIC_PREFIX of their own. */
export interface TestKafka {
  readonly brokers: string[]
  readonly registryUrl: string
  /** Which implementation of the seam this is. */
  readonly kind: 'shared' | 'containers' | 'embedded'
  stop(): Promise<void>
}

export interface TestKafkaOptions {
  /** Receives lines for a person to read while something takes long. */
  readonly say?: (line: string) => void
  /** Starts one of this implementation, and no other; TRIBUTARY_TEST_KAFKA does the same. */
  readonly only?: 'containers' | 'embedded'
}

/**
 * The one seam by which tests get a Kafka. In order: the one that the test runner shares (TRIBUTARY_TEST_BROKERS and
 * TRIBUTARY_TEST_REGISTRY_URL; stopping it does nothing); containers where a Docker engine answers and has or gets the images; else
 * the embedded platform in a temporary folder.
 */
export async function startTestKafka(options: TestKafkaOptions = {}): Promise<TestKafka> {
  const { say = () => undefined, only = process.env['TRIBUTARY_TEST_KAFKA'] } = options
  if (only === 'containers') return startContainers()
  if (only === 'embedded') return startEmbedded(say)
  const shared = sharedKafka()
  if (shared) return shared
  if (!(await dockerEngineAnswers())) return startEmbedded(say)
  try {
    return await startContainers()
  } catch (error) {
    say(`A Docker engine answers but cannot run Kafka, so the embedded one is used: ${(error as Error).message}`)
    return startEmbedded(say)
  }
}

/** Asks the engine itself, wherever testcontainers would look for one. */
export async function dockerEngineAnswers(): Promise<boolean> {
  const { getContainerRuntimeClient } = await import('testcontainers')
  const answer = getContainerRuntimeClient().then(
    () => true,
    () => false,
  )
  const patience = new Promise<boolean>(resolve => setTimeout(resolve, DETECTION_PATIENCE_MS, false).unref())
  return Promise.race([answer, patience])
}

function sharedKafka(): TestKafka | undefined {
  const { TRIBUTARY_TEST_BROKERS: brokers, TRIBUTARY_TEST_REGISTRY_URL: registryUrl } = process.env
  if (!brokers || !registryUrl) return undefined
  return { brokers: brokers.split(','), registryUrl, kind: 'shared', stop: () => Promise.resolve() }
}

async function startEmbedded(say: (line: string) => void): Promise<TestKafka> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'tributary-test-'))
  const removeData = () => rmSync(dataFolder, { recursive: true, force: true })
  try {
    const platform = await startPlatform({ dataFolder, kafkaPort: 0, registryPort: 0, onProgress: say })
    const stop = () => platform.stop().finally(removeData)
    return { brokers: platform.brokers, registryUrl: platform.registryUrl, kind: 'embedded', stop }
  } catch (error) {
    removeData()
    throw error
  }
}

async function startContainers(): Promise<TestKafka> {
  const { GenericContainer, Wait, getContainerRuntimeClient } = await import('testcontainers')
  const { host } = (await getContainerRuntimeClient()).info.containerRuntime
  // Kafka tells clients its own address, so the port on the host must be known before it starts.
  const port = await chooseFreePort()
  const kafka = new GenericContainer(KAFKA_IMAGE)
    .withExposedPorts({ container: 9092, host: port })
    .withEnvironment(kafkaEnvironment(`${host}:${port}`))
    .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
    .withStartupTimeout(START_PATIENCE_MS)
  const registry = new GenericContainer(REGISTRY_IMAGE)
    .withExposedPorts(8080)
    .withWaitStrategy(Wait.forHttp(`${REGISTRY_PATH}/subjects`, 8080))
    .withStartupTimeout(START_PATIENCE_MS)
  const outcomes = await Promise.allSettled([kafka.start(), registry.start()])
  const stop = async () => {
    for (const outcome of outcomes) if (outcome.status === 'fulfilled') await outcome.value.stop()
  }
  const [startedKafka, startedRegistry] = outcomes
  if (startedKafka.status === 'rejected' || startedRegistry.status === 'rejected') {
    await stop()
    throw outcomes.find(outcome => outcome.status === 'rejected')?.reason
  }
  const registryUrl = `http://${host}:${startedRegistry.value.getMappedPort(8080)}${REGISTRY_PATH}`
  return { brokers: [`${host}:${port}`], registryUrl, kind: 'containers', stop }
}

/** The image takes each setting of server.properties as a variable: `log.dirs` is KAFKA_LOG_DIRS. */
function kafkaEnvironment(advertised: string): Record<string, string> {
  const settings = {
    ...SINGLE_BROKER_SETTINGS,
    listeners: 'PLAINTEXT://0.0.0.0:9092,CONTROLLER://localhost:9093',
    'advertised.listeners': `PLAINTEXT://${advertised}`,
    'controller.quorum.voters': '1@localhost:9093',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
  }
  const variables = Object.entries(settings).map(([name, value]) => [variableOf(name), `${value}`])
  return Object.fromEntries(variables)
}

function variableOf(setting: string): string {
  return `KAFKA_${setting.toUpperCase().replaceAll('.', '_')}`
}
