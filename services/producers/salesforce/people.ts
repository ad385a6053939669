import type { IdentityClaim } from '../../../schemas/generated.ts'
import { aliasIfOne } from '../../identity/aliases.ts'
import type { Row } from '../../sinks/salesforce/api/client.ts'
import { happenedAt } from '../input/times.ts'
import { canonical, hashOf } from '../sweep/hashes.ts'
import { eventIdOf, fieldsOf, ofSalesforce, ownColumns, type Reading, type Told } from './told.ts'

/** What people are in Salesforce. */
export type PersonObject = 'contact' | 'lead'

/** What is known of a person by our names, and the column that holds it. */
const attributeColumns: Readonly<Record<PersonObject, Readonly<Record<string, string>>>> = {
  contact: {
    ...{ firstName: 'FirstName', lastName: 'LastName', jobTitle: 'Title', phone: 'Phone' },
    ...{ city: 'MailingCity', country: 'MailingCountry' },
  },
  lead: {
    ...{ firstName: 'FirstName', lastName: 'LastName', company: 'Company', jobTitle: 'Title', phone: 'Phone' },
    ...{ city: 'City', country: 'Country' },
  },
}

/** Columns by which it is known who somebody is. */
const identityColumns: Readonly<Record<PersonObject, readonly string[]>> = {
  contact: ['Email', 'MasterRecordId'],
  lead: ['Email', 'MasterRecordId', 'IsConverted', 'ConvertedContactId'],
}

/** The columns that say what is known of people; the integration user need not see all of them. */
export const attributesOf = (object: PersonObject): readonly string[] => Object.values(attributeColumns[object])

/** All columns that are read of people. */
export const columnsOf = (object: PersonObject): readonly string[] => [
  ...new Set([...ownColumns, ...identityColumns[object], ...attributesOf(object)]),
]

/**
 * Who somebody is: a record and its address are one person, and so are a record and the one that it was merged into, a converted lead and its contact. Nothing for
 * one that was just deleted: whoever it was is still somebody.
 */
export const personTold =
  (object: PersonObject) =>
  (row: Row, { receivedAt }: Reading): Told | undefined => {
    const self = recordIn(object, row['Id'])
    if (!self) return undefined
    const isDeleted = row['IsDeleted'] === true
    const master = isDeleted ? recordIn(object, row['MasterRecordId']) : undefined
    if (isDeleted && !master) return undefined
    const contact = row['IsConverted'] === true ? recordIn('contact', row['ConvertedContactId']) : undefined
    const email = typeof row['Email'] === 'string' ? aliasIfOne('email', row['Email']) : undefined
    const attributes = attributesIn(object, row)
    const id = self.slice(`salesforce:${object}:`.length)
    const tellsOf = { email: email ?? null, master: master ?? null, contact: contact ?? null }
    const content = hashOf(canonical({ ...attributes, ...tellsOf }))
    const eventId = eventIdOf(object, id, row, content)
    const claim = (kind: 'SEEN' | 'MERGE', aliases: readonly string[], known = {}): IdentityClaim => ({
      ...{ id: `${eventId}:${claimIds[kind]}`, kind, aliases: [...aliases], attributes: known, source: ofSalesforce },
      // A merge touches the loser without modifying it.
      time: happenedAt(row[kind === 'MERGE' ? 'SystemModstamp' : 'LastModifiedDate'], undefined, receivedAt).at,
    })
    const survivor = master ?? contact
    const claims = [
      ...(isDeleted ? [] : [claim('SEEN', email ? [self, email] : [self], attributes)]),
      ...(survivor && survivor !== self ? [claim('MERGE', [survivor, self])] : []),
    ]
    return { id, content, claims, records: [] }
  }

const claimIds = { SEEN: 'seen', MERGE: 'merged' } as const

/** The alias of a record; undefined for what is no id. */
const recordIn = (object: PersonObject, id: unknown): string | undefined =>
  typeof id === 'string' ? aliasIfOne(`salesforce:${object}`, id) : undefined

/** A longer one is no name, and no claim may hold it (services/identity/claims.ts). */
const longestAttribute = 1_000
/** What stands in a lead, which has to have a company, when nobody told one. */
const noCompany = '[not provided]'

const attributesIn = (object: PersonObject, row: Row): IdentityClaim['attributes'] => {
  const values = fieldsOf(row, attributesOf(object))
  return Object.fromEntries(
    Object.entries(attributeColumns[object]).flatMap(([name, column]) => {
      const value = values[column]
      const text = typeof value === 'string' ? value.trim() : ''
      return text !== '' && text !== noCompany && text.length <= longestAttribute ? [[name, text]] : []
    }),
  )
}
