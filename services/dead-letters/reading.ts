import type { DeadLetterMark, Receipt, SinkWrite } from '../../schemas/generated.ts'
import type { Kafka } from '../kafka/kafka.ts'
import { type Advice, adviceFor } from './advice.ts'
import { type Content, type ContentReader, decoded, readContent } from './content.ts'
import { historyOf } from './history.ts'
import type { Letter, LetterOriginal } from './letter.ts'
import { type LetterState, readMarks } from './marks.ts'
import { type LetterFilter, letters, letterWithId, passes } from './stored-letters.ts'

export interface ReadingParts extends ContentReader {
  readonly kafka: Kafka
}

/** A letter without anything of a person. */
export interface LetterRow {
  readonly id: string
  readonly at: number
  readonly service: string
  readonly code: string
  readonly topic: string
  /** Id of the write or event; null when the bytes cannot be read, or when the id holds an address. */
  readonly event: string | null
  readonly state: LetterState
}

export interface LetterDetails extends Letter {
  readonly state: LetterState
  readonly mark: DeadLetterMark | null
  readonly advice: Advice
  readonly content: Content
  /** Of a write: what became of the writes to the same record, oldest first. */
  readonly history: readonly Receipt[]
}

/** The letters of a cluster, oldest first; the open ones, or with `done` all that are kept. */
export const listLetters = async (
  parts: ReadingParts,
  { done = false, ...filter }: LetterFilter & { readonly done?: boolean } = {},
): Promise<readonly LetterRow[]> => {
  const marks = await readMarks(parts)
  const rows: LetterRow[] = []
  for await (const letter of letters(parts.kafka)) {
    const state = marks.stateOf(letter)
    if (!passes(letter, filter) || (state !== 'open' && !done)) continue
    const { id, at, service, code, original } = letter
    const event = withoutAddress(letter.writeId ?? eventIdIn(await decoded(original, parts)))
    rows.push({ id, at, service, code, topic: original.topic, event, state })
  }
  return rows.sort((one, other) => one.at - other.at)
}

/** All that is known of a letter. Throws `DEAD_LETTER_UNKNOWN`. */
export const showLetter = async (parts: ReadingParts, id: string): Promise<LetterDetails> => {
  const letter = await letterWithId(parts.kafka, id)
  const marks = await readMarks(parts)
  const content = await readContent(letter.original, parts)
  return {
    ...letter,
    state: marks.stateOf(letter),
    mark: marks.of(letter) ?? null,
    advice: adviceFor(letter),
    content,
    history: await historyIn(parts, letter.original),
  }
}

const historyIn = async (parts: ReadingParts, original: LetterOriginal): Promise<readonly Receipt[]> => {
  const topic = parts.topics.find(({ name }) => name === original.topic)
  if (topic?.kind !== 'stream' || topic.record !== 'sink-write') return []
  const write = await decoded(original, parts)
  return write === undefined ? [] : historyOf(parts, write as SinkWrite)
}

/** An event calls it `eventId`; a claim and a write `id`. */
const eventIdIn = (value: unknown): string | null => {
  const { eventId, id } = (value ?? {}) as { readonly eventId?: unknown; readonly id?: unknown }
  return [eventId, id].find(each => typeof each === 'string') ?? null
}

/** Foreign ids may be made of addresses. */
const withoutAddress = (id: string | null): string | null => (id !== null && /@|%40/i.test(id) ? null : id)
