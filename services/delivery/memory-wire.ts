import type { Clock } from '../runtime/clock.ts'
import type { Problem } from './destination.ts'

/** What happens to one request instead of its ordinary course. */
export type MemoryFault =
  /** No answer, nothing done. */
  | 'reset'
  /** All done, no answer. */
  | 'reset-after-apply'
  /** The vendor slows us down for all inputs. */
  | { readonly limitedForMs: number }
  | 'needs-person'
  /** The implementation itself is broken. */
  | 'throw'

export type MemoryRequestKind = 'look-up' | 'send' | 'put' | 'read'

/** The way to a vendor that is none: it takes time, fails when told to, and keeps a record of what went over it. */
export class MemoryWire {
  /** Requests in their order, with the number of their inputs. */
  readonly requests: { readonly kind: 'prepare' | MemoryRequestKind; readonly inputs: number }[] = []
  /** What had two inputs under way at once. */
  readonly collisions: string[] = []
  peak = 0
  latencyMs = 0
  readonly #clock: Clock
  readonly #underWay = new Set<string>()
  #running = 0
  #faults: { fault: MemoryFault; kind: MemoryRequestKind | undefined }[] = []

  constructor(clock: Clock) {
    this.#clock = clock
  }

  fail(fault: MemoryFault, times: number, kind: MemoryRequestKind | undefined): void {
    this.#faults.push(...Array.from({ length: times }, () => ({ fault, kind })))
  }

  async prepare(): Promise<void> {
    this.requests.push({ kind: 'prepare', inputs: 0 })
    await this.#clock.sleep(this.latencyMs)
  }

  /** @param changes what each input changes: no two requests at once may change the same */
  async request<Input, Result>(
    kind: MemoryRequestKind,
    changes: readonly string[],
    inputs: readonly Input[],
    handle: (input: Input) => Result,
  ): Promise<(Result | Problem)[]> {
    this.requests.push({ kind, inputs: inputs.length })
    for (const changed of changes) {
      if (this.#underWay.has(changed)) this.collisions.push(changed)
      this.#underWay.add(changed)
    }
    this.#running += 1
    this.peak = Math.max(this.peak, this.#running)
    const fault = this.#takeFault(kind)
    await this.#clock.sleep(this.latencyMs)
    this.#running -= 1
    for (const changed of changes) this.#underWay.delete(changed)
    if (fault === 'throw') throw new TypeError('a defect')
    if (fault !== undefined && fault !== 'reset-after-apply') return inputs.map(() => failure(fault))
    const results = inputs.map(handle)
    return fault === undefined ? results : inputs.map(() => unreachable)
  }

  #takeFault(kind: MemoryRequestKind): MemoryFault | undefined {
    const index = this.#faults.findIndex(one => (one.kind ?? kind) === kind)
    return index < 0 ? undefined : this.#faults.splice(index, 1)[0]?.fault
  }
}

const unreachable: Problem = {
  kind: 'retry',
  code: 'DESTINATION_UNREACHABLE',
  message: 'Expected an answer, came none.',
  status: null,
  correlationId: null,
}

const failure = (fault: Exclude<MemoryFault, 'throw' | 'reset-after-apply'>): Problem => {
  if (fault === 'reset') return unreachable
  if (fault === 'needs-person') {
    const message = 'Expected a token that is accepted, came another. Set it anew.'
    return { kind: 'needs-person', code: 'TOKEN_REFUSED', message, status: 401, correlationId: null }
  }
  const facts = { message: 'Too many requests.', status: 429, correlationId: null }
  return { kind: 'retry', code: 'RATE_LIMITED', ...facts, afterMs: fault.limitedForMs, limited: true }
}
