import { isDeepStrictEqual } from 'node:util'
import type { Consumer, Emission, Person, Write } from '../../topology/define.ts'

export type Output = Write<string, Record<string, unknown>> | Emission<unknown>
type Revised = { readonly revision: number }

export const ada: Person = {
  id: '332bd0ca5ee285b3f3b6',
  aliases: ['email:ada@example.com', 'zoom:registrant:r-ada'],
  emails: ['ada@example.com'],
  attributes: {},
}

/**
 * Calls a consumer's pure handler event by event and keeps its rows as the runtime does: a changed row gets the next revision. For tables of given · when ·
 * then; `checkLaws` runs the runtime itself.
 */
export const drive = (consumer: Consumer) => {
  const rows = new Map<string, Revised>()
  const outputs: Output[] = []
  const keep = (key: string, row: object | null): void => {
    const present = rows.get(key)
    if (row === null) rows.delete(key)
    else if (!present || !isDeepStrictEqual({ ...row, revision: present.revision }, present)) {
      rows.set(key, { ...row, revision: (present?.revision ?? 0) + 1 })
    }
  }
  /** What the handler asks for after this event. */
  const when = (event: unknown, person: Person | null = ada): readonly Output[] => {
    const key = person?.id ?? ''
    const { revision: _, ...row } = rows.get(key) ?? { revision: 0 }
    const result = consumer.keepsPerPerson
      ? consumer.handle({ event, person, row: rows.has(key) ? row : undefined })
      : consumer.handle({ event, person, rows: new Map(rows) })
    if (consumer.keepsPerPerson) keep(key, result.row as object)
    for (const [rowKey, changed] of result.rows ?? []) keep(rowKey, changed as object | null)
    outputs.push(...(result.writes as readonly Output[]))
    return result.writes as readonly Output[]
  }
  return {
    rows: rows as ReadonlyMap<string, Revised>,
    /** Everything asked for so far. */
    outputs: outputs as readonly Output[],
    when,
    given: (...events: readonly unknown[]) => {
      for (const event of events) when(event)
    },
  }
}

type WriteOutput = Extract<Output, { readonly kind: 'write' }>

/** The writes to one object, by its target. */
export const writesTo = (outputs: readonly Output[], target: string): readonly WriteOutput[] =>
  outputs.filter((output): output is WriteOutput => output.kind === 'write' && output.target === target)

/** The fields that writes ask for, joined in order. */
export const fieldsOf = (outputs: readonly Output[]): Record<string, unknown> =>
  Object.assign({}, ...outputs.map(output => (output.kind === 'write' ? output.fields : {})))
