/** A contact property as HubSpot's properties API takes it. */
export interface ContactProperty {
  readonly label: string
  readonly description: string
  readonly type: 'number' | 'string' | 'datetime' | 'enumeration'
  readonly fieldType: 'number' | 'text' | 'textarea' | 'date' | 'select'
  readonly options?: readonly { readonly value: string; readonly label: string }[]
}

/** The group that HubSpot's own Zoom integration uses too. */
export const contactPropertyGroup = { name: 'zoom', label: 'Zoom' } as const

/**
 * The properties that Tributary keeps on contacts; names and meaning are public (interfaces.md, "Names in the CRMs"). The first four are those of HubSpot's own
 * Zoom integration, which Tributary replaces: lists and workflows go on working.
 */
export const contactProperties = {
  zoom_webinar_registration_count: {
    label: 'Total number of Zoom webinar registrations',
    description: 'Webinars the contact is registered for, past ones included and cancelled registrations not.',
    type: 'number',
    fieldType: 'number',
  },
  zoom_webinar_attendance_count: {
    label: 'Total number of Zoom webinars attended',
    description: 'Webinars the contact has joined. Rises at the first join, while the webinar runs.',
    type: 'number',
    fieldType: 'number',
  },
  zoom_webinar_attendance_average_duration: {
    label: 'Average Zoom webinar attendance duration',
    description:
      'Minutes attended per webinar, with one decimal, over the webinars that the contact has left at least once.',
    type: 'number',
    fieldType: 'number',
  },
  zoom_webinar_joinlink: {
    label: 'Last registered Zoom webinar',
    description: 'Personal link to join the webinar that the contact registered for last.',
    type: 'string',
    fieldType: 'text',
  },
  zoom_webinar_last_registered: {
    label: 'Topic of the last registered Zoom webinar',
    description: 'Title of the webinar that the contact registered for last.',
    type: 'string',
    fieldType: 'text',
  },
  zoom_webinar_last_attended: {
    label: 'Topic of the last attended Zoom webinar',
    description: 'Title of the webinar that the contact joined last.',
    type: 'string',
    fieldType: 'text',
  },
  // An enumeration, not a string: lists and workflows then offer the four values to choose from.
  zoom_webinar_last_status: {
    label: 'Status in the last Zoom webinar',
    description: 'What the contact did in the latest webinar: registered, attending (right now), attended or missed.',
    type: 'enumeration',
    fieldType: 'select',
    options: [
      { value: 'registered', label: 'Registered' },
      { value: 'attending', label: 'Attending' },
      { value: 'attended', label: 'Attended' },
      { value: 'missed', label: 'Missed' },
    ],
  },
  zoom_webinar_last_joined_at: {
    label: 'Joined the last Zoom webinar at',
    description: 'First join of the webinar that the contact attended last.',
    type: 'datetime',
    fieldType: 'date',
  },
  zoom_webinar_last_left_at: {
    label: 'Left the last Zoom webinar at',
    description: 'Last leave of the webinar that the contact attended last; empty while the contact is in it.',
    type: 'datetime',
    fieldType: 'date',
  },
  zoom_webinar_last_attended_minutes: {
    label: 'Minutes in the last Zoom webinar',
    description: 'Minutes that the contact was in the webinar attended last. Time on two devices at once counts once.',
    type: 'number',
    fieldType: 'number',
  },
  zoom_webinar_purchasing_time_frame: {
    label: 'Zoom webinar: purchasing time frame',
    description: 'Answer to the standard question of the registration form.',
    type: 'string',
    fieldType: 'text',
  },
  zoom_webinar_role_in_purchase_process: {
    label: 'Zoom webinar: role in purchase process',
    description: 'Answer to the standard question of the registration form.',
    type: 'string',
    fieldType: 'text',
  },
  // HubSpot's own numemployees is a list of other ranges than Zoom's.
  zoom_webinar_no_of_employees: {
    label: 'Zoom webinar: number of employees',
    description: 'Answer to the standard question of the registration form.',
    type: 'string',
    fieldType: 'text',
  },
  zoom_webinar_comments: {
    label: 'Zoom webinar: questions and comments',
    description: 'Answer to the standard question of the registration form.',
    type: 'string',
    fieldType: 'textarea',
  },
  zoom_webinar_custom_answers: {
    label: 'Zoom webinar: custom answers',
    description: 'Answers to the custom questions of the last registration form, a line each.',
    type: 'string',
    fieldType: 'textarea',
  },
  // A string: with an enumeration, each further source would need a change of the property in every portal.
  tributary_source: {
    label: 'Created by Tributary from',
    description:
      'Source whose event made Tributary create this contact, for example zoom. Empty when somebody else created it.',
    type: 'string',
    fieldType: 'text',
  },
} as const satisfies Readonly<Record<string, ContactProperty>>

/** HubSpot's own contact properties that a registration form can fill; they exist in every portal and are strings. */
export const standardContactProperties = [
  'email',
  'firstname',
  'lastname',
  'salutation',
  'phone',
  'mobilephone',
  'company',
  'jobtitle',
  'address',
  'city',
  'state',
  'zip',
  'country',
  'industry',
  'website',
] as const

/**
 * Properties of your own portal that your mapping sets besides those above: name and type. They must exist in HubSpot; Tributary checks their types and does not
 * create them. Once named here, consumers may set them with the right types.
 */
export const customContactProperties = {} as const satisfies Readonly<
  Record<string, { readonly type: 'number' | 'string' | 'datetime' | 'enumeration' | 'bool' }>
>
