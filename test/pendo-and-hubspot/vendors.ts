import type { Visitor } from '../../schemas/generated.ts'
import { type DeliveredFields, joinSets } from '../../services/delivery/lanes/joining.ts'
import type { FieldValue } from '../../topology/define.ts'
import { writeOf } from '../delivery/delivering.ts'
import type { Asked } from './driving.ts'
import { at } from './sides.ts'

type Values = Readonly<Record<string, FieldValue>>

interface Snapshot {
  readonly values: Values
  /** When the record changed last. */
  readonly changed: number
}

/** A record at a vendor, as it is and as it was, with the sink that writes to it. */
export class VendorRecord {
  readonly #history: Snapshot[]
  #delivered: DeliveredFields = {}
  readonly #waiting: Asked[] = []
  /** Requests that changed or repeated something here. */
  requests = 0

  constructor(values: Values) {
    this.#history = [{ values, changed: 0 }]
  }

  get values(): Values {
    return this.#history.at(-1)?.values ?? {}
  }

  /** @param ago how many changes ago; a reading may lag */
  read(ago = 0): Snapshot {
    return this.#history.at(Math.max(-1 - ago, -this.#history.length)) ?? { values: {}, changed: 0 }
  }

  edit(name: string, value: FieldValue, now: number): void {
    this.#history.push({ values: { ...this.values, [name]: value }, changed: now })
  }

  ask(asked: Asked): void {
    this.#waiting.push(asked)
  }

  /** The sink sends some of what waits, joined as it joins them. Gives what changed, and what was taken. */
  deliver(count: number, now: number): { readonly changed: Values; readonly taken: readonly Asked[] } {
    const asked = this.#waiting.splice(0, count)
    const writes = asked.map(({ fields, revision }) =>
      writeOf('vendor', { person: 'p', fields, revision, shared: true, eventId: String(revision), time: at }),
    )
    const { fields, delivered, outcomes } = joinSets(writes, this.#delivered)
    this.#delivered = delivered
    if (Object.keys(fields).length === 0) return { changed: {}, taken: [] }
    this.requests += 1
    const changed = Object.fromEntries(
      Object.entries(fields).flatMap(([name, value]) => {
        const held = value === '' ? null : value
        return (this.values[name] ?? null) === held ? [] : [[name, held]]
      }),
    )
    if (Object.keys(changed).length > 0) this.#history.push({ values: { ...this.values, ...changed }, changed: now })
    return { changed, taken: asked.filter((_, index) => outcomes[index] === 'APPLIED') }
  }
}

/** Events on their way, each once or several times, in any order. */
export class Underway {
  readonly #events: Visitor[] = []
  readonly #sent: Visitor[] = []

  send(event: Visitor, times = 1): void {
    this.#sent.push(event)
    for (let time = 0; time < times; time++) this.#events.push(event)
  }

  /** One that was sent some time before is sent again. @param ago any number */
  repeat(ago: number): void {
    const event = this.#sent.at(-1 - ago)
    if (event) this.#events.push(event)
  }

  /** @param which any number: the one in that place, counted round */
  take(which: number, now: number): Visitor | undefined {
    if (this.#events.length === 0) return undefined
    const [event] = this.#events.splice(which % this.#events.length, 1)
    return event && { ...event, receivedAt: at + now }
  }
}
