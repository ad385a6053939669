import type { hubspotWebinarEvents, WebinarEventFields } from './objects.ts'

/** A property of a custom event as HubSpot's event definitions take it. */
export interface EventProperty {
  readonly label: string
  readonly description: string
  readonly type: 'string' | 'number' | 'datetime'
}

/** A custom event as HubSpot's event definitions take it; its occurrences are on contacts. */
export interface EventDefinition {
  readonly label: string
  readonly description: string
  readonly properties: Readonly<Record<string, EventProperty>>
}

const webinarProperties = {
  webinar_id: {
    label: 'Webinar',
    description: 'Id of the webinar in Zoom; with the id of its occurrence when it recurs.',
    type: 'string',
  },
  topic: { label: 'Topic', description: 'Title of the webinar.', type: 'string' },
  start_time: { label: 'Start', description: 'When the webinar starts or started.', type: 'datetime' },
  joined_at: { label: 'Joined at', description: 'First join of the contact.', type: 'datetime' },
  left_at: { label: 'Left at', description: 'Last leave of the contact.', type: 'datetime' },
  attended_minutes: {
    label: 'Minutes attended',
    description: 'Minutes that the contact was in the webinar. Time on two devices at once counts once.',
    type: 'number',
  },
  attended_percent: {
    label: 'Percent attended',
    description: "Share of the webinar's actual length that the contact was in it.",
    type: 'number',
  },
} as const satisfies Readonly<Record<keyof WebinarEventFields, EventProperty>>

/**
 * The custom events that Tributary makes, by the name that HubSpot puts behind `pe<portalId>_`; names and meaning are public (interfaces.md, "Names in the
 * CRMs"). All webinar events have the same properties, so that reports can compare them.
 */
export const eventDefinitions = {
  zoom_webinar_registered: {
    label: 'Registered for Zoom webinar',
    description: 'The contact registered for a webinar.',
    properties: webinarProperties,
  },
  zoom_webinar_joined: {
    label: 'Joined Zoom webinar',
    description: 'The contact joined a webinar for the first time.',
    properties: webinarProperties,
  },
  zoom_webinar_attended: {
    label: 'Attended Zoom webinar',
    description: 'The webinar is over, and the contact was in it.',
    properties: webinarProperties,
  },
  zoom_webinar_missed: {
    label: 'Missed Zoom webinar',
    description: 'The webinar is over; the contact was registered and never joined.',
    properties: webinarProperties,
  },
} as const satisfies Readonly<Record<(typeof hubspotWebinarEvents)[number]['object'], EventDefinition>>
