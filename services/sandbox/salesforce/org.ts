import type { Clock } from '../../runtime/clock.ts'
import type { Store } from '../store.ts'
import { createEventBus, type EventBus } from './events/bus.ts'
import { mintedId } from './records/ids.ts'
import { createLifecycle, type Lifecycle } from './records/lifecycle.ts'
import { type Author, createRecords, type Draft, type Records } from './records/records.ts'
import { createWriting, type Writing } from './records/writing.ts'
import { createRowFaults, type RowFaults } from './row-faults.ts'
import { taskRelation } from './schema/objects.ts'
import { type CustomField, createSchema, type Schema, TRIBUTARY_ID } from './schema/schema.ts'
import { createPeople, type People, SEEDED_USERS } from './users.ts'

/** One Salesforce org. */
export interface Org {
  readonly organizationId: string
  /** The integration user, whose session every caller has. */
  readonly userId: string
  readonly schema: Schema
  readonly records: Records
  readonly writing: Writing
  readonly lifecycle: Lifecycle
  readonly rowFaults: RowFaults
  readonly people: People
  readonly events: EventBus
  /** The integration user as who writes by the API. */
  readonly program: Author
  /** Makes changes that take effect together, and none when the work throws. Who makes them is the integration user unless somebody else is given. */
  change<Result>(work: (draft: Draft) => Result, author?: Author): Result
  addField(object: string, field: CustomField): void
  removeField(object: string, name: string): void
  /** Makes the store that was emptied that of a new org. */
  reset(): void
}

export interface OrgOptions {
  /** Whether a new org has the field `Tributary_Id__c` of tasks. */
  readonly tributaryField: boolean
  /** Whether contacts and leads with the address of another are refused. */
  readonly duplicateRules: boolean
  /** Objects that an administrator selected under Change Data Capture. */
  readonly changeDataCapture: readonly string[]
  /** Whether a task can be on several contacts: there is TaskRelation. */
  readonly sharedActivities: boolean
}

const ORGANIZATION_ID = mintedId('00D', 1)
const USER_ID = mintedId('005', 1)
const PROGRAM: Author = { userId: USER_ID, byHand: false }

export const createOrg = (store: Store, clock: Clock, options: OrgOptions): Org => {
  const { tributaryField, duplicateRules, sharedActivities } = options
  const schema = createSchema(store, object => sharedActivities || object !== taskRelation)
  const events = createEventBus(schema, store, clock, new Set(options.changeDataCapture))
  const records = createRecords(schema, store, (commits, author) => events.committed(commits, author))
  const rowFaults = createRowFaults()
  const writing = createWriting({ schema, records, clock, rowFaults, duplicateRules })
  const typeOf = (name: string): NonNullable<ReturnType<Schema['object']>> => {
    const object = schema.object(name)
    if (!object) throw new RangeError(`The org has no object ${name}`)
    return object
  }
  const org: Org = {
    organizationId: ORGANIZATION_ID,
    userId: USER_ID,
    schema,
    records,
    writing,
    lifecycle: createLifecycle(schema, writing),
    rowFaults,
    people: createPeople(records, typeOf('User'), USER_ID),
    program: PROGRAM,
    events,
    change: (work, author = PROGRAM) => {
      const draft = records.draft(author)
      const result = work(draft)
      draft.commit()
      return result
    },
    addField: (object, field) => {
      schema.addField(typeOf(object), field)
      records.reindex()
    },
    removeField: (object, name) => {
      schema.removeField(typeOf(object), name)
      records.reindex()
    },
    reset: () => {
      rowFaults.clear()
      schema.reload()
      records.reindex()
      seed()
    },
  }
  const seed = (): void => {
    addMissingUsers()
    if (tributaryField) org.addField('Task', TRIBUTARY_ID)
  }
  /** An org that an older journal kept has some of them. */
  const addMissingUsers = (): void => {
    const missing = SEEDED_USERS.filter((_, index) => !records.get(mintedId('005', index + 1)))
    org.change(draft => missing.map(values => writing.create(draft, typeOf('User'), values)))
  }
  if (records.get(USER_ID)) addMissingUsers()
  else seed()
  return org
}
