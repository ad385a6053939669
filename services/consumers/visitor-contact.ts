import { type Consumer, consumer } from '../../topology/define.ts'
import { personProfiles, visitorContacts } from '../../topology/metadata-topics.ts'
import { identities } from '../../topology/topics.ts'
import { type Mapping, type SyncedField, sharedMetadata } from '../pendo-and-hubspot/mapping.ts'
import { fieldsFor, systems, visitorOf } from '../pendo-and-hubspot/targets.ts'
import { type Asked, askedBy, lackedBy } from '../shared-fields/asked.ts'
import { withReading } from '../shared-fields/link.ts'
import { mergeLinks } from '../shared-fields/merge.ts'
import { hubspotContactProperties } from '../sinks/hubspot/objects.ts'
import { pendoVisitor } from '../sinks/pendo/objects.ts'

/** A visitor in Pendo and the contact of the same person in HubSpot hold the same, field by field as the mapping says. */
export const visitorContactBy = (mapping: () => Mapping): Consumer =>
  consumer({
    name: 'visitor-contact',
    reads: personProfiles,
    isOn: () => mapping().enabled,
    joins: { table: identities, by: 'person', ifMissing: 'park' },
    writes: [hubspotContactProperties, pendoVisitor],
    keepsPerPerson: {
      table: visitorContacts,
      merge: (a, b) => mergeLinks(mapping().contacts)(a, b),
      restate: ({ row }) => lackedBy(row, { fields: mapping().contacts, systems }).map(writeOf),
    },
    handle: ({ event, row }) => {
      const { contacts } = mapping()
      const link = withReading(row, event, { fields: contacts, systems, partners: 'all' })
      return { row: link, writes: askedBy(link, event.eventId, contacts).map(writeOf) }
    },
  })

const writeOf = (asked: Asked<SyncedField>) => {
  const visitor = visitorOf(asked.target)
  const contest = { revision: asked.revision }
  return visitor === undefined
    ? hubspotContactProperties.set(fieldsFor(asked), { contest })
    : pendoVisitor.set(visitor, fieldsFor(asked), { contest })
}

export default visitorContactBy(sharedMetadata)
