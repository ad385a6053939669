import type { SweepMark, Task } from '../../schemas/generated.ts'
import type { Table } from '../../topology/define.ts'

/** Which records of a part are asked for. */
export interface Wanted {
  /** Only those that were modified at or after, in milliseconds; null for all. */
  readonly since: number | null
  /** Only those with later ids; empty for all. */
  readonly after: string
}

/** Some records in the order of their ids, as the live producers tell them. */
export interface Chunk {
  readonly told: readonly Task[]
  /** How many records were read for it. */
  readonly read: number
  /** How many of them are not told, by why. */
  readonly passedOver: Readonly<Partial<Record<PassedOver, number>>>
  /** The id of the last one. */
  readonly cursor: string
}

/** Why a record is not told. */
export const passedOverTexts = {
  'not-shared': 'of webinars, which are not shared',
  missing: 'gone when they were read',
  refused: 'which HubSpot refuses to give',
  unwritable: 'too large to be told',
  strangers: 'on people who are in one of both CRMs only, or in none: once they are in both, run the command again',
} as const
export type PassedOver = keyof typeof passedOverTexts

/** What one vendor holds of one type, read from the first id to the last. Everything it throws is a `HubSpotError` or a `SalesforceError`. */
export interface BackfillPart {
  /** As people call it: `tasks of HubSpot`. */
  readonly name: string
  readonly vendor: 'hubspot' | 'salesforce'
  /** Where it is kept how far it is read, and under which key. */
  readonly mark: { readonly table: Table<SweepMark>; readonly key: string }
  /** How many there are. */
  count(wanted: Wanted, signal: AbortSignal): Promise<number>
  /** All of them; each chunk is read when it is asked for. */
  read(wanted: Wanted, signal: AbortSignal): AsyncIterable<Chunk>
}
