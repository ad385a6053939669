import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { TributaryError } from '../runtime/errors.ts'
import { type Artifacts, fetchArtifacts } from './artifacts.ts'
import { type FolderLock, lockFolder } from './folder-lock.ts'
import { kafkaBroker } from './kafka-broker.ts'
import { chooseFreePort, HOST, waitUntilFree } from './ports.ts'
import type { ProcessIdentity } from './process-identity.ts'
import { registryUrl, schemaRegistry } from './schema-registry.ts'
import { type Server, type ServerDefinition, type ServerEvents, startServer } from './server.ts'

const SLOW_MS = 2_000
const DEFAULT_PATIENCE_MS = 5_000

export interface PlatformOptions {
  /** Where Kafka and the registry keep their data and logs; made when absent, and what is in it survives. */
  readonly dataFolder: string
  /** 0 chooses a free one. */
  readonly kafkaPort: number
  /** 0 chooses a free one. */
  readonly registryPort: number
  /** Receives lines for a person to read, when something takes more than two seconds. */
  readonly onProgress: (line: string) => void
  /** Called when one of the servers keeps failing after a good start; without it the error is thrown into the process. */
  readonly onFailure?: (error: TributaryError) => void
  /** How long to wait for ports and folder that a process which is just ending may still hold. Default 5 seconds. */
  readonly patienceMs?: number
}

/** A running Kafka with its schema registry. Both are started again when they end by themselves or are killed. */
export interface Platform {
  /** As kafkajs takes them: `127.0.0.1:9092`. */
  readonly brokers: string[]
  /** Base of the Confluent-compatible interface. */
  readonly registryUrl: string
  readonly kafka: Server
  readonly registry: Server
  /** Stops both and lets go of the data folder. */
  stop(): Promise<void>
}

/**
 * Starts a real Apache Kafka and a Confluent-compatible schema registry as processes of this machine, reachable from it alone, and
 * resolves when both serve. They end with this process, even when it is killed.
 * @throws TributaryError DATA_FOLDER_IN_USE, PORT_IN_USE, JAVA_MISSING, MAVEN_MISSING, ARTIFACTS_NOT_FETCHED, KAFKA_NOT_STARTED,
 * REGISTRY_NOT_STARTED
 */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const { onProgress, patienceMs = DEFAULT_PATIENCE_MS } = options
  const dataFolder = resolve(options.dataFolder)
  const artifacts = await fetchArtifacts(onProgress)
  const lock = await lockFolder(join(dataFolder, 'platform.lock'), {
    patienceMs,
    onWait: onProgress,
    refusal: pid => dataFolderInUse(dataFolder, pid),
  })
  try {
    const [kafkaPort, registryPort] = await choosePorts(options, patienceMs)
    const definitions = define({ artifacts, dataFolder, kafkaPort, registryPort })
    const starting = startBoth(definitions, eventsFor(options, lock))
    const [kafka, registry] = await tellWhenSlow(starting, 'Starting Kafka and the schema registry …', onProgress)
    const stop = async () => {
      const stopping = Promise.all([kafka.stop(), registry.stop()])
      await tellWhenSlow(stopping, 'Stopping Kafka and the schema registry …', onProgress)
      lock.release()
    }
    return { brokers: [`${HOST}:${kafkaPort}`], registryUrl: registryUrl(registryPort), kafka, registry, stop }
  } catch (error) {
    lock.release()
    throw error
  }
}

interface Places {
  readonly artifacts: Artifacts
  readonly dataFolder: string
  readonly kafkaPort: number
  readonly registryPort: number
}

function define({ artifacts, dataFolder, kafkaPort, registryPort }: Places): [ServerDefinition, ServerDefinition] {
  const logFolder = join(dataFolder, 'logs')
  mkdirSync(logFolder, { recursive: true })
  const place = (name: string, port: number) => ({
    artifacts,
    folder: join(dataFolder, name),
    outputFile: join(logFolder, `${name}.log`),
    port,
  })
  return [kafkaBroker(place('kafka', kafkaPort)), schemaRegistry(place('registry', registryPort))]
}

async function tellWhenSlow<Value>(work: Promise<Value>, line: string, tell: (line: string) => void): Promise<Value> {
  const slow = setTimeout(tell, SLOW_MS, line)
  try {
    return await work
  } finally {
    clearTimeout(slow)
  }
}

async function choosePorts(
  { kafkaPort, registryPort }: PlatformOptions,
  patienceMs: number,
): Promise<[number, number]> {
  const wanted = [
    { port: kafkaPort, purpose: 'the embedded Kafka', setting: 'KAFKA_PORT' },
    { port: registryPort, purpose: 'the embedded schema registry', setting: 'REGISTRY_PORT' },
  ].filter(({ port }) => port !== 0)
  await waitUntilFree(wanted, patienceMs)
  return [kafkaPort || (await chooseFreePort()), registryPort || (await chooseFreePort())]
}

/** Both at once; when one does not start the other is stopped. */
async function startBoth(
  [kafka, registry]: [ServerDefinition, ServerDefinition],
  eventsOf: (name: string) => ServerEvents,
): Promise<[Server, Server]> {
  const [first, second] = await Promise.allSettled([
    startServer(kafka, eventsOf('kafka')),
    startServer(registry, eventsOf('registry')),
  ])
  if (first.status === 'fulfilled' && second.status === 'fulfilled') return [first.value, second.value]
  for (const outcome of [first, second]) if (outcome.status === 'fulfilled') await outcome.value.stop()
  throw first.status === 'rejected' ? first.reason : (second as PromiseRejectedResult).reason
}

/** Each server reports its processes under its name; the lock keeps the list of all. */
function eventsFor({ onProgress, onFailure }: PlatformOptions, lock: FolderLock): (name: string) => ServerEvents {
  const processes = new Map<string, readonly ProcessIdentity[]>()
  const raise = (error: TributaryError) => {
    throw error
  }
  return name => ({
    onProgress,
    onFailure: onFailure ?? raise,
    onRun: identities => {
      processes.set(name, identities)
      lock.recordChildren([...processes.values()].flat())
    },
  })
}

function dataFolderInUse(folder: string, pid: number): TributaryError {
  return new TributaryError(
    'DATA_FOLDER_IN_USE',
    `Expected the data folder ${folder} to be free, but the tributary of process ${pid} is using it. Stop that one, or set TRIBUTARY_DATA to another folder and KAFKA_PORT and REGISTRY_PORT to other ports.`,
  )
}
