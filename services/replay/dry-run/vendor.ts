import type { Person } from '../../../topology/define.ts'
import type {
  DependentObject,
  Destination,
  Problem,
  PutTarget,
  ReadResult,
  RecordObject,
  Resolution,
  StandaloneObject,
} from '../../delivery/destination.ts'
import { Backoff } from '../../kafka/client/backoff.ts'
import type { Clock } from '../../runtime/clock.ts'
import { TributaryError } from '../../runtime/errors.ts'

/** Requests for one answer before a dry run gives up. */
const mostAttempts = 6
const retry = { firstMs: 500, longestMs: 30_000 }
const patienceMs = 50

/** An answer that will not change by asking again. */
export type Final<Result> = Exclude<Result, { readonly kind: 'retry' | 'needs-person' }>

/** What a destination says and holds, asked in batches within its limits. It only reads. */
export class Vendor {
  readonly destination: Destination
  readonly #clock: Clock
  readonly #signal: AbortSignal

  constructor(destination: Destination, clock: Clock, signal: AbortSignal) {
    this.destination = destination
    this.#clock = clock
    this.#signal = signal
  }

  /** The records of persons, in their order. */
  resolve(objects: readonly string[], persons: readonly Person[]): Promise<readonly Final<Resolution>[]> {
    const { destination } = this
    return this.#ask<Person, Resolution>(persons, destination.lookUpSize, batch =>
      destination.resolve(objects, batch, this.#signal),
    )
  }

  read(object: RecordObject, ids: readonly string[], fields: readonly string[]): Promise<readonly Final<ReadResult>[]> {
    return this.#ask<string, ReadResult>(ids, object.batchSize, batch => object.read(batch, fields, this.#signal))
  }

  /** Undefined when the vendor offers no way to ask. */
  async readDependent(
    object: DependentObject,
    targets: readonly PutTarget[],
    fields: readonly string[],
  ): Promise<readonly Final<ReadResult>[] | undefined> {
    if (!object.read) return undefined
    const read = object.read.bind(object)
    return await this.#ask<PutTarget, ReadResult>(targets, object.batchSize, batch => read(batch, fields, this.#signal))
  }

  /** The same of objects that stand alone. */
  async readStandalone(
    object: StandaloneObject,
    keys: readonly string[],
    fields: readonly string[],
  ): Promise<readonly Final<ReadResult>[] | undefined> {
    if (!object.read) return undefined
    const read = object.read.bind(object)
    return await this.#ask<string, ReadResult>(keys, object.batchSize, batch => read(batch, fields, this.#signal))
  }

  async #ask<Input, Result extends Resolution | ReadResult>(
    inputs: readonly Input[],
    batchSize: number,
    request: (batch: readonly Input[]) => Promise<readonly Result[]>,
  ): Promise<readonly Final<Result>[]> {
    const results: Final<Result>[] = []
    for (let from = 0; from < inputs.length; from += batchSize) {
      results.push(...(await this.#askBatch(inputs.slice(from, from + batchSize), request)))
    }
    return results
  }

  /** Asks again for what may be answered later. Throws `DRY_RUN_UNANSWERED`. */
  async #askBatch<Input, Result extends Resolution | ReadResult>(
    batch: readonly Input[],
    request: (batch: readonly Input[]) => Promise<readonly Result[]>,
  ): Promise<readonly Final<Result>[]> {
    const answers = new Map<number, Final<Result>>()
    const backoff = new Backoff(retry.firstMs, retry.longestMs, Math.random)
    let problem: Problem | undefined
    for (let attempt = 1; attempt <= mostAttempts; attempt++) {
      await this.#untilAllowed()
      const open = [...batch.keys()].filter(index => !answers.has(index))
      const results = await request(open.flatMap(index => batch[index] ?? []))
      problem = undefined
      for (const [position, index] of open.entries()) {
        const result = results[position]
        if (result === undefined || result.kind === 'retry' || result.kind === 'needs-person')
          problem = result ?? noAnswer
        else answers.set(index, result as Final<Result>)
      }
      if (!problem) return [...batch.keys()].flatMap(index => answers.get(index) ?? [])
      if (problem.kind !== 'retry') break
      await this.#clock.sleep(Math.max(problem.afterMs ?? 0, backoff.next()), this.#signal)
    }
    throw this.#unanswered(problem ?? noAnswer)
  }

  async #untilAllowed(): Promise<void> {
    for (let waitMs = this.destination.waitMs(); waitMs > 0; waitMs = this.destination.waitMs()) {
      this.#throwIfEnded()
      await this.#clock.sleep(Math.min(waitMs, patienceMs), this.#signal)
    }
    this.#throwIfEnded()
  }

  #throwIfEnded(): void {
    if (this.#signal.aborted) throw new TributaryError('INTERRUPTED', 'The dry run was ended before it was done.')
  }

  #unanswered({ code, message }: Problem): TributaryError {
    return new TributaryError(
      'DRY_RUN_UNANSWERED',
      `Expected ${this.destination.name} to tell what it holds, came ${code}: ${message} Nothing was sent. Mend that, then run it again.`,
    )
  }
}

const noAnswer: Problem = {
  kind: 'retry',
  code: 'RESULT_MISSING',
  message: 'There was no result for an input.',
  status: null,
  correlationId: null,
}
