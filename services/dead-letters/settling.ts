import type { Kafka, OutgoingRecord, Publisher } from '../kafka/kafka.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Codec } from '../runtime/codec.ts'
import { TributaryError } from '../runtime/errors.ts'
import { type Letter, letterId } from './letter.ts'
import { type LetterState, type Marks, readMarks, writeMarks } from './marks.ts'
import { type LetterFilter, letters, lettersWithIds, passes } from './stored-letters.ts'
import { type WayBackParts, wayBack } from './way-back.ts'

export interface SettlingParts extends WayBackParts {
  readonly codec: Codec
  readonly kafka: Kafka
  readonly clock: Clock
}

/** These letters, or all open ones that the filter lets through. */
export type Choice =
  | {
      readonly ids: readonly string[]
      /** Also those that were retried or dropped before. */
      readonly again?: boolean
    }
  | { readonly filter: LetterFilter }

export interface LetterResult {
  readonly id: string
  /** `unchanged`: it was done with before. `failed`: it stays open. */
  readonly result: 'retried' | 'dropped' | 'unchanged' | 'failed'
  /** `<topic>-<partition>-<offset>` of what a retry appended. */
  readonly appended: readonly string[]
  readonly reason?: string
}

/** Letters that are sent and marked together. */
const batchSize = 100

/**
 * Sends the originals again, each partition's in their order, and marks the letters. An event that several consumers set aside is sent once, for it
 * comes to all of them. The mark follows the acknowledgement, so a retry that was cut off leaves letters open that were sent: sending them again
 * changes nothing. Throws `DEAD_LETTER_UNKNOWN` before anything is sent.
 */
export const retryLetters = (parts: SettlingParts, choice: Choice): Promise<readonly LetterResult[]> => {
  const results = new Map<string, Omit<LetterResult, 'id'>>()
  return settle(parts, choice, async (batch, publisher) => {
    const fresh = batch.filter(letter => !results.has(sourceOf(letter)))
    const ways = new Map(fresh.map(letter => [sourceOf(letter), tryWayBack(letter, parts)]))
    const appended = await publisher.publish([...ways.values()].flatMap(({ records }) => records))
    const places = appended.map(place => `${place.topic}-${letterId(place)}`)
    for (const [source, way] of ways) results.set(source, resultOf(way, places.splice(0, way.records.length)))
    return batch.map(letter => ({ id: letter.id, ...(results.get(sourceOf(letter)) ?? unsent) }))
  })
}

/** Marks letters as done without sending them. Throws `DEAD_LETTER_UNKNOWN` before anything is marked. */
export const dropLetters = (parts: SettlingParts, choice: Choice): Promise<readonly LetterResult[]> =>
  settle(parts, choice, batch => Promise.resolve(batch.map(({ id }) => ({ id, result: 'dropped', appended: [] }))))

type Settle = (batch: readonly Letter[], publisher: Publisher) => Promise<readonly LetterResult[]>

/** Settles the chosen letters batch by batch and marks what was done; those that were done with before stay as they are. */
const settle = async (parts: SettlingParts, choice: Choice, work: Settle): Promise<readonly LetterResult[]> => {
  const { kafka } = parts
  const marks = await readMarks(parts)
  const results: LetterResult[] = []
  const publisher = await kafka.publisher('dead-letters')
  const finish = async (batch: readonly Letter[]): Promise<void> => {
    if (batch.length === 0) return
    const settled = await work(batch, publisher)
    results.push(...settled)
    await markDone(parts, publisher, batch, settled)
  }
  try {
    let batch: Letter[] = []
    for await (const letter of chosen(kafka, choice, marks)) {
      const state = marks.stateOf(letter)
      if (state !== 'open' && !('ids' in choice && choice.again)) {
        results.push(unchanged(letter, state))
        continue
      }
      batch.push(letter)
      if (batch.length < batchSize) continue
      await finish(batch)
      batch = []
    }
    await finish(batch)
    const obsolete = marks.obsolete()
    if (obsolete.length > 0) await publisher.publish(obsolete)
  } finally {
    await publisher.close()
  }
  return results
}

const markDone = async (
  { codec, clock }: SettlingParts,
  publisher: Publisher,
  batch: readonly Letter[],
  results: readonly LetterResult[],
): Promise<void> => {
  const at = clock.now()
  const done = results.flatMap(({ result, appended }, index) => {
    const letter = batch[index]
    if (!letter || (result !== 'retried' && result !== 'dropped')) return []
    const state = result === 'retried' ? ('RETRIED' as const) : ('DROPPED' as const)
    return [{ letter, mark: { state, at, appended: [...appended] } }]
  })
  await writeMarks({ publisher, codec }, done)
}

const unchanged = ({ id }: Letter, state: LetterState): LetterResult => ({
  id,
  result: 'unchanged',
  appended: [],
  reason: `It was ${state} before.`,
})

/** The same for all letters of one record; a letter that came from no offset has its own. */
const sourceOf = ({ id, original: { topic, partition, offset } }: Letter): string =>
  partition === null || offset === null ? `letter ${id}` : `${topic}-${partition}-${offset}`

interface Way {
  readonly records: readonly OutgoingRecord[]
  readonly refusal?: string
}

const tryWayBack = (letter: Letter, parts: WayBackParts): Way => {
  try {
    return { records: wayBack(letter, parts) }
  } catch (error) {
    if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
    return { records: [], refusal: `${error.code}: ${error.message}` }
  }
}

const unsent = { result: 'failed', appended: [] } as const

const resultOf = ({ records, refusal }: Way, appended: readonly string[]): Omit<LetterResult, 'id'> => {
  if (refusal !== undefined) return { ...unsent, reason: refusal }
  if (records.length > 0) return { result: 'retried', appended }
  return { result: 'retried', appended, reason: 'Its webinar is not selected, so nothing was sent.' }
}

async function* chosen(kafka: Kafka, choice: Choice, marks: Marks): AsyncGenerator<Letter> {
  if ('ids' in choice) {
    yield* await lettersWithIds(kafka, choice.ids)
    return
  }
  for await (const letter of letters(kafka)) {
    if (passes(letter, choice.filter) && marks.stateOf(letter) === 'open') yield letter
  }
}
