import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { type GuardedProcess, startGuarded } from '../../services/platform/guarded-process.ts'
import type { ServerDefinition } from '../../services/platform/server.ts'
import type { Link } from './link.ts'

const START_PATIENCE_MS = 120_000
const POLL_MS = 100

/** One broker of the test cluster: its process, which stays down when it was ended, and the link by which clients reach it. */
export class BrokerNode {
  readonly id: number
  readonly link: Link
  private readonly definition: ServerDefinition
  private process: GuardedProcess | undefined
  private outputFile = ''
  private isFrozen = false

  constructor(id: number, definition: ServerDefinition, link: Link) {
    this.id = id
    this.definition = definition
    this.link = link
  }

  get isUp(): boolean {
    return this.process !== undefined
  }

  get pid(): number {
    return this.process?.pid ?? 0
  }

  /** Starts it; `serves` tells when it is ready. */
  async start(): Promise<void> {
    if (this.process) return
    const command = await this.definition.prepare()
    const process = await startGuarded(command)
    this.process = process
    this.outputFile = command.outputFile
    void process.ended.then(() => {
      if (this.process === process) this.process = undefined
    })
  }

  /** Resolves when it serves. Throws with the end of what it printed when it does not. */
  async serves(): Promise<void> {
    const giveUpAt = performance.now() + START_PATIENCE_MS
    while (!(await this.definition.isReady(this.output()))) {
      if (!this.process || performance.now() > giveUpAt)
        throw new Error(`Broker ${this.id} does not serve:\n${this.output().slice(-3_000)}`)
      await delay(POLL_MS)
    }
  }

  /** Ends it as an operator does, or, with KILL, as a failing machine does; it stays down. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const process = this.process
    if (!process) return
    if (signal === 'SIGTERM') this.thaw()
    this.isFrozen = false
    if (signal === 'SIGKILL') process.kill('SIGKILL')
    const isDone = signal === 'SIGTERM' ? process.stop() : process.ended
    if (await isDone) this.definition.onStopped()
    this.process = undefined
  }

  /** Resolves when it has ended for want of room; it stays down. */
  async fillDisk(): Promise<void> {
    const process = this.process
    if (!process) return
    await promisify(execFile)('prlimit', ['--pid', String(process.pid), '--fsize=0'])
    await process.ended
    this.process = undefined
  }

  freeze(): void {
    this.process?.kill('SIGSTOP')
    this.isFrozen = true
  }

  thaw(): void {
    if (this.isFrozen) this.process?.kill('SIGCONT')
    this.isFrozen = false
  }

  private output(): string {
    return existsSync(this.outputFile) ? readFileSync(this.outputFile, 'utf8') : ''
  }
}
