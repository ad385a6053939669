import type { MarketingEventName } from '../../../../topology/tasks.ts'
import { tasks } from '../../../../topology/topics.ts'
import type { OutgoingRecord } from '../../../kafka/kafka.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Codec } from '../../../runtime/codec.ts'
import type { Logger } from '../../../runtime/log.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import { encodedAll } from '../../encoded.ts'
import { firstProblemOf } from '../../sweep/first-problem.ts'
import { hashOf } from '../../sweep/hashes.ts'
import type { Marks } from '../../sweep/marks.ts'
import type { Sweeper, Under } from '../../sweep/running.ts'
import { readingFrom } from '../../sweep/since.ts'
import { writtenOrPassedOver } from '../../sweep/written.ts'
import { batchRecords } from '../rest/limits.ts'
import type { Campaign, EmailEvent, Form, HubSpotMarketingReader } from '../rest/marketing.ts'
import { type HubSpotError, isHubSpotError } from '../rest/problems.ts'
import { emailEventsIn } from './email-events.ts'
import { knownPeople, type PeopleParts } from './people.ts'
import { emailEvent, type MarketingEvent, marketingTold, submissionEvent } from './told.ts'
import { type EmailActivity, emailActivities } from './types.ts'

/** Of each type until when all is told (by its name), since when (`<name>-since`), and what was told. */
type MarketingMarks = Marks<MarketingEventName>

export interface MarketingSweepParts extends PeopleParts {
  readonly reader: HubSpotMarketingReader
  /** Types that are taken. */
  readonly taken: ReadonlySet<MarketingEventName>
  readonly repeats: 'first' | 'every'
  /** What happened so long before the last sweep is read again, in milliseconds. */
  readonly overlapMs: number
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

/**
 * Reads what marketing knows that people did since it was first asked (T2). What it tells is committed with how far it has come, and each task's id with it, so that none is told twice:
 * HubSpot shows an event some time after it happened, so the time before the last sweep is read again.
 */
export class MarketingSweep implements Sweeper {
  readonly #parts: MarketingSweepParts
  readonly #under: Under<MarketingMarks>
  readonly #campaigns = new Map<string, Campaign | null>()

  constructor(parts: MarketingSweepParts, under: Under<MarketingMarks>) {
    this.#parts = parts
    this.#under = under
  }

  sweep(): Promise<HubSpotError | undefined> {
    // Subjects change until an e-mail is sent, so they are not kept for longer than this.
    this.#campaigns.clear()
    return firstProblemOf(this.#sweeps(), { isProblem: isHubSpotError, ended: this.#under.ended })
  }

  /** What is not taken is not asked for, and nothing once it has ended. */
  *#sweeps(): Iterable<() => Promise<HubSpotError | undefined>> {
    const { taken } = this.#parts
    if (taken.has('submission')) yield () => this.#sweepForms()
    for (const activity of emailActivities)
      if (taken.has(activity.name) && !this.#under.ended.aborted) yield () => this.#sweepEmails(activity)
  }

  async #sweepEmails({ name, type }: EmailActivity): Promise<undefined> {
    const { reader, clock, overlapMs } = this.#parts
    const { context, marks, ended } = this.#under
    const began = clock.now()
    const from = await readingFrom(name, { began, overlapMs }, this.#under)
    if (from === undefined) return
    let reachedSoFar = marks.reached(name)?.time ?? from
    for await (const { events, reached } of emailEventsIn(reader, type, { from, until: began }, ended)) {
      for (let at = 0; at < events.length; at += batchRecords)
        await this.#tellEmails(events.slice(at, at + batchRecords), name)
      reachedSoFar = Math.max(reachedSoFar, reached)
      await context.commit({ records: [marks.reach(name, reachedSoFar)], offsets: none })
    }
  }

  async #tellEmails(events: readonly EmailEvent[], name: EmailActivity['name']): Promise<void> {
    const { repeats } = this.#parts
    const found: MarketingEvent[] = []
    for (const event of events) {
      const untitled = emailEvent(event, name, { subject: null, repeats })
      if (!untitled) this.#count(event.isFiltered ? 'filtered' : 'void')
      else if (!this.#isTold(untitled)) {
        const title = untitled.title ?? (await this.#subjectOf(event))
        found.push({ ...untitled, title })
      }
    }
    await this.#tell(found)
  }

  /** Of an e-mail that HubSpot does not have any more its number: a task without a subject would not be found by it. */
  async #subjectOf({ campaign }: EmailEvent): Promise<string> {
    if (!campaign) return 'e-mail'
    const key = `${campaign.id} ${campaign.appId}`
    let known = this.#campaigns.get(key)
    if (known === undefined) {
      known = await this.#parts.reader.campaign(campaign, this.#under.ended)
      this.#campaigns.set(key, known)
    }
    return known?.subject ?? known?.name ?? `e-mail ${campaign.id}`
  }

  /** A form that cannot be read keeps no other from being read; but then it is read again from where all were read. */
  async #sweepForms(): Promise<HubSpotError | undefined> {
    const { reader, clock, overlapMs } = this.#parts
    const { context, marks, ended } = this.#under
    const began = clock.now()
    const from = await readingFrom('submission', { began, overlapMs }, this.#under)
    if (from === undefined) return undefined
    let problem: HubSpotError | undefined
    for (const form of await reader.forms(ended)) {
      try {
        await this.#sweepForm(form, from)
      } catch (error) {
        if (ended.aborted || !isHubSpotError(error)) throw error
        // HubSpot gives no submissions of some types of forms.
        if (error.code === 'HUBSPOT_REQUEST_REFUSED') this.#count('refused')
        else if (error.errorClass === 'needs-person' || error.code === 'HUBSPOT_RATE_LIMIT') return error
        else problem ??= error
      }
    }
    if (!problem) await context.commit({ records: [marks.reach('submission', began)], offsets: none })
    return problem
  }

  /** Page by page, the latest first, up to one of which nothing is of the time. */
  async #sweepForm(form: Form, from: number): Promise<void> {
    const { reader } = this.#parts
    for (let after: string | null = null; ; ) {
      const { items, next } = await reader.submissions(form.id, after, this.#under.ended)
      const recent = items.filter(({ submittedAt }) => (submittedAt ?? 0) >= from)
      const events = recent.map(submission => submissionEvent(submission, form))
      this.#count('nobody', events.filter(event => event === null).length)
      await this.#tell(events.filter(event => event !== null && !this.#isTold(event)) as readonly MarketingEvent[])
      if (next === null || next === after || recent.length === 0) return
      after = next
    }
  }

  #isTold({ name, id }: MarketingEvent): boolean {
    return this.#under.marks.isTold(name, id, hashOf(id))
  }

  /** @param events at most 100, none of which was told */
  async #tell(events: readonly MarketingEvent[]): Promise<void> {
    if (events.length === 0) return
    const { context, ended } = this.#under
    const known = await knownPeople(this.#parts, events, ended)
    const records = events.flatMap(event => {
      const person = known(event)
      if (person === 'nobody' || person === 'erased') this.#count(person)
      // Of several in one page that are one task the first counts.
      else if (!this.#isTold(event)) return this.#written(event, person)
      return []
    })
    if (records.length > 0) await context.commit({ records, offsets: none })
  }

  #written(event: MarketingEvent, person: Parameters<typeof marketingTold>[1]): readonly OutgoingRecord[] {
    const { codec, logger, clock } = this.#parts
    const receivedAt = clock.now()
    const write = (): readonly OutgoingRecord[] =>
      encodedAll(codec, [], [{ stream: tasks, value: marketingTold(event, person, receivedAt) }])
    const onPassedOver = (what: string): void => this.#count(what)
    const records = writtenOrPassedOver(write, { vendor: 'hubspot', logger, onPassedOver })
    if (records.length === 0) return []
    this.#count(event.name)
    return [...records, this.#under.marks.tell(event.name, event.id, hashOf(event.id), receivedAt)]
  }

  #count(what: string, events = 1): void {
    if (events > 0) this.#parts.metrics.increment('tributary_hubspot_marketing_total', { what }, events)
  }
}

const none: ReadonlyMap<string, number> = new Map()
