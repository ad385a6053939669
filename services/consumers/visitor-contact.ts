import { type Consumer, consumer } from '../../topology/define.ts'
import { personProfiles, visitorContacts } from '../../topology/metadata-topics.ts'
import { identities } from '../../topology/topics.ts'
import { type Asked, askedBy, lackedBy } from '../pendo-and-hubspot/asked.ts'
import { withProfile } from '../pendo-and-hubspot/link.ts'
import { type Mapping, sharedMetadata } from '../pendo-and-hubspot/mapping.ts'
import { mergeLinks } from '../pendo-and-hubspot/merge.ts'
import { visitorOf } from '../pendo-and-hubspot/targets.ts'
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
      restate: ({ row }) => lackedBy(row, mapping().contacts).map(writeOf),
    },
    handle: ({ event, row }) => {
      const { contacts } = mapping()
      const link = withProfile(row, event, { fields: contacts, partners: 'all' })
      return { row: link, writes: askedBy(link, event.eventId, contacts).map(writeOf) }
    },
  })

const writeOf = ({ target, fields, revision }: Asked) => {
  const visitor = visitorOf(target)
  return visitor === undefined
    ? hubspotContactProperties.set(fields, { contest: { revision } })
    : pendoVisitor.set(visitor, fields, { contest: { revision } })
}

export default visitorContactBy(sharedMetadata)
