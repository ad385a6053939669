import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { freePorts } from '../../test/scenarios/settings.ts'

const entry = fileURLToPath(new URL('../../services/commands/main.ts', import.meta.url))
const startPatienceMs = 180_000
const lookEveryMs = 500
/** So many looks in a row without lag count as quiet. */
const quietLooks = 6

/** `tributary start --no-sample` in a process of its own. */
export interface RunningProgram {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  /** Lets the emulated Zoom send live webhooks at this rate a second; 0 ends it. */
  play(rate: number): Promise<void>
  /** Resolves when nothing is behind. Throws after the given time. */
  quiet(withinMs: number): Promise<void>
  /** Sum of a metric over its labels; undefined when it was never set. */
  metric(name: string, labels?: Readonly<Record<string, string>>): Promise<number | undefined>
  stop(): Promise<void>
}

export const startProgram = async (folder: string, say: (line: string) => void): Promise<RunningProgram> => {
  const ports = await choosePorts()
  const child = spawn(process.execPath, [...process.execArgv, entry, 'start', '--no-sample'], {
    env: { ...process.env, ...settingsOf(ports), TRIBUTARY_DATA: folder, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  const ended = once(child, 'exit')
  const console = `http://127.0.0.1:${ports.console}`
  say('starting Tributary …')
  await until(async () => (await answers(`${console}/readyz`)) || child.exitCode !== null, startPatienceMs)
  return {
    brokers: [`127.0.0.1:${ports.kafka}`],
    registryUrl: `http://127.0.0.1:${ports.registry}/apis/ccompat/v7`,
    play: rate => post(`http://127.0.0.1:${ports.sandbox + 2}/_sandbox/play`, { rate }),
    quiet: async withinMs => {
      let quiet = 0
      await until(async () => {
        quiet = (await isQuiet(console)) ? quiet + 1 : 0
        return quiet >= quietLooks
      }, withinMs)
    },
    metric: async (name, labels) => sumOf(await textOf(`${console}/metrics`), name, labels ?? {}),
    stop: async () => {
      child.kill('SIGTERM')
      await ended
    },
  }
}

interface Ports {
  readonly kafka: number
  readonly registry: number
  readonly ingest: number
  readonly console: number
  readonly sandbox: number
}

/** Zoom's sandbox is the third of those that listen from the first port of the sandboxes. */
const SANDBOXES = 5

const choosePorts = async (): Promise<Ports> => {
  const first = await freePorts(4 + SANDBOXES)
  return { kafka: first, registry: first + 1, ingest: first + 2, console: first + 3, sandbox: first + 4 }
}

const settingsOf = (ports: Ports): Record<string, string> => ({
  KAFKA_PORT: String(ports.kafka),
  REGISTRY_PORT: String(ports.registry),
  INGEST_PORT: String(ports.ingest),
  CONSOLE_PORT: String(ports.console),
  SANDBOX_PORT_BASE: String(ports.sandbox),
})

const isQuiet = async (console: string): Promise<boolean> => {
  const { services } = JSON.parse(await textOf(`${console}/api/status`)) as { services: { lag: number | null }[] }
  return services.every(({ lag }) => (lag ?? 0) === 0)
}

const textOf = async (url: string): Promise<string> => (await fetch(url)).text()

const answers = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url)).ok
  } catch {
    return false
  }
}

const post = async (url: string, body: object): Promise<void> => {
  const headers = { 'content-type': 'application/json' }
  const answer = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
}

const until = async (condition: () => Promise<boolean>, withinMs: number): Promise<void> => {
  const end = Date.now() + withinMs
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`Waited ${withinMs / 1_000} s in vain.`)
    await sleep(lookEveryMs)
  }
}

const sumOf = (text: string, name: string, labels: Readonly<Record<string, string>>): number | undefined => {
  const wanted = Object.entries(labels).map(([label, value]) => `${label}="${value}"`)
  const values = text
    .split('\n')
    .filter(line => line.startsWith(`${name}{`) && wanted.every(pair => line.includes(pair)))
    .map(line => Number(line.slice(line.lastIndexOf(' ') + 1)))
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0)
}
