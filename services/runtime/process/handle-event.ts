import type { Person } from '../../../topology/define.ts'
import type { StoredRecord } from '../../kafka/kafka.ts'
import { TributaryError } from '../errors.ts'
import type { ConsumerRuntime } from './consumer-runtime.ts'
import type { RowChange, RowStore } from './row-store.ts'
import { bare } from './row-upkeep.ts'
import type { EventFacts, Step } from './step.ts'

/**
 * Gives one event with its person and rows to the consumer's handler and takes what it returns into the step. An event that the handler
 * rejects goes to dead letters and changes nothing else; any other failure is thrown, for the whole step to be tried again.
 */
export const handleEvent = (
  runtime: ConsumerRuntime,
  step: Step,
  input: { record: StoredRecord; event: EventFacts; person: Person | null; rows: RowStore | undefined },
): void => {
  const changes: RowChange[] = []
  try {
    step.attempt(() => takeResult(runtime, step, input, changes))
    runtime.count('handled')
  } catch (error) {
    for (const change of changes) change.undo()
    if (error instanceof TributaryError && error.errorClass !== 'rejected') throw error
    runtime.setAsideFor(step, input.record, error)
  }
}

const takeResult = (
  { consumer }: ConsumerRuntime,
  step: Step,
  { record, event, person, rows }: Parameters<typeof handleEvent>[2],
  changes: RowChange[],
): void => {
  const key = record.key?.toString() ?? ''
  if (!rows) {
    step.outputs(consumer.handle({ event, person }).writes, event, person, undefined)
  } else if (consumer.keepsPerPerson) {
    const present = rows.group(key).get(key)
    const result = consumer.handle({ event, person, row: present && bare(present) })
    keep(step, consumer.keepsPerPerson.table, rows.put(key, key, result.row as object), changes)
    step.outputs(result.writes, event, person, rows.group(key).get(key))
  } else if (consumer.keepsPerKey) {
    const result = consumer.handle({ event, person, rows: rows.group(key) })
    for (const [rowKey, row] of result.rows ?? []) {
      keep(step, consumer.keepsPerKey.table, rows.put(key, rowKey, row as object | null), changes)
    }
    step.outputs(result.writes, event, person, undefined)
  }
}

const keep = (
  step: Step,
  table: Parameters<Step['row']>[0],
  change: RowChange | undefined,
  changes: RowChange[],
): void => {
  if (!change) return
  changes.push(change)
  step.row(table, change)
}
