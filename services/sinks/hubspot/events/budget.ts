import type { NeedsPerson, Problem } from '../../../delivery/destination.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { TributaryError } from '../../../runtime/errors.ts'
import { type Logger, silentLogger } from '../../../runtime/log.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { zonedTime } from '../../../runtime/zoned-time.ts'

/** The HubSpot account whose budget it is. */
export interface BudgetAccount {
  readonly portalId: string
  /** As HubSpot names it, for example `Europe/Berlin`. */
  readonly timeZone: string
}

/** What was used, over all processes and restarts. A count is there before what it counts is sent. */
export interface UsageLog {
  /** Resolves when every count written before the call is known here. Rejects with `KAFKA_UNAVAILABLE`. */
  caughtUp(): Promise<void>
  /** What the other processes have counted in a month of an account. */
  ofOthers(account: BudgetAccount, month: string): number
  /** Writes what this process has counted, all in all. Rejects with `KAFKA_UNAVAILABLE`. */
  count(account: BudgetAccount, month: string, reserved: number): Promise<void>
}

/** How much may be sent. */
export interface Granted {
  readonly granted: number
  /** Of the rest: why it waits. */
  readonly problem?: Problem
  /** So many of them were certainly not sent after all. */
  giveBack(untaken: number): void
}

/** Completions of custom events that an account may still receive this month. */
export interface EventBudget {
  /** Learns whose budget it is, and what was used before. Throws `KAFKA_UNAVAILABLE`. */
  open(account: BudgetAccount): Promise<void>
  /** Counts completions before they are sent. */
  take(wanted: number): Promise<Granted>
  /** Gives back what was counted ahead. */
  close(): Promise<void>
}

export interface BudgetOptions {
  readonly log: UsageLog
  /** Completions in a month. */
  readonly limit: number
  readonly clock: Clock
  readonly metrics?: Metrics
  readonly logger?: Logger
}

/** For reading, and for tests of other things: everything is granted and nothing is counted. */
export const unlimitedBudget: EventBudget = {
  open: () => Promise.resolve(),
  take: wanted => Promise.resolve({ granted: wanted, giveBack: () => undefined }),
  close: () => Promise.resolve(),
}

/** From this share of the limit on a warning is raised. */
export const warningShare = 0.8

/** Completions counted ahead in one write to Kafka: at most so many are counted too much after a crash. */
const mostAhead = 5_000
const aheadOf = (limit: number): number => Math.min(mostAhead, Math.max(1, Math.floor(limit / 1_000)))

/** The month that it is for an account, as `2026-11`. A time zone that nobody knows is taken for UTC. @param at milliseconds since the epoch */
export const monthOf = ({ timeZone }: Pick<BudgetAccount, 'timeZone'>, at: number): string =>
  zonedTime(at, timeZone).day.slice(0, '2026-11'.length)

/** A month of an account, as this process sees it. */
interface Month {
  readonly account: BudgetAccount
  readonly name: string
  /** Counted by this process in the log. */
  reserved: number
  /** Of these: sent, or perhaps sent. */
  used: number
  warned: boolean
}

/**
 * Counts before sending: what may have been sent is never missing in the count, whatever crashes. Each process counts for itself and the sum of all is what was used.
 */
export const createEventBudget = (options: BudgetOptions): EventBudget => new Budget(options)

class Budget implements EventBudget {
  readonly #options: BudgetOptions
  readonly #logger: Logger
  /** Months that this process has counted in: only the last one is in use. */
  readonly #months = new Map<string, Month>()
  #account: BudgetAccount | undefined
  #last: Promise<unknown> = Promise.resolve()

  constructor(options: BudgetOptions) {
    this.#options = options
    this.#logger = options.logger ?? silentLogger
  }

  async open(account: BudgetAccount): Promise<void> {
    await this.#options.log.caughtUp()
    this.#account = account
    this.#show(this.#month(account))
  }

  take(wanted: number): Promise<Granted> {
    const taken = this.#last.then(() => this.#take(wanted))
    this.#last = taken.catch(() => undefined)
    return taken
  }

  async close(): Promise<void> {
    await this.#last
    for (const month of this.#months.values()) {
      const { account, name, used, reserved } = month
      if (used === reserved) continue
      await this.#options.log.count(account, name, used)
      month.reserved = used
    }
  }

  async #take(wanted: number): Promise<Granted> {
    if (!this.#account) return { granted: 0, problem: notOpen, giveBack: () => undefined }
    const month = this.#month(this.#account)
    const problem = wanted > month.reserved - month.used ? await this.#reserve(month, wanted) : undefined
    const granted = Math.min(wanted, month.reserved - month.used)
    month.used += granted
    this.#show(month)
    const giveBack = (untaken: number): void => {
      month.used -= Math.min(untaken, granted)
    }
    return granted === wanted ? { granted, giveBack } : { granted, problem: problem ?? this.#usedUp(month), giveBack }
  }

  /** Counts what is wanted and some more, as far as the limit allows. */
  async #reserve(month: Month, wanted: number): Promise<Problem | undefined> {
    const { log, limit } = this.#options
    const lacking = wanted - (month.reserved - month.used)
    const room = limit - log.ofOthers(month.account, month.name) - month.reserved
    const more = Math.min(Math.max(lacking, aheadOf(limit)), room)
    if (more <= 0) return undefined
    try {
      await log.count(month.account, month.name, month.reserved + more)
    } catch (error) {
      if (!(error instanceof TributaryError)) throw error
      return notCounted
    }
    month.reserved += more
    return undefined
  }

  /** The month that it is in the account's time zone. */
  #month(account: BudgetAccount): Month {
    const name = monthOf(account, this.#options.clock.now())
    const key = `${account.portalId} ${name}`
    const known = this.#months.get(key)
    if (known) return known
    const month = { account, name, reserved: 0, used: 0, warned: false }
    this.#months.set(key, month)
    return month
  }

  #show(month: Month): void {
    const { log, limit, metrics } = this.#options
    const used = log.ofOthers(month.account, month.name) + month.used
    metrics?.set('tributary_event_completions_used', { vendor: 'hubspot' }, used)
    metrics?.set('tributary_event_completions_budget', { vendor: 'hubspot' }, limit)
    const isWarned = used >= limit * warningShare
    metrics?.set('tributary_event_budget_warning', { vendor: 'hubspot' }, isWarned ? 1 : 0)
    if (!isWarned || month.warned) return
    month.warned = true
    this.#logger.warn(
      { vendor: 'hubspot', account: month.account.portalId, count: used },
      `80 % of the ${limit} custom event completions of ${month.name} are used; at the limit events wait for the next month`,
    )
  }

  #usedUp({ name, account }: Month): NeedsPerson {
    const { limit } = this.#options
    return {
      kind: 'needs-person',
      code: 'HUBSPOT_EVENT_BUDGET',
      status: null,
      correlationId: null,
      message: `The ${limit} custom event completions of ${name} are used up. Events wait in their topic and go on when the month turns in ${account.timeZone}, the account's time zone. HUBSPOT_EVENT_BUDGET changes the number.`,
    }
  }
}

const later = { kind: 'retry', status: null, correlationId: null, limited: true } as const

const notOpen: Problem = {
  ...later,
  code: 'HUBSPOT_EVENT_BUDGET_UNKNOWN',
  message: 'What was used of the budget of custom events is not known yet.',
}

const notCounted: Problem = {
  ...later,
  code: 'HUBSPOT_EVENT_NOT_COUNTED',
  message: 'Events are counted in Kafka before they are sent, and Kafka did not acknowledge it.',
}
