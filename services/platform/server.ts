import { existsSync, readFileSync, renameSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { TributaryError } from '../runtime/errors.ts'
import { type GuardedCommand, type GuardedProcess, startGuarded } from './guarded-process.ts'
import type { ProcessIdentity } from './process-identity.ts'

const START_PATIENCE_MS = 120_000
const POLL_MS = 50
const LOG_TAIL_LINES = 15
const START_ATTEMPTS = 3
const FATAL: ReadonlySet<NodeJS.Signals> = new Set(['SIGKILL', 'SIGTERM'])
/** A server that fails more often than this within the time is given up. */
const RESTARTS = { allowed: 5, withinMs: 10 * 60_000 }

/** What makes a server: how to run it and how to see that it serves. */
export interface ServerDefinition {
  /** As people call it, at the start of a sentence. */
  readonly name: string
  /** The code of the error when it does not start. */
  readonly failureCode: string
  /** Prepares a run and describes it; asked anew for each run, so that ports which may change are chosen anew. */
  readonly prepare: () => Promise<GuardedCommand>
  /** Whether it serves now. `output` is all that this run has printed. */
  readonly isReady: (output: string) => Promise<boolean>
  /** Called when it was stopped and took its leave in its own time. */
  readonly onStopped: () => void
}

export interface ServerEvents {
  readonly onProgress: (line: string) => void
  /** Called with the processes of each run, as soon as they exist. */
  readonly onRun: (identities: readonly ProcessIdentity[]) => void
  /** Called once when the server failed for good, after a first successful start. */
  readonly onFailure: (error: TributaryError) => void
}

/** A server that is kept running until it is stopped: one that ends by itself or is killed is started again. */
export interface Server {
  /** The process id of the present run. */
  readonly pid: number
  /** Sends a signal to the present run, as tests do. */
  kill(signal: NodeJS.Signals): void
  /** Resolves when it serves; after it was killed, when it serves again. */
  ready(): Promise<void>
  stop(): Promise<void>
}

/** Starts a server and resolves when it serves. @throws TributaryError with the definition's code and the end of its output */
export async function startServer(definition: ServerDefinition, events: ServerEvents): Promise<Server> {
  return new KeptServer(definition, events, await startRun(definition, events))
}

class KeptServer implements Server {
  readonly #definition: ServerDefinition
  readonly #events: ServerEvents
  #run: Run
  /** Settled while the present run serves; pending from its end until the next one serves. */
  #serving: Promise<void> = Promise.resolve()
  /** Settles when the present run has ended and the next one serves. */
  #comeback: Promise<void> = Promise.resolve()
  #stopping = false
  readonly #ends: number[] = []

  constructor(definition: ServerDefinition, events: ServerEvents, run: Run) {
    this.#definition = definition
    this.#events = events
    this.#run = run
    this.#watch()
  }

  get pid(): number {
    return this.#run.process.pid
  }

  kill(signal: NodeJS.Signals): void {
    if (FATAL.has(signal)) this.#serving = this.#comeback
    this.#run.process.kill(signal)
  }

  ready(): Promise<void> {
    return this.#serving
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await this.#serving.catch(() => undefined)
    if (await this.#run.process.stop()) this.#definition.onStopped()
  }

  #watch(): void {
    const { ended } = this.#run.process
    const comeback = ended.then(() => this.#restart())
    comeback.catch(error => {
      if (!this.#stopping) this.#events.onFailure(error)
    })
    this.#comeback = comeback
    void ended.then(() => {
      this.#serving = comeback
    })
  }

  async #restart(): Promise<void> {
    if (this.#stopping) return
    const now = performance.now()
    this.#ends.push(now)
    const recent = this.#ends.filter(end => now - end < RESTARTS.withinMs).length
    if (recent > RESTARTS.allowed)
      throw failure(this.#definition, `ended ${recent} times in a short while`, this.#run.outputFile)
    this.#events.onProgress(`${this.#definition.name} ended unexpectedly and is started again.`)
    this.#run = await startRun(this.#definition, this.#events)
    this.#watch()
  }
}

interface Run {
  readonly process: GuardedProcess
  readonly outputFile: string
}

/** One run, until it serves. A port that another program took between choosing and using it is worth another attempt. */
async function startRun(definition: ServerDefinition, events: ServerEvents): Promise<Run> {
  for (let attempt = 1; ; attempt++) {
    const command = await definition.prepare()
    if (existsSync(command.outputFile)) renameSync(command.outputFile, `${command.outputFile}.previous`)
    const process = await startGuarded(command)
    events.onRun(process.identities)
    const outcome = await untilReady(definition, process, command.outputFile)
    if (outcome === 'ready') return { process, outputFile: command.outputFile }
    await process.stop()
    const lostPort = /address already in use|port.* in use/i.test(readOutput(command.outputFile))
    if (outcome === 'slow')
      throw failure(definition, `was not ready after ${START_PATIENCE_MS / 1000} seconds`, command.outputFile)
    if (!lostPort || attempt === START_ATTEMPTS) throw failure(definition, 'ended while starting', command.outputFile)
  }
}

async function untilReady(
  definition: ServerDefinition,
  process: GuardedProcess,
  outputFile: string,
): Promise<'ready' | 'ended' | 'slow'> {
  let hasEnded = false
  void process.ended.then(() => {
    hasEnded = true
  })
  const giveUpAt = performance.now() + START_PATIENCE_MS
  while (performance.now() < giveUpAt) {
    if (hasEnded) return 'ended'
    if (await definition.isReady(readOutput(outputFile))) return 'ready'
    await delay(POLL_MS)
  }
  return 'slow'
}

function failure({ name, failureCode }: ServerDefinition, what: string, outputFile: string): TributaryError {
  const tail = readOutput(outputFile).trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n')
  return new TributaryError(failureCode, `${name} ${what}. The end of ${outputFile}:\n${tail}`, {
    errorClass: 'retryable',
  })
}

function readOutput(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
