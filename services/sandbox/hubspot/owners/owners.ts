import { SALES_PEOPLE, type SalesPerson } from '../../sales-people.ts'

/** An owner in the shape in which HubSpot returns it. */
export interface Owner {
  /** What `hubspot_owner_id` of a record holds; the id of the user is another one. */
  readonly id: string
  readonly email: string
  readonly type: 'PERSON' | 'QUEUE'
  readonly firstName: string
  readonly lastName: string
  /** Null of an owner whose user was removed. */
  readonly userId: number | null
  readonly userIdIncludingInactive: number
  readonly createdAt: string
  readonly updatedAt: string
  readonly archived: boolean
}

const MADE_AT = '2024-02-01T09:00:00Z'
const FIRST_ID = 77_410_001
const FIRST_USER_ID = 9_310_001

/** An owner whom no other system of the sandboxes knows, and one who left. */
export const ONLY_IN_HUBSPOT: SalesPerson = {
  firstName: 'Only',
  lastName: 'Hubspot',
  email: 'only.hubspot@sandbox.example.com',
}
export const LEFT_HUBSPOT: SalesPerson = {
  firstName: 'Left',
  lastName: 'Hubspot',
  email: 'left.hubspot@sandbox.example.com',
}

/** The owners that the account has from the beginning. Only a person could make others, in HubSpot's settings. */
export const OWNERS: readonly Owner[] = [...Object.values(SALES_PEOPLE), ONLY_IN_HUBSPOT, LEFT_HUBSPOT].map(
  (person, index) => ({
    id: String(FIRST_ID + index),
    ...person,
    type: 'PERSON',
    userId: person === LEFT_HUBSPOT ? null : FIRST_USER_ID + index,
    userIdIncludingInactive: FIRST_USER_ID + index,
    createdAt: MADE_AT,
    updatedAt: MADE_AT,
    archived: person === LEFT_HUBSPOT,
  }),
)

/** Whether a record may be given to the owner of this id: HubSpot does not say whether to one who left, too; here not. */
export const isActiveOwner = (id: string): boolean => OWNERS.some(owner => owner.id === id && !owner.archived)
