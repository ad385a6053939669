import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../../test/scenarios/settings.ts'
import { runProgram, startChild } from '../children.ts'
import type { Bench } from '../measurement.ts'

const entry = fileURLToPath(new URL('../../services/commands/main.ts', import.meta.url))
const bareEntry = fileURLToPath(new URL('bare.ts', import.meta.url))
const startPatienceMs = 60_000
const lookEveryMs = 100

/** The two that are compared, each in a process of its own for the whole measurement. */
export interface Servers {
  readonly ingest: string
  readonly bare: string
  readonly writeKey: string
  /** Rejects when one of them ends. */
  readonly failed: Promise<never>
  stop(): Promise<void>
}

/** Makes the topics and starts `tributary start ingest` as on a cluster of one's own, and the bare endpoint. */
export const startServers = async ({ brokers, registryUrl }: Bench): Promise<Servers> => {
  const writeKey = 'key-of-the-measurement'
  const port = await freePorts(1)
  const env = {
    KAFKA_BROKERS: brokers.join(','),
    SCHEMA_REGISTRY_URL: registryUrl,
    SEGMENT_WRITE_KEYS: `bench=${writeKey}`,
    ERASURE_SECRET: 'a secret of the measurement, not of a person',
    INGEST_PORT: String(port),
    LOG_LEVEL: 'warn',
  }
  await runProgram(process.execPath, [...process.execArgv, entry, 'topology', 'apply'], { env })
  const ingest = startChild(entry, ['start', 'ingest'], { env })
  const bare = startChild(bareEntry, [])
  const failed = Promise.race([ingest.failed, bare.failed])
  failed.catch(() => undefined)
  const stop = async (): Promise<void> => {
    await Promise.all([ingest.stop(), bare.stop()])
  }
  try {
    const url = `http://127.0.0.1:${port}`
    await Promise.race([untilHealthy(url), failed])
    return { ingest: url, bare: String(await bare.message()), writeKey, failed, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const untilHealthy = async (url: string): Promise<void> => {
  const end = performance.now() + startPatienceMs
  while (!(await isHealthy(url))) {
    if (performance.now() > end) throw new Error(`The ingest did not take requests within ${startPatienceMs} ms.`)
    await sleep(lookEveryMs)
  }
}

const isHealthy = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/healthz`)).ok
  } catch {
    return false
  }
}
