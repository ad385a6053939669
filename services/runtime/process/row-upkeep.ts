import type { Consumer } from '../../../topology/define.ts'
import { moves } from '../../../topology/topics.ts'
import type { IdentityDirectory } from '../../identity/directory.ts'
import type { StoredRecord } from '../../kafka/kafka.ts'
import type { Codec } from '../codec.ts'
import { TributaryError } from '../errors.ts'
import type { RevisedRow, RowStore } from './row-store.ts'
import type { Step } from './step.ts'

const header = { consumer: 'move.consumer', from: 'move.from' }

/** Keeps a task's rows in line with who is who: rows of erased persons go, rows of merged persons move to the survivor. */
export class RowUpkeep {
  readonly #consumer: Consumer
  readonly #rows: RowStore
  readonly #codec: Codec
  readonly #directory: IdentityDirectory
  /** Groups that were rid of forgotten rows since the task began. */
  readonly #met = new Set<string>()

  constructor(consumer: Consumer, rows: RowStore, codec: Codec, directory: IdentityDirectory) {
    this.#consumer = consumer
    this.#rows = rows
    this.#codec = codec
    this.#directory = directory
  }

  /** Whether the person's row lies here and does not belong here any more. */
  isDisplaced(person: string): boolean {
    return this.#consumer.keepsPerPerson !== undefined && this.#rows.has(person) && this.#belongsElsewhere(person)
  }

  /** Groups to settle after an erasure, or because of what happened while nobody owned the partition. */
  displaced(): readonly string[] {
    if (this.#consumer.keepsPerPerson) return [...this.#rows.names()].filter(name => this.#belongsElsewhere(name))
    return this.#directory.size().erased > 0 ? [...this.#rows.names()] : []
  }

  /** Removes or moves what does not belong in a loaded group; nothing when all is well. */
  settle(step: Step, group: string): void {
    if (this.#consumer.keepsPerPerson) this.#settlePerson(step, group)
    else this.#forgetErased(step, group)
  }

  /** Rids a loaded group, when the task first meets it, of rows whose persons were forgotten while nobody owned the partition: nobody must be told of them. */
  meet(step: Step, group: string): void {
    if (this.#directory.size().erased === 0 || this.#met.has(group)) return
    this.#met.add(group)
    this.#forgetErased(step, group)
  }

  /** Takes a row that another task sent here because its person was merged into one that lives here. Throws a rejected error for a record that is none. */
  receive(step: Step, record: StoredRecord): void {
    const { keepsPerPerson } = this.#consumer
    if (!keepsPerPerson || record.headers[header.consumer]?.toString() !== this.#consumer.name) return
    if (record.value === null) return
    if (record.key === null) throw keyMissing(record.topic)
    const key = record.key.toString()
    const lookup = this.#directory.find(`person:${key}`)
    if (lookup.status === 'erased') return
    if (lookup.status === 'missing') throw identityBehind(this.#consumer.name)
    if (lookup.person.id !== key) {
      step.records.push({ topic: moves.name, key: lookup.person.id, value: record.value, headers: record.headers })
      return
    }
    const arrived = this.#codec.decode(keepsPerPerson.table, record.value) as RevisedRow
    const present = this.#rows.group(key).get(key)
    const merged = present ? keepsPerPerson.merge(bare(present), bare(arrived)) : bare(arrived)
    const change = this.#rows.put(key, key, merged as object, arrived.revision)
    const row = change?.row ?? present
    if (change) step.row(keepsPerPerson.table, change)
    const from = record.headers[header.from]?.toString() ?? ''
    const event = { eventId: `merge:${from}:${key}`, occurredAt: record.timestamp, receivedAt: record.timestamp }
    const writes = keepsPerPerson.restate({ row: merged as never, person: lookup.person })
    step.outputs(writes as Parameters<Step['outputs']>[0], event, lookup.person, row ?? undefined)
  }

  #belongsElsewhere(person: string): boolean {
    const lookup = this.#directory.find(`person:${person}`)
    return lookup.status === 'erased' || (lookup.status === 'known' && lookup.person.id !== person)
  }

  #settlePerson(step: Step, person: string): void {
    const row = this.#rows.group(person).get(person)
    const { keepsPerPerson } = this.#consumer
    if (!row || !keepsPerPerson) return
    const lookup = this.#directory.find(`person:${person}`)
    if (lookup.status === 'missing' || (lookup.status === 'known' && lookup.person.id === person)) return
    const removed = this.#rows.put(person, person, null)
    if (removed) step.row(keepsPerPerson.table, removed)
    if (lookup.status === 'erased') return
    step.records.push({
      topic: moves.name,
      key: lookup.person.id,
      value: this.#codec.encode(keepsPerPerson.table, row as unknown),
      headers: { [header.consumer]: this.#consumer.name, [header.from]: person },
    })
  }

  #forgetErased(step: Step, group: string): void {
    const { keepsPerKey } = this.#consumer
    if (!keepsPerKey) return
    for (const [key, row] of [...this.#rows.group(group)]) {
      const heardOfAt = keepsPerKey.heardOfAt?.(row as never) ?? null
      const aliases = keepsPerKey.aliasesOf(row as never)
      if (!aliases.some(alias => this.#isForgotten(alias, heardOfAt))) continue
      const removed = this.#rows.put(group, key, null)
      if (removed) step.row(keepsPerKey.table, removed)
    }
  }

  /** Erased, or erased and lifted since the row was begun. */
  #isForgotten(alias: string, heardOfAt: number | null): boolean {
    const { status } = this.#directory.find(alias, heardOfAt ?? undefined)
    return status === 'erased' || (status === 'missing' && this.#directory.find(alias, 0).status === 'erased')
  }
}

/** A row as handlers see it. */
export const bare = (row: RevisedRow): never => {
  const { revision: _, ...rest } = row
  return rest as never
}

const identityBehind = (consumer: string): TributaryError =>
  new TributaryError(
    'IDENTITY_BEHIND',
    `${consumer} met a person that the identities table here does not have yet; it will be tried again.`,
    { errorClass: 'retryable' },
  )

const keyMissing = (topic: string): TributaryError =>
  new TributaryError(
    'KEY_MISSING',
    `A row on ${topic} has no key, so it is nobody's. Send it again with the person's id.`,
    {
      errorClass: 'rejected',
    },
  )
