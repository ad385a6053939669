import type { DeadLetterMark } from '../../schemas/generated.ts'
import { deadLetterMarks, deadLetters } from '../../topology/topics.ts'
import type { Kafka, OutgoingRecord, Publisher } from '../kafka/kafka.ts'
import type { Codec } from '../runtime/codec.ts'
import { storedValues } from '../runtime/stored-values.ts'
import { type Letter, placeOf } from './letter.ts'

export type LetterState = 'open' | 'retried' | 'dropped'

/** What operators did with dead letters, read once from the topic `dead-letter-marks`. */
export interface Marks {
  /** The mark of this letter; undefined while it is open. */
  of(letter: Pick<Letter, 'id' | 'timestamp'>): DeadLetterMark | undefined
  stateOf(letter: Pick<Letter, 'id' | 'timestamp'>): LetterState
  /** Tombstones for the marks of letters that retention has removed. */
  obsolete(): readonly OutgoingRecord[]
}

const states = { RETRIED: 'retried', DROPPED: 'dropped' } as const

export const readMarks = async ({ kafka, codec }: { readonly kafka: Kafka; readonly codec: Codec }): Promise<Marks> => {
  const marks = new Map<string, DeadLetterMark>()
  for await (const { key, value } of storedValues({ kafka, codec }, deadLetterMarks)) {
    if (value === null) marks.delete(key)
    else marks.set(key, value)
  }
  const kept = new Map((await kafka.topics.offsets(deadLetters.name)).map(each => [each.partition, each.earliest]))
  const of: Marks['of'] = ({ id, timestamp }) => {
    const mark = marks.get(id)
    return mark?.letterTimestamp === timestamp ? mark : undefined
  }
  return {
    of,
    stateOf: letter => {
      const mark = of(letter)
      return mark ? states[mark.state] : 'open'
    },
    obsolete: () => [...marks.keys()].filter(id => isGone(id, kept)).map(key => markRecord(key, null)),
  }
}

/** Marks letters, for every operator and for good. */
export const writeMarks = async (
  { publisher, codec }: { readonly publisher: Publisher; readonly codec: Codec },
  marks: readonly { readonly letter: Letter; readonly mark: Omit<DeadLetterMark, 'letterTimestamp'> }[],
): Promise<void> => {
  if (marks.length === 0) return
  await publisher.publish(
    marks.map(({ letter, mark }) =>
      markRecord(letter.id, codec.encode(deadLetterMarks, { ...mark, letterTimestamp: letter.timestamp })),
    ),
  )
}

const markRecord = (key: string, value: Buffer | null): OutgoingRecord => ({
  topic: deadLetterMarks.name,
  partition: 0,
  key,
  value,
})

const isGone = (id: string, kept: ReadonlyMap<number, number>): boolean => {
  const place = placeOf(id)
  return place === undefined || place.offset < (kept.get(place.partition) ?? 0)
}
