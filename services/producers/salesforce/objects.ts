import type { Row } from '../../sinks/salesforce/api/client.ts'
import { attributesOf, columnsOf, type PersonObject, personTold } from './people.ts'
import { columns, optional, taskTold } from './tasks.ts'
import type { Reading, Told } from './told.ts'

/** An object that is read from Salesforce, and what its records become. */
export interface SalesforceObject {
  /** In aliases and marks of records: `contact`. */
  readonly name: PersonObject | 'task'
  /** In marks of how far it is read, and in metrics. */
  readonly plural: 'contacts' | 'leads' | 'tasks'
  /** In queries. */
  readonly type: 'Contact' | 'Lead' | 'Task'
  readonly columns: readonly string[]
  /** Columns that the org need not have, or need not show to the integration user. */
  readonly optional: readonly string[]
  /** Where it begins: with all records there are, or with those that change after the first start. */
  readonly beginsWith: 'all' | 'changes'
  readonly told: (row: Row, reading: Reading) => Told | undefined
}

/** Every object that is read, people before what is about them; a further one is one entry here and what it becomes. */
export const salesforceObjects: readonly SalesforceObject[] = [
  {
    ...{ name: 'contact', plural: 'contacts', type: 'Contact', columns: columnsOf('contact') },
    ...{ optional: attributesOf('contact'), beginsWith: 'all', told: personTold('contact') },
  },
  {
    ...{ name: 'lead', plural: 'leads', type: 'Lead', columns: columnsOf('lead') },
    ...{ optional: attributesOf('lead'), beginsWith: 'all', told: personTold('lead') },
  },
  {
    ...{ name: 'task', plural: 'tasks', type: 'Task', columns },
    ...{ optional, beginsWith: 'changes', told: taskTold },
  },
]
