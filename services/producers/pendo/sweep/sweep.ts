import type { IdentityClaim } from '../../../../schemas/generated.ts'
import {
  accounts as accountsTopic,
  tracks as tracksTopic,
  visitors as visitorsTopic,
} from '../../../../topology/topics.ts'
import type { Kafka, OutgoingRecord, TaskContext } from '../../../kafka/kafka.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Codec } from '../../../runtime/codec.ts'
import type { Logger } from '../../../runtime/log.ts'
import type { Metrics } from '../../../runtime/metrics.ts'
import type { Sweeper, Under } from '../../sweep/running.ts'
import { writtenOrPassedOver } from '../../sweep/written.ts'
import { allApps, type Catalogue, readCatalogue, type UsageKind, usageKinds, usageSources } from '../catalogue.ts'
import { recordsOf } from '../outgoing.ts'
import { type PendoRecord, seen } from '../records.ts'
import type { PendoClient } from '../rest/client.ts'
import { groupsOf, type KeyedRead } from '../rest/paging.ts'
import { isPendoError, type PendoError } from '../rest/problems.ts'
import { finalAfterMs, hourMs, lookBackMs, metadataOverlapMs, recordsPerTransaction, settledAfterMs } from './limits.ts'
import type { PendoMarks, ProfileKind } from './marks.ts'
import { accountIn, visitorIn } from './metadata.ts'
import { hourOf, ToldReader, ToldUses } from './told.ts'
import { missingUses } from './usage.ts'

export interface SweepParts {
  readonly client: PendoClient
  readonly kafka: Pick<Kafka, 'read' | 'topics'>
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly clock: Clock
}

/**
 * Reads Pendo: metadata that changed, and usage that no webhook told. What it tells and how far it has come are committed together, and what was told is read from
 * `tracks` itself, so it goes on after a crash as if there had been none.
 */
export class Sweep implements Sweeper {
  readonly #parts: SweepParts
  readonly #context: TaskContext
  readonly #marks: PendoMarks
  readonly #ended: AbortSignal
  readonly #reader: ToldReader
  #told: ToldUses | undefined

  constructor(parts: SweepParts, { context, marks, ended }: Under<PendoMarks>) {
    this.#parts = parts
    this.#context = context
    this.#marks = marks
    this.#ended = ended
    this.#reader = new ToldReader(parts)
  }

  /** Metadata first: then it is known whose the usage is. */
  async sweep(): Promise<PendoError | undefined> {
    try {
      await this.#sweepMetadata('visitor')
      await this.#sweepMetadata('account')
      await this.#sweepUsage(await readCatalogue(this.#parts.client, this.#ended))
      return undefined
    } catch (error) {
      if (!isPendoError(error)) {
        if (this.#ended.aborted) return undefined
        throw error
      }
      return error
    }
  }

  async #sweepMetadata(kind: ProfileKind): Promise<void> {
    const { clock } = this.#parts
    const [watched, began] = [`${kind}s` as const, clock.now()]
    const outgoing: OutgoingRecord[] = []
    const last = this.#marks.reached(watched)?.time
    try {
      for await (const rows of this.#groups(metadataRead(kind, last === undefined ? null : last - metadataOverlapMs))) {
        const told = kind === 'visitor' ? this.#visitor(rows.at(-1)) : this.#account(rows.at(-1))
        outgoing.push(...told)
        if (told.length > 0) this.#parts.metrics.increment('tributary_pendo_swept_total', { what: watched })
        if (outgoing.length >= recordsPerTransaction) await this.#commit(outgoing.splice(0))
      }
    } finally {
      // The marks know these as told, also when the next page cannot be read.
      await this.#commit(outgoing)
    }
    await this.#commit([this.#marks.reach(watched, began)])
  }

  #visitor(row: unknown): readonly OutgoingRecord[] {
    const profile = visitorIn(row, this.#parts.clock.now())
    if (!profile || this.#marks.isTold('visitor', profile.id, profile.content)) return []
    const { id, content, value, claim } = profile
    const records = this.#written(claim, { stream: visitorsTopic, value })
    return records.length === 0 ? [] : [...records, this.#marks.tell('visitor', id, content, value.receivedAt)]
  }

  #account(row: unknown): readonly OutgoingRecord[] {
    const profile = accountIn(row, this.#parts.clock.now())
    if (!profile || this.#marks.isTold('account', profile.id, profile.content)) return []
    const { id, content, value } = profile
    const records = this.#written(null, { stream: accountsTopic, value })
    return records.length === 0 ? [] : [...records, this.#marks.tell('account', id, content, value.receivedAt)]
  }

  async #sweepUsage(catalogue: Catalogue): Promise<void> {
    const now = this.#parts.clock.now()
    const until = hourOf(now - settledAfterMs)
    const first = Math.max(this.#marks.reached('usage')?.time ?? 0, hourOf(now - lookBackMs))
    const told = this.#told ?? new ToldUses(first - hourMs)
    this.#told = told
    await this.#reader.read(told, first - hourMs, this.#ended)
    const from = Math.max(first, told.from + hourMs)
    if (from > first)
      this.#parts.logger.warn(
        { vendor: 'pendo', topic: tracksTopic.name },
        'More was told of Pendo than can be compared at once: usage of the oldest hours is not repaired',
      )
    if (from >= until) return
    for (const kind of usageKinds) await this.#sweepKind(kind, { catalogue, told, from, until })
    const final = Math.min(until, Math.max(from, hourOf(now - finalAfterMs)))
    await this.#commit([this.#marks.reach('usage', final)])
    told.forget(final - hourMs)
  }

  async #sweepKind(
    kind: UsageKind,
    range: { readonly catalogue: Catalogue; readonly told: ToldUses; readonly from: number; readonly until: number },
  ): Promise<void> {
    const { clock, metrics } = this.#parts
    const onUnnamed = (): void => metrics.increment('tributary_pendo_swept_total', { what: 'unnamed' })
    const outgoing: OutgoingRecord[] = []
    for await (const rows of this.#groups(usageRead(kind, range.from, range.until))) {
      const comparison = { ...range, kind, receivedAt: clock.now(), onUnnamed }
      let isClaimed = false
      for (const value of missingUses(rows, rows[0]?.['visitorId'], comparison)) {
        const claim = isClaimed ? null : seen(value, value.aliases)
        const written = this.#written(claim, { stream: tracksTopic, value })
        isClaimed ||= written.length > 0
        outgoing.push(...written)
        metrics.increment('tributary_pendo_swept_total', { what: 'usage' })
        if (outgoing.length >= recordsPerTransaction) await this.#commit(outgoing.splice(0))
      }
    }
    await this.#commit(outgoing)
  }

  #groups(read: KeyedRead) {
    const { client, logger, metrics } = this.#parts
    const onTooMany = (): void => {
      metrics.increment('tributary_pendo_swept_total', { what: 'too-many' })
      logger.warn(
        { vendor: 'pendo' },
        'A visitor has more rows of usage than can be read at once; its usage is not repaired',
      )
    }
    return groupsOf(client, read, { onTooMany }, this.#ended)
  }

  /** Nothing for what cannot be written, which is logged: one visitor must not keep the others back. */
  #written(claim: IdentityClaim | null, record: PendoRecord): readonly OutgoingRecord[] {
    const { codec, logger } = this.#parts
    return writtenOrPassedOver(() => recordsOf(codec, claim, record), { vendor: 'pendo', logger })
  }

  async #commit(records: readonly OutgoingRecord[]): Promise<void> {
    for (let at = 0; at < records.length && !this.#ended.aborted; at += recordsPerTransaction) {
      const part = records.slice(at, at + recordsPerTransaction)
      await this.#context.commit({ records: part, offsets: new Map() })
    }
  }
}

const metadataRead = (kind: ProfileKind, since: number | null): KeyedRead => ({
  operation: `read-${kind}s`,
  key: [`${kind}Id`],
  stages: [
    { source: { [`${kind}s`]: null } },
    ...(kind === 'visitor' ? [{ identified: 'visitorId' }] : []),
    ...(since === null ? [] : [{ filter: `metadata.auto.lastupdated >= ${since}` }]),
  ],
})

/** An hour more on both sides: a use may be told of another hour than that in which Pendo counts it. */
const usageRead = (kind: UsageKind, from: number, until: number): KeyedRead => ({
  operation: `read-${usageSources[kind].events}`,
  key: ['visitorId'],
  stages: [
    {
      source: {
        [usageSources[kind].events]: allApps,
        timeSeries: { period: 'hourRange', first: from - hourMs, count: (until - from) / hourMs + 2 },
      },
    },
    { identified: 'visitorId' },
  ],
})
