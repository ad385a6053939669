import type { Stream, Table } from '../../topology/define.ts'
import { attendances, deadLetters, delivered, identities, parked, webinarHistories } from '../../topology/topics.ts'
import type { Setup } from './commands.ts'
import type { Ending } from './ending.ts'
import type { Differences } from './invariants.ts'
import type { Running } from './running.ts'

const tables: readonly Table<unknown>[] = [identities, attendances, webinarHistories, delivered]

/** The latest rows of all state topics as text, by topic and key. */
export const rowsOf = async (running: Running): Promise<ReadonlyMap<string, string>> => {
  const rows = new Map<string, string>()
  for (const table of tables) {
    for (const { key, value } of await running.values(table)) {
      if (value === null) rows.delete(`${table.name} ${key}`)
      else rows.set(`${table.name} ${key}`, JSON.stringify(value))
    }
  }
  return rows
}

interface Waiting {
  readonly key: string
  readonly alias: string
  readonly text: string
}

const waitingIn = async (running: Running): Promise<readonly Waiting[]> => {
  const waiting = new Map<string, Waiting>()
  for (const { key: bytes, value, headers } of await running.records(parked.name)) {
    const key = bytes?.toString() ?? ''
    if (value === null) waiting.delete(key)
    else waiting.set(key, { key, alias: headers['parked.alias']?.toString() ?? '', text: value.toString('latin1') })
  }
  return [...waiting.values()]
}

/** An erased person has no row, no parked event, no delivered state and no alias, and nothing was asked of a vendor for them since. */
export const erased = async (running: Running, { now, since }: Ending): Promise<Differences> => {
  if (running.marks.length === 0) return []
  const words = [...now.erased].map(alias => alias.replace(/^email:/, ''))
  const rows = [...(await rowsOf(running))].flatMap(([place, text]) =>
    words.filter(word => place.includes(word) || text.includes(word)).map(word => `${word} is erased, and in ${place}`),
  )
  const events = (await waitingIn(running)).flatMap(({ key, text }) =>
    words.filter(word => text.includes(word)).map(word => `${word} is erased, and the parked ${key} holds it`),
  )
  const asked = running.vendors.asked.flatMap(({ vendor, what, person }, index) => {
    const mark = running.marks.findLast(each => each.asked <= index)
    const known = mark ? since(mark.claims)[0]?.erased : undefined
    return person.aliases
      .filter(alias => known?.has(alias))
      .map(alias => `${alias} was erased, and ${vendor} was asked for a ${what} of theirs after that`)
  })
  return [...rows, ...events, ...new Set(asked)]
}

/** Nothing waits for somebody who is known. */
export const waiting = async (running: Running, { now }: Ending): Promise<Differences> =>
  (await waitingIn(running)).flatMap(({ key, alias }) =>
    now.persons.has(alias) || alias.startsWith('person:')
      ? [`${alias} is known, and the event ${key} waits for it`]
      : [],
  )

/** Nothing was set aside but what HubSpot refused, or what it had no record for twice. */
export const setAside = async (running: Running, setup: Setup): Promise<Differences> =>
  (await running.records(deadLetters.name)).flatMap(({ headers }) => {
    const [code, message] = [headers['error.code']?.toString() ?? '', headers['error.message']?.toString() ?? '']
    if (code === 'VALUE_REFUSED' && setup.refuses) return []
    return code === 'RECORD_GONE' && setup.meddles ? [] : [`a dead letter: ${code}: ${message}`]
  })

/** Values of a stream, in order of its partitions. */
export const valuesOf = async <Value>(running: Running, stream: Stream<Value>): Promise<readonly Value[]> =>
  (await running.values(stream)).flatMap(({ value }) => (value === null ? [] : [value]))
