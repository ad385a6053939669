import type { SalesforceObject } from '../objects.ts'
import { SalesforceError } from '../rest/problems.ts'
import { keyColumn } from '../tasks.ts'

/** Which columns an org is asked for: those that it does not have, or does not show to the integration user, are left out until `askAgain`. */
export class Columns {
  readonly #missing = new Map<string, Set<string>>()
  readonly #isKeyed: () => boolean

  /** @param isKeyed whether the org's tasks were ever seen with the column by which they are linked */
  constructor(isKeyed: () => boolean) {
    this.#isKeyed = isKeyed
  }

  of({ name, columns }: SalesforceObject): readonly string[] {
    const missing = this.#missing.get(name)
    return missing ? columns.filter(column => !column.split('.').some(part => missing.has(part))) : columns
  }

  askAgain({ name }: SalesforceObject): void {
    this.#missing.delete(name)
  }

  /** Whether tasks were just seen with the column that links them, for the first time. */
  showKeyFirst(object: SalesforceObject): boolean {
    return this.of(object).includes(keyColumn) && !this.#isKeyed()
  }

  /**
   * Whether the query may be made once more without the column. Throws `SALESFORCE_TASK_FIELDS` when it is the one that links tasks and was there before: without it each
   * copy and each task of a webinar would look like a task of its own, and get a copy for ever.
   */
  leaveOut({ name, optional }: SalesforceObject, column: string | undefined): boolean {
    if (column === undefined || !optional.includes(column)) return false
    if (column === keyColumn && this.#isKeyed()) throw keyHidden()
    const missing = this.#missing.get(name) ?? new Set()
    if (missing.has(column)) return false
    this.#missing.set(name, missing.add(column))
    return true
  }
}

const keyHidden = (): SalesforceError =>
  new SalesforceError(
    {
      code: 'SALESFORCE_TASK_FIELDS',
      message: `The org does not show the field ${keyColumn} of tasks any more, by which they are linked with their copies: no task is read until it does. Give the integration user read access to it in its permission set; \`tributary setup --check\` says how to create it.`,
    },
    'needs-person',
    {},
  )
