import accountCompany from '../services/consumers/account-company.ts'
import accountProfiles from '../services/consumers/account-profiles.ts'
import metadataReceipts from '../services/consumers/metadata-receipts.ts'
import pendoAccounts from '../services/consumers/pendo-accounts.ts'
import pendoTracks from '../services/consumers/pendo-tracks.ts'
import pendoVisitors from '../services/consumers/pendo-visitors.ts'
import productContacts from '../services/consumers/product-contacts.ts'
import productEvents from '../services/consumers/product-events.ts'
import taskLinks from '../services/consumers/task-links.ts'
import visitorContact from '../services/consumers/visitor-contact.ts'
import visitorProfiles from '../services/consumers/visitor-profiles.ts'
import webinarAttendance from '../services/consumers/webinar-attendance.ts'
import webinarContact from '../services/consumers/webinar-contact.ts'
import webinarRegistrations from '../services/consumers/webinar-registrations.ts'
import {
  hubspotCompany,
  hubspotContact,
  hubspotMarketingParticipation,
  hubspotProductEvent,
  hubspotTask,
  hubspotWebinarEvents,
} from '../services/sinks/hubspot/objects.ts'
import { pendoAccount, pendoTrack, pendoVisitor } from '../services/sinks/pendo/objects.ts'
import { salesforceActivity, salesforceTask } from '../services/sinks/salesforce/objects.ts'
import { producer, resolver, sink, type Topology } from './define.ts'
import {
  accounts,
  eventUsage,
  hubspotCompanies,
  hubspotCompaniesReplay,
  hubspotEvents,
  hubspotEventsReplay,
  hubspotMarketing,
  hubspotMarketingReplay,
  hubspotMarketingSweeps,
  hubspotSweeps,
  hubspotTasks,
  hubspotTasksReplay,
  hubspotWrites,
  hubspotWritesReplay,
  identities,
  identityClaims,
  pendoEvents,
  pendoEventsReplay,
  pendoSweeps,
  pendoWrites,
  pendoWritesReplay,
  recordNotices,
  salesforceSweeps,
  salesforceWrites,
  salesforceWritesReplay,
  segmentMessageIds,
  tasks,
  topics,
  tracks,
  visitors,
  webinars,
} from './topics.ts'

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
    producer({
      name: 'zoom-reports',
      vendor: 'zoom',
      reads: webinars,
      writes: [webinars, identityClaims],
      purpose: 'Reads the participant report after each run, and what no webhook told, from the Zoom API',
    }),
    producer({
      name: 'segment',
      vendor: 'segment',
      follows: segmentMessageIds,
      writes: [visitors, accounts, tracks, identityClaims, segmentMessageIds],
      purpose: 'Takes what Segment SDKs and webhooks send and answers when Kafka has acknowledged it',
    }),
    producer({
      name: 'pendo-webhooks',
      vendor: 'pendo',
      writes: [visitors, accounts, tracks, identityClaims],
      purpose: 'Takes signed Pendo webhooks and answers when Kafka has acknowledged them',
    }),
    producer({
      name: 'pendo-sweep',
      vendor: 'pendo',
      keeps: pendoSweeps,
      writes: [visitors, accounts, tracks, identityClaims],
      purpose: 'Reads from Pendo the metadata, and the usage that no webhook told',
    }),
    producer({
      name: 'hubspot-webhooks',
      vendor: 'hubspot',
      writes: [visitors, accounts, identityClaims, recordNotices],
      purpose:
        'Takes signed HubSpot webhooks of contacts, companies and activities and answers when Kafka has acknowledged them',
    }),
    producer({
      name: 'hubspot-sweep',
      vendor: 'hubspot',
      keeps: hubspotSweeps,
      writes: [visitors, accounts, identityClaims, recordNotices],
      purpose: 'Reads from HubSpot the contacts, companies and activities that were modified and that no webhook told',
    }),
    producer({
      name: 'hubspot-activities',
      vendor: 'hubspot',
      reads: recordNotices,
      writes: [tasks],
      purpose:
        'Reads from HubSpot the tasks, calls, notes, meetings and e-mails of which it is noticed that they changed',
    }),
    producer({
      name: 'hubspot-marketing-events',
      vendor: 'hubspot',
      keeps: hubspotMarketingSweeps,
      writes: [tasks],
      purpose:
        'Reads from HubSpot which forms were submitted, and which marketing e-mails were sent, opened and clicked',
    }),
    producer({
      name: 'salesforce-sweep',
      vendor: 'salesforce',
      keeps: salesforceSweeps,
      writes: [tasks, identityClaims],
      purpose: 'Reads from Salesforce the contacts, leads and tasks that were changed',
    }),
  ],
  resolver: resolver({ name: 'identity-resolver', reads: identityClaims, writes: identities }),
  consumers: [
    webinarRegistrations,
    webinarAttendance,
    webinarContact,
    productContacts,
    productEvents,
    pendoVisitors,
    pendoAccounts,
    pendoTracks,
    visitorProfiles,
    visitorContact,
    accountProfiles,
    accountCompany,
    metadataReceipts,
    taskLinks,
  ],
  sinks: [
    sink({
      name: 'hubspot',
      destination: 'hubspot',
      reads: hubspotWrites,
      replays: hubspotWritesReplay,
      objects: [hubspotContact],
    }),
    sink({
      name: 'hubspot-companies',
      destination: 'hubspot',
      reads: hubspotCompanies,
      replays: hubspotCompaniesReplay,
      objects: [hubspotCompany],
    }),
    sink({
      name: 'hubspot-tasks',
      destination: 'hubspot',
      reads: hubspotTasks,
      replays: hubspotTasksReplay,
      objects: [hubspotTask],
    }),
    sink({
      name: 'hubspot-marketing',
      destination: 'hubspot',
      reads: hubspotMarketing,
      replays: hubspotMarketingReplay,
      objects: [hubspotMarketingParticipation],
    }),
    sink({
      name: 'hubspot-events',
      destination: 'hubspot',
      reads: hubspotEvents,
      replays: hubspotEventsReplay,
      objects: [...hubspotWebinarEvents, hubspotProductEvent],
      keeps: eventUsage,
    }),
    sink({
      name: 'salesforce',
      destination: 'salesforce',
      reads: salesforceWrites,
      replays: salesforceWritesReplay,
      objects: [salesforceTask, salesforceActivity],
    }),
    sink({
      name: 'pendo',
      destination: 'pendo',
      reads: pendoWrites,
      replays: pendoWritesReplay,
      objects: [pendoVisitor, pendoAccount],
    }),
    sink({
      name: 'pendo-events',
      destination: 'pendo',
      reads: pendoEvents,
      replays: pendoEventsReplay,
      objects: [pendoTrack],
    }),
  ],
}
