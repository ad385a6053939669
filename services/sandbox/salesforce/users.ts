import { refused } from './errors.ts'
import { normalizedId } from './records/ids.ts'
import type { Records, Row, Values } from './records/records.ts'
import type { SObjectType } from './schema/objects.ts'

const DOMAIN = 'sandbox.example.com'

const user = (FirstName: string, LastName: string, details: Values = {}): Values => {
  const address = `${FirstName}.${LastName}@${DOMAIN}`.toLowerCase()
  return {
    Username: address,
    FirstName,
    LastName,
    Email: address,
    Alias: FirstName.toLowerCase().slice(0, 8),
    ...details,
  }
}

/** The users of a new org in the order of their ids: the integration user, whose session every caller of the API has, then people. */
export const SEEDED_USERS: readonly Values[] = [
  user('Integration', 'User', { Username: `integration@${DOMAIN}`, Email: `integration@${DOMAIN}`, Alias: 'integ' }),
  user('Alex', 'Rivera'),
  user('Sam', 'Okafor'),
  user('Kim', 'Larsson'),
  user('Only', 'Salesforce'),
  user('Former', 'User', { IsActive: false }),
]

const [, FIRST_PERSON] = SEEDED_USERS

/** The people who work in the org's pages: its active users but the integration user. */
export interface People {
  all(): Row[]
  /** By id or address; whoever edits when nobody is named. Throws a SalesforceRefusal when there is no such person. */
  named(name: string | undefined): Row
}

export const createPeople = (records: Records, users: SObjectType, integrationUser: string): People => {
  const all = (): Row[] => records.live(users).filter(row => row.Id !== integrationUser && row['IsActive'] === true)
  return {
    all,
    named: (name = '') => {
      const people = all()
      const wanted = name.trim().toLowerCase()
      const byDefault = people.find(row => row['Username'] === FIRST_PERSON?.['Username']) ?? people[0]
      const id = normalizedId(name.trim())
      const found =
        wanted === '' ? byDefault : people.find(row => row.Id === id || String(row['Email']).toLowerCase() === wanted)
      if (!found) throw refused('INACTIVE_OWNER_OR_USER', `no active user of the org: ${name}`)
      return found
    },
  }
}
