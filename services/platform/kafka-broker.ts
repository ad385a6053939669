import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { TributaryError } from '../runtime/errors.ts'
import type { Artifacts } from './artifacts.ts'
import { classArchive } from './class-archive.ts'
import { findJava, plainEnvironment } from './java.ts'
import { answers, chooseFreePort, HOST } from './ports.ts'
import type { ServerDefinition } from './server.ts'

const MEBIBYTE = 1024 * 1024

/** What a single broker needs set for development and tests, beside its addresses and folder; in containers too. */
export const SINGLE_BROKER_SETTINGS: Readonly<Record<string, string | number | boolean>> = {
  'process.roles': 'broker,controller',
  'node.id': 1,
  'controller.listener.names': 'CONTROLLER',
  // Topics are made by `tributary topology apply`; a misspelt one must not come into being.
  'auto.create.topics.enable': false,
  // A consumer group of one process has nobody to wait for.
  'group.initial.rebalance.delay.ms': 0,
  // After kill -9 the controller lets the broker in again only when its former session has run out.
  'broker.session.timeout.ms': 3_000,
  'broker.heartbeat.interval.ms': 500,
  // One broker holds the only replica.
  'offsets.topic.replication.factor': 1,
  'transaction.state.log.replication.factor': 1,
  'transaction.state.log.min.isr': 1,
  'share.coordinator.state.topic.replication.factor': 1,
  'share.coordinator.state.topic.min.isr': 1,
  // Few and small internal logs: each partition costs time at every start, and small segments are compacted soon.
  'offsets.topic.num.partitions': 10,
  'offsets.topic.segment.bytes': 16 * MEBIBYTE,
  'transaction.state.log.num.partitions': 5,
  'transaction.state.log.segment.bytes': 16 * MEBIBYTE,
  'log.index.size.max.bytes': MEBIBYTE,
  'log.cleaner.dedupe.buffer.size': 16 * MEBIBYTE,
}

const JAVA_OPTIONS = [
  '-Xms128m',
  '-Xmx768m',
  '-Djava.awt.headless=true',
  '-Djava.net.preferIPv4Stack=true',
  '-Dorg.slf4j.simpleLogger.showDateTime=true',
  '-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd HH:mm:ss,SSS',
  '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
  // Prints the line by which the start is seen to be complete.
  '-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info',
]
const STARTED = /Kafka Server started/

export interface KafkaOptions {
  readonly artifacts: Artifacts
  /** Kafka's own; formatted when empty. */
  readonly folder: string
  readonly outputFile: string
  readonly port: number
  /** Makes it one of several brokers; alone when absent. */
  readonly member?: ClusterMember
}

/** A broker's part in a cluster of several. */
export interface ClusterMember {
  /** The same for all of them: 16 bytes as `clusterId` gives them. */
  readonly clusterId: string
  /** Settings beside and before those of a single broker: at least its number and all listeners. */
  readonly settings: Settings
}

type Settings = Readonly<Record<string, string | number | boolean>>

/** Apache Kafka (KRaft, broker and controller in one process) on 127.0.0.1. */
export function kafkaBroker({ artifacts, folder, outputFile, port, member }: KafkaOptions): ServerDefinition {
  const java = findJava()
  const archive = classArchive(artifacts.folder, 'kafka', java)
  const propertiesFile = join(folder, 'server.properties')
  const logFolder = join(folder, 'log')
  return {
    name: 'Kafka',
    failureCode: 'KAFKA_NOT_STARTED',
    prepare: async () => {
      mkdirSync(folder, { recursive: true })
      const settings = member?.settings ?? aloneAt(port, await chooseFreePort())
      if (!existsSync(logFolder))
        await format({ java, artifacts, logFolder, settings, id: member?.clusterId ?? clusterId() })
      writeFileSync(propertiesFile, properties(logFolder, settings))
      return {
        program: java,
        args: [...JAVA_OPTIONS, ...archive.options(), '-cp', artifacts.kafkaClassPath, 'kafka.Kafka', propertiesFile],
        folder,
        env: plainEnvironment(),
        outputFile,
      }
    },
    isReady: async output => STARTED.test(output) && (await answers(port)),
    onStopped: archive.keep,
  }
}

/** Listeners of the only broker. */
function aloneAt(port: number, controllerPort: number): Settings {
  return {
    listeners: `PLAINTEXT://${HOST}:${port},CONTROLLER://${HOST}:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://${HOST}:${port}`,
    'controller.quorum.voters': `1@${HOST}:${controllerPort}`,
  }
}

function properties(logFolder: string, own: Settings): string {
  const settings = { ...SINGLE_BROKER_SETTINGS, 'log.dirs': logFolder.replaceAll('\\', '\\\\'), ...own }
  return Object.entries(settings)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

interface Formatting {
  readonly java: string
  readonly artifacts: Artifacts
  readonly logFolder: string
  readonly settings: Settings
  readonly id: string
}

/** Formats beside the log folder and renames, so a folder that exists is whole. */
async function format({ java, artifacts, logFolder, settings, id }: Formatting): Promise<void> {
  const draft = `${logFolder}.draft`
  const propertiesFile = `${draft}.properties`
  rmSync(draft, { recursive: true, force: true })
  writeFileSync(propertiesFile, properties(draft, settings))
  const options = [
    '-XX:TieredStopAtLevel=1',
    '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn',
    '-cp',
    artifacts.kafkaClassPath,
  ]
  const command = ['kafka.tools.StorageTool', 'format', '--cluster-id', id, '--config', propertiesFile]
  try {
    await promisify(execFile)(java, [...options, ...command], { env: plainEnvironment() })
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string }
    throw new TributaryError('KAFKA_NOT_STARTED', `Kafka could not format ${logFolder}:\n${stdout}${stderr}`, {
      cause: error,
    })
  } finally {
    rmSync(propertiesFile, { force: true })
  }
  renameSync(draft, logFolder)
}

/** 16 random bytes as Kafka spells them; a leading dash would read as an option. */
export function clusterId(): string {
  return randomBytes(16).toString('base64url').replace(/^-/, '0')
}
