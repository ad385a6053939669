import { deadLetters } from '../../topology/topics.ts'
import type { Kafka } from '../kafka/kafka.ts'
import { TributaryError } from '../runtime/errors.ts'
import { type Letter, letterOf, placeOf } from './letter.ts'

/** Which letters; a property that is absent excludes none. */
export interface LetterFilter {
  readonly service?: string
  readonly code?: string
  /** Topic that the original was read from. */
  readonly topic?: string
}

export const passes = (letter: Letter, { service, code, topic }: LetterFilter): boolean =>
  (service === undefined || letter.service === service) &&
  (code === undefined || letter.code === code) &&
  (topic === undefined || letter.original.topic === topic)

/** Those that are there now: a letter that comes while they are read, of a retry that failed again, is not among them. */
export async function* letters(kafka: Kafka): AsyncGenerator<Letter> {
  for (const { partition, earliest, stable } of await kafka.topics.offsets(deadLetters.name)) {
    for await (const record of kafka.read(deadLetters.name, partition, earliest, stable)) yield letterOf(record)
  }
}

/** Throws `DEAD_LETTER_UNKNOWN`. */
export const letterWithId = async (kafka: Kafka, id: string): Promise<Letter> => {
  const letter = await find(kafka, await boundsOf(kafka), id)
  if (!letter) throw unknownLetters([id])
  return letter
}

/** Each once, in their order in the topic. Throws `DEAD_LETTER_UNKNOWN` with every id that is none. */
export const lettersWithIds = async (kafka: Kafka, ids: readonly string[]): Promise<readonly Letter[]> => {
  const bounds = await boundsOf(kafka)
  const found: Letter[] = []
  const unknown: string[] = []
  for (const id of [...new Set(ids)].sort(byPlace)) {
    const letter = await find(kafka, bounds, id)
    if (letter) found.push(letter)
    else unknown.push(id)
  }
  if (unknown.length > 0) throw unknownLetters(unknown)
  return found
}

type Bounds = ReadonlyMap<number, { readonly earliest: number; readonly stable: number }>

const boundsOf = async (kafka: Kafka): Promise<Bounds> =>
  new Map((await kafka.topics.offsets(deadLetters.name)).map(each => [each.partition, each]))

/** Undefined also where the end of a transaction or an aborted record lies. */
const find = async (kafka: Kafka, bounds: Bounds, id: string): Promise<Letter | undefined> => {
  const place = placeOf(id)
  const bound = place && bounds.get(place.partition)
  if (!place || !bound || place.offset < bound.earliest || place.offset >= bound.stable) return undefined
  const { partition, offset } = place
  for await (const record of kafka.read(deadLetters.name, partition, offset, offset + 1)) return letterOf(record)
  return undefined
}

const byPlace = (one: string, other: string): number => {
  const [left, right] = [placeOf(one), placeOf(other)]
  if (!left || !right) return 0
  return left.partition - right.partition || left.offset - right.offset
}

const unknownLetters = (ids: readonly string[]): TributaryError =>
  new TributaryError(
    'DEAD_LETTER_UNKNOWN',
    `Expected ids of dead letters that are kept (<partition>-<offset>), but there is none of ${ids.join(', ')}. \`tributary dead-letters list --all\` shows them; they are kept for 30 days.`,
  )
