import type { TaskContext } from '../../../kafka/kafka.ts'
import type { ListedRun, ListedWebinar, ZoomCalls } from '../rest/calls.ts'
import { isZoomError } from '../rest/problems.ts'
import type { AccountSelection } from '../selection.ts'
import { plannedAt, zoomTime } from '../times.ts'
import { type KnownWebinar, readKnown } from './known.ts'
import { untoldPlan } from './plans.ts'
import { listedRegistrants, occurrencesOf, type ReportsAccount, readRun, whenThere } from './reading.ts'
import type { Told } from './records.ts'
import { type ListedFor, untoldRegistrations } from './registrations.ts'
import type { RunFacts } from './runs.ts'
import type { ReportsParts } from './task.ts'
import { tell } from './telling.ts'

export interface SweepParts extends ReportsParts {
  readonly selection: { of(account: string): AccountSelection }
  readonly everyMs: number
}

type Account = ReportsAccount & { readonly calls: ZoomCalls }

/** How long after its planned end a webinar is looked after; Zoom itself retries a webhook for 85 minutes. */
const lookBackMs = 7 * 86_400_000
const minuteMs = 60_000
/** How long before its planned start a webinar may have been held. */
const earlyMs = 86_400_000

/** Zoom's types of webinars that have many runs: recurring without fixed times, and with them. */
const recurringTypes: ReadonlySet<number | null> = new Set([6, 9])

/**
 * Looks through the accounts for what no webhook told: planned webinars and their registrations, and runs that ended unheard. What the topic tells already, read
 * from the topic itself, is not told again. It works within the transactions of the task whose partition it belongs to, so it runs in one process.
 */
export class Sweep {
  readonly #parts: SweepParts
  readonly #context: TaskContext
  readonly #ending = new AbortController()
  readonly #ended: AbortSignal
  readonly #work: Promise<void>
  /** Webinars, or dates of series, whose registrations were listed by this process: from then on webhooks and reports tell of them. */
  readonly #listed = new Set<string>()

  constructor(parts: SweepParts, context: TaskContext) {
    this.#parts = parts
    this.#context = context
    this.#ended = AbortSignal.any([context.signal, this.#ending.signal])
    this.#work = this.#sweepNowAndThen().catch(error => {
      if (!context.signal.aborted) context.fail(error)
    })
  }

  async close(): Promise<void> {
    this.#ending.abort()
    await this.#work
  }

  async #sweepNowAndThen(): Promise<void> {
    while (!this.#ended.aborted) {
      for (const { calls, ...account } of this.#parts.accounts.values())
        if (calls) await this.#sweep({ ...account, calls })
      await this.#parts.clock.sleep(this.#parts.everyMs, this.#ended)
    }
  }

  async #sweep(account: Account): Promise<void> {
    const { logger, onProblem } = this.#parts
    const about = `sweep ${account.name}`
    try {
      const found = await this.#selected(account)
      const runs = await this.#pastRuns(account, found)
      const known = await readKnown(this.#parts, new Set(found.keys()), this.#ended)
      for (const webinar of found.values())
        if (this.#isAhead(webinar))
          await this.#apart(account, () => this.#tellPlan(account, webinar, known.get(webinar.id)))
      for (const { webinar, run } of runs)
        await this.#apart(account, () => this.#tellRun(account, webinar, run, known.get(webinar.id)))
      onProblem(about, undefined)
    } catch (error) {
      if (this.#ended.aborted) return
      if (!isZoomError(error)) throw error
      onProblem(about, error)
      logger.warn(
        { vendor: 'zoom', account: account.name, error },
        'The sweep of a Zoom account ended early; the next one begins anew',
      )
    }
  }

  /** Selected webinars that lie ahead or ended lately, by number. */
  async #selected({ name, calls }: Account): Promise<ReadonlyMap<string, ListedWebinar>> {
    const { selects } = this.#parts.selection.of(name)
    const found = new Map<string, ListedWebinar>()
    for (const { id } of await calls.users(this.#ended)) {
      for (const type of ['scheduled', 'upcoming'] as const) {
        for (const webinar of await this.#webinarsOf(calls, id, type)) {
          if (found.has(webinar.id) || !selects(webinar.id)) continue
          if (this.#isAhead(webinar) || this.#endedLately(webinar)) found.set(webinar.id, webinar)
        }
      }
    }
    return found
  }

  /** Most users of an account have no licence for webinars, or are gone by now. */
  async #webinarsOf(calls: ZoomCalls, user: string, type: 'scheduled' | 'upcoming'): Promise<readonly ListedWebinar[]> {
    try {
      return await calls.webinarsOf(user, type, this.#ended)
    } catch (error) {
      if (isZoomError(error, 'ZOOM_NOT_FOUND') || isUnlicensed(error)) return []
      throw error
    }
  }

  async #pastRuns(
    account: Account,
    found: ReadonlyMap<string, ListedWebinar>,
  ): Promise<readonly { readonly webinar: ListedWebinar; readonly run: ListedRun }[]> {
    const runs: { readonly webinar: ListedWebinar; readonly run: ListedRun }[] = []
    for (const webinar of found.values()) {
      if (!this.#endedLately(webinar)) continue
      await this.#apart(account, async () => {
        for (const run of (await whenThere(account.calls.runsOf(webinar.id, this.#ended))) ?? []) {
          const start = zoomTime(run.start_time)
          if (start !== null && this.#isLate(start + webinar.duration * minuteMs)) runs.push({ webinar, run })
        }
      })
    }
    return runs
  }

  /** What Zoom refuses to tell of one webinar keeps no other one back. */
  async #apart({ name }: Account, work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      if (!isZoomError(error, 'ZOOM_REQUEST_REFUSED', 'ZOOM_ANSWER_UNREADABLE')) throw error
      const facts = { vendor: 'zoom', account: name, error }
      this.#parts.logger.warn(facts, 'A webinar could not be looked through; the sweep goes on with the next one')
    }
  }

  /** The plan of a webinar, and once per process the registrations: people may have registered before the webinar was selected. */
  async #tellPlan(account: Account, listed: ListedWebinar, known: KnownWebinar | undefined): Promise<void> {
    const { clock, logger } = this.#parts
    const recurring = recurringTypes.has(listed.type)
    const detail = recurring ? await whenThere(account.calls.webinar(listed.id, this.#ended)) : undefined
    const dates = occurrencesOf(detail)
    const told: Told[] = [untoldPlan(account.name, listed, dates, known, clock.now())]
    const ahead = dates.filter(({ startTime }) => startTime > clock.now())
    for (const occurrence of recurring ? ahead : [null]) {
      const key = `${listed.id} ${occurrence?.id ?? ''}`
      if (this.#listed.has(key)) continue
      const of: ListedFor = {
        ...{ account: account.name, number: listed.id, recurring, topic: listed.topic, timezone: listed.timezone },
        ...{ startTime: occurrence?.startTime ?? plannedAt(listed.start_time), occurrence },
        ...{ decidedBy: clock.now(), receivedAt: clock.now() },
      }
      const registrants = await listedRegistrants(account.calls, of, occurrence?.id ?? null, logger, this.#ended)
      if (registrants) told.push(untoldRegistrations(of, registrants, known))
      this.#listed.add(key)
    }
    await this.#tell(joined(told))
  }

  /** A run whose end was told by a webhook is its task's to settle, until it was settled without a report. */
  async #tellRun(
    account: Account,
    webinar: ListedWebinar,
    { uuid, start_time }: ListedRun,
    known: KnownWebinar | undefined,
  ): Promise<void> {
    const settled = known?.settled.get(uuid)
    if (settled === true || (settled === undefined && known?.ended.has(uuid))) return
    const facts: RunFacts = {
      ...{ account: account.name, number: webinar.id, recurring: recurringTypes.has(webinar.type), instance: uuid },
      ...{ topic: webinar.topic, startTime: zoomTime(start_time), endTime: null, timezone: webinar.timezone },
    }
    const reading = { ...this.#parts, known: () => Promise.resolve(known) }
    const told = await readRun(account, facts, reading, this.#ended)
    if (!told) return
    await this.#tell(told)
    if (!this.#ended.aborted)
      this.#parts.metrics.increment('tributary_zoom_runs_total', { account: account.name, outcome: 'swept' })
  }

  async #tell(told: Told): Promise<void> {
    if (told.records.length > 0) await tell(this.#parts, this.#context, told, this.#ended, () => undefined)
  }

  #isAhead(webinar: ListedWebinar): boolean {
    return recurringTypes.has(webinar.type) || (plannedEnd(webinar) ?? 0) > this.#parts.clock.now()
  }

  /** A series has runs behind it while it goes on; any other webinar may also have begun, and ended, before its time. */
  #endedLately(webinar: ListedWebinar): boolean {
    if (recurringTypes.has(webinar.type)) return true
    const [start, end] = [plannedAt(webinar.start_time), plannedEnd(webinar)]
    return start !== null && end !== null && start < this.#parts.clock.now() + earlyMs && this.#isLate(end)
  }

  /** Ended, or ending soon, and not longer ago than is looked after. */
  #isLate(end: number): boolean {
    return end > this.#parts.clock.now() - lookBackMs
  }
}

const plannedEnd = ({ start_time, duration }: ListedWebinar): number | null => {
  const start = plannedAt(start_time)
  return start === null ? null : start + duration * minuteMs
}

/** Of one user; a scope that is missing is another matter. */
const isUnlicensed = (error: unknown): boolean => isZoomError(error, 'ZOOM_NOT_PERMITTED') && error.zoomCode === 200

const joined = (told: readonly Told[]): Told => ({
  records: told.flatMap(({ records }) => records),
  claims: told.flatMap(({ claims }) => claims),
})
