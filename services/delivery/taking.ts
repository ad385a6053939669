import type { SinkWrite } from '../../schemas/generated.ts'
import type { Stream } from '../../topology/define.ts'
import type { StoredRecord } from '../kafka/kafka.ts'
import type { Codec } from '../runtime/codec.ts'
import { TributaryError } from '../runtime/errors.ts'
import type { Destination, DestinationObject } from './destination.ts'
import type { Entry } from './lanes/lanes.ts'
import type { Routing } from './lanes/routing.ts'
import type { Fault, Outcomes } from './requests/outcomes.ts'
import type { Pause } from './requests/pause.ts'
import type { Inputs } from './state/inputs.ts'

export interface TakingParts {
  readonly reads: Stream<SinkWrite>
  readonly replays: Stream<SinkWrite>
  readonly destination: Destination
  /** Names of the destination's objects that this sink writes. */
  readonly objects: ReadonlySet<string>
  readonly inputs: Inputs
  readonly codec: Codec
  readonly routing: Routing
  readonly outcomes: Outcomes
  readonly pause: Pause
}

/** Turns records of the input topics into writes on their way; what this sink cannot do is set aside. */
export class Taking {
  readonly #parts: TakingParts
  #taken = 0

  constructor(parts: TakingParts) {
    this.#parts = parts
  }

  /** The record's schema is known (`codec.prepare`). */
  take(record: StoredRecord): void {
    const { inputs, codec, routing, outcomes, pause, reads, replays } = this.#parts
    const live = record.topic === reads.name
    const mark = inputs.of(record.topic).take(record.offset)
    if (record.value === null) {
      outcomes.ignore(mark)
      return
    }
    try {
      const write = codec.decode(live ? reads : replays, record.value)
      const entry = this.#entry(mark, record, write, live)
      const refusal = this.#refusal(write)
      if (refusal === undefined) routing.place(entry)
      else this.reject(entry, { code: 'OPERATION_UNSUPPORTED', message: refusal })
    } catch (error) {
      if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
      const reason = outcomes.rejectBytes(mark, record, { code: error.code, message: error.message })
      if (reason) pause.hold(reason)
    }
  }

  reject(entry: Entry, fault: Fault): void {
    const reason = this.#parts.outcomes.reject(entry, fault)
    if (reason) this.#parts.pause.hold(reason)
  }

  #entry(mark: Entry['mark'], original: StoredRecord, write: SinkWrite, live: boolean): Entry {
    const taken = { order: this.#taken++, takenAt: this.#parts.pause.activeMs() }
    return { mark, original, write, live, ...taken, attempts: 0, failingSince: undefined, adjustments: [] }
  }

  #refusal(write: SinkWrite): string | undefined {
    const { destination, objects } = this.#parts
    const object = objects.has(write.object) ? destination.objects[write.object] : undefined
    if (write.destination === destination.name && object && isPossibleFor(object, write)) return undefined
    const possible = [...objects].map(name => this.#possible(name)).join(', ')
    return `Expected ${possible}; came ${operationOf(write)} of ${write.destination}:${write.object}, which this sink cannot do. Change the consumer that asks for it.`
  }

  #possible(name: string): string {
    const { destination } = this.#parts
    const object = destination.objects[name]
    return `${object ? operations[object.kind] : 'nothing'} of ${destination.name}:${name}`
  }
}

type Kind = Destination['objects'][string]['kind']

/** Only what stands alone may be about nobody, and only when it can be written again and again. */
const isPossibleFor = (object: DestinationObject, write: SinkWrite): boolean => {
  if (!isPossible[object.kind](write)) return false
  return write.person !== null || (object.kind === 'keyed' && object.of === null)
}

const isPossible: Readonly<Record<Kind, (write: SinkWrite) => boolean>> = {
  record: ({ operation, key, once }) => operation === 'SET' && !key && !once,
  keyed: ({ operation, key, once }) => operation === 'SET' && Boolean(key) && !once,
  appended: ({ operation, key, once }) => operation === 'APPEND' && !key && Boolean(once),
}

const operations: Readonly<Record<Kind, string>> = {
  record: 'SET',
  keyed: 'SET with a key',
  appended: 'APPEND with a once key',
}

const operationOf = ({ operation, key, once, person }: SinkWrite): string =>
  `${operation}${key ? ' with a key' : ''}${once ? ' with a once key' : ''}${person === null ? ' about nobody' : ''}`
