import type { Profile, Receipt } from '../../schemas/generated.ts'
import { type Consumer, consumer } from '../../topology/define.ts'
import { companyProfiles, personProfiles } from '../../topology/metadata-topics.ts'
import { receipts } from '../../topology/topics.ts'
import { linkOfEvent } from '../pendo-and-hubspot/accounts.ts'
import { type Mapping, sharedMetadata } from '../pendo-and-hubspot/mapping.ts'

/** That Pendo or HubSpot took a write of shared metadata is told to the link that asked for it: what a side tells from then on was told in knowledge of it. */
export const metadataReceiptsBy = (mapping: () => Mapping): Consumer =>
  consumer({
    name: 'metadata-receipts',
    reads: receipts,
    isOn: () => mapping().enabled,
    // Of what was changed or left out on the way it is not known that it arrived.
    concerns: ({ writeId, outcome, adjustments }) =>
      outcome === 'APPLIED' && adjustments.length === 0 && writers.some(writer => writeId.startsWith(writer)),
    joins: null,
    writes: [personProfiles, companyProfiles],
    handle: ({ event }) => {
      const profile = arrivalOf(event)
      return { writes: [event.person === null ? companyProfiles.emit(profile) : personProfiles.emit(profile)] }
    },
  })

const writers = ['visitor-contact:', 'account-company:'] as const

const arrivalOf = ({ writeId, destination, person, record, at }: Receipt): Profile => {
  const eventId = writeId.slice(writeId.indexOf(':') + 1, writeId.lastIndexOf(':'))
  return {
    ...{ eventId: `receipt:${writeId}`, source: 'tributary:receipts', occurredAt: at, receivedAt: at, since: at },
    person: person === null ? null : `person:${person}`,
    link: person === null ? linkOfEvent(eventId) : null,
    side: destination === 'pendo' ? 'PENDO' : 'HUBSPOT',
    record: record ?? '',
    gone: false,
    values: {},
    arrival: { eventId, at },
  }
}

export default metadataReceiptsBy(sharedMetadata)
