import webinarAttendance from '../services/consumers/webinar-attendance.ts'
import webinarContact from '../services/consumers/webinar-contact.ts'
import webinarRegistrations from '../services/consumers/webinar-registrations.ts'
import { hubspotContact } from '../services/sinks/hubspot/objects.ts'
import { producer, resolver, sink, type Topology } from './define.ts'
import { hubspotWrites, identities, identityClaims, topics, webinars } from './topics.ts'

/** The map: everything that runs, and what it reads and writes. It connects to nothing. */
export const pipeline: Topology = {
  topics,
  producers: [
    producer({
      name: 'zoom-webhooks',
      vendor: 'zoom',
      writes: [webinars, identityClaims],
      purpose: 'Takes signed Zoom webhooks and answers when Kafka has acknowledged them',
    }),
  ],
  resolver: resolver({ name: 'identity-resolver', reads: identityClaims, writes: identities }),
  consumers: [webinarRegistrations, webinarAttendance, webinarContact],
  sinks: [sink({ name: 'hubspot', destination: 'hubspot', reads: hubspotWrites, objects: [hubspotContact] })],
}
