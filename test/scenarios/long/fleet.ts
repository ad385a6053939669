import type { TestContext } from 'node:test'
import { atEnd, type Ending } from '../at-end.ts'
import { launchServices, type Program } from '../program.ts'
import type { Settings } from '../settings.ts'

/** What runs together in a process. Each runs twice: one copy is hurt, the other takes over. */
const CREWS = [
  ['identity-resolver', 'webinar-registrations'],
  ['webinar-attendance', 'webinar-contact'],
  ['hubspot', 'hubspot-events'],
] as const

/** Six processes and three brokers start at once. */
const READY_PATIENCE_MS = 180_000
/** Opens Node's inspector on a free port of this machine. */
const EXAMINED = '--inspect=127.0.0.1:0'

/** A process of services, started again when it ends, as whoever runs it in production does. */
export interface Crew {
  readonly name: string
  readonly pid: number
  /** Ends it; it is started again at once. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>
  /** Resolves when the process that runs now is ready. */
  ready(): Promise<void>
  /** What it has printed so far, on standard error. */
  stderr(): string
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void
}

export interface Fleet {
  /** Those that may be hurt. */
  readonly exposed: readonly Crew[]
  /** Their copies, which nobody hurts and whose memory can be examined. */
  readonly steady: readonly Crew[]
  /** Drains and ends those that may be hurt: their copies have all to themselves. */
  endExposed(): Promise<void>
  /** Drains and ends all. */
  end(): Promise<void>
}

/** Starts the services that bring webinars to HubSpot, each twice, and resolves when all are ready. */
export const startFleet = async (context: TestContext, settings: Settings): Promise<Fleet> => {
  // Of their own, so that they end after `end`, however late they were started: a crew that is not retired would start what is ended again.
  const programs: Ending = { after: close => atEnd(context, close) }
  const crewsOf = (copy: string, environment: Settings): readonly KeptCrew[] =>
    CREWS.map(
      names => new KeptCrew(`${names.join(' and ')} (${copy})`, () => launchServices(programs, names, environment)),
    )
  const exposed = crewsOf('exposed', settings)
  const steady = crewsOf('steady', { ...settings, NODE_OPTIONS: EXAMINED })
  const all = [...exposed, ...steady]
  const endOf = (crews: readonly KeptCrew[]) => async (): Promise<void> =>
    void (await Promise.all(crews.map(crew => crew.retire())))
  atEnd(context, endOf(all))
  await Promise.all(all.map(crew => crew.ready()))
  return { exposed, steady, endExposed: endOf(exposed), end: endOf(all) }
}

class KeptCrew implements Crew {
  readonly name: string
  private readonly launch: () => Program
  private program: Program
  private isRetired = false

  constructor(name: string, launch: () => Program) {
    this.name = name
    this.launch = launch
    this.program = this.start()
  }

  get pid(): number {
    return this.program.pid
  }

  ready(): Promise<void> {
    return this.program.prints(/^Ready\./m, READY_PATIENCE_MS)
  }

  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    await this.program.end(signal)
  }

  stderr(): string {
    return this.program.stderr()
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    try {
      process.kill(this.program.pid, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }

  async retire(): Promise<void> {
    this.isRetired = true
    this.signal('SIGCONT')
    await this.program.end('SIGTERM')
  }

  private start(): Program {
    const program = this.launch()
    void program.ended.then(() => {
      if (!this.isRetired) this.program = this.start()
    })
    return program
  }
}
