import { type Consumer, consumer } from '../../topology/define.ts'
import { personProfiles } from '../../topology/metadata-topics.ts'
import { identities, visitors } from '../../topology/topics.ts'
import { type Mapping, sharedMetadata } from '../pendo-and-hubspot/mapping.ts'
import { profileOf } from '../pendo-and-hubspot/people.ts'
import { sideOf } from '../pendo-and-hubspot/told.ts'

/** What Pendo and HubSpot tell of people is told again by person, so that both sides of one come to the same place. */
export const visitorProfilesBy = (mapping: () => Mapping): Consumer =>
  consumer({
    name: 'visitor-profiles',
    reads: visitors,
    isOn: () => mapping().enabled,
    concerns: ({ source }) => sideOf(source) !== undefined,
    joins: { table: identities, by: 'person', ifMissing: 'create' },
    writes: [personProfiles],
    handle: ({ event }) => ({
      writes: profileOf(event, mapping().contacts).map(profile => personProfiles.emit(profile)),
    }),
  })

export default visitorProfilesBy(sharedMetadata)
