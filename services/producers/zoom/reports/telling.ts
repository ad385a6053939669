import type { Stream } from '../../../../topology/define.ts'
import { identityClaims, webinars } from '../../../../topology/topics.ts'
import { resolverName } from '../../../identity/resolver-task.ts'
import type { Kafka, OutgoingRecord, TaskContext } from '../../../kafka/kafka.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { Codec } from '../../../runtime/codec.ts'
import { TributaryError } from '../../../runtime/errors.ts'
import type { Logger } from '../../../runtime/log.ts'
import type { Told } from './records.ts'

export interface TellingParts {
  readonly kafka: Pick<Kafka, 'lag'>
  readonly codec: Codec
  readonly clock: Clock
  readonly logger: Logger
}

/** How long the resolver may take with the claims before the events follow them all the same. */
const resolverPatienceMs = 30_000
const resolverLookMs = 200
/** Identities reach the consumers a moment after the resolver committed them. */
const identitiesSpreadMs = 1_000

/** A transaction must end within ten seconds, and a report may have tens of thousands of rows. */
const recordsPerTransaction = 5_000

/**
 * Claims first, then, when the resolver has taken them, all records, the last of them in one transaction with the offset. Else the events of people who are new would be parked
 * until they are known, and SETTLED, which is about nobody, would overtake them: whoever attended would count as missed for a moment, and that is told for good.
 * @param offset of the input at the time of the transaction; undefined to leave it
 */
export const tell = async (
  parts: TellingParts,
  context: TaskContext,
  { records, claims }: Told,
  signal: AbortSignal,
  offset: () => number | undefined,
): Promise<void> => {
  const claimed = claims.flatMap(claim => written(parts, identityClaims, claim.aliases[0] ?? claim.id, claim))
  if (claimed.length > 0) {
    await commitAll(context, claimed, signal, () => undefined)
    await untilResolved(parts, signal)
  }
  const told = records.flatMap(event => written(parts, webinars, event.number, event))
  await commitAll(context, told, signal, offset)
}

/** Whoever takes over after a part of it tells all of it again, with the same ids. */
const commitAll = async (
  context: TaskContext,
  records: readonly OutgoingRecord[],
  signal: AbortSignal,
  offset: () => number | undefined,
): Promise<void> => {
  for (let from = 0; !signal.aborted; from += recordsPerTransaction) {
    const part = records.slice(from, from + recordsPerTransaction)
    const isLast = from + recordsPerTransaction >= records.length
    const next = isLast ? offset() : undefined
    await context.commit({ records: part, offsets: new Map(next === undefined ? [] : [[webinars.name, next]]) })
    if (isLast) return
  }
}

/** A value as a record; nothing for one that cannot be written, which is logged: one row of a report must not keep the others back. */
const written = <Value>(
  { codec, logger }: TellingParts,
  topic: Stream<Value>,
  key: string,
  value: Value,
): readonly OutgoingRecord[] => {
  try {
    return [{ topic: topic.name, key, value: codec.encode(topic, value) }]
  } catch (error) {
    if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
    logger.warn({ vendor: 'zoom', topic: topic.name, error }, 'Zoom reported something that cannot be written')
    return []
  }
}

const untilResolved = async ({ kafka, clock }: TellingParts, signal: AbortSignal): Promise<void> => {
  for (const until = clock.now() + resolverPatienceMs; clock.now() < until && !signal.aborted; ) {
    const lags = await kafka.lag(resolverName, [identityClaims.name])
    if (lags.every(({ records }) => records === 0)) break
    await clock.sleep(resolverLookMs, signal)
  }
  await clock.sleep(identitiesSpreadMs, signal)
}
