import { ACTIVITY_TYPES } from './activity-types.ts'

/** What the sandbox knows about one CRM object type. */
export interface ObjectType {
  /** As in paths: `contacts`. */
  readonly name: string
  /** HubSpot's id of the type, which paths accept too. */
  readonly typeId: string
  /** As in the API's texts: `Contact`. */
  readonly singular: string
  /** Tasks, calls, notes, meetings and e-mails: what happened, or is to happen, on other records. */
  readonly isActivity: boolean
  /** Properties of which a new record needs at least one; empty when none is needed. */
  readonly createNeedsOneOf: readonly string[]
  /** Properties of which a new record needs each. */
  readonly createNeeds: readonly string[]
  /** The property that identifies a record besides its id, and the one that holds further values of it. */
  readonly identity?: { readonly property: string; readonly additional: string }
  /** The properties that say when a record was made and last changed. */
  readonly createdProperty: string
  readonly modifiedProperty: string
  /** Values of a new record's properties. */
  readonly defaults: Readonly<Record<string, string>>
  /** What a read returns when it names no properties. */
  readonly readByDefault: readonly string[]
  /** What a write returns besides the written properties. */
  readonly computed: readonly string[]
  /** Values that follow from others, an empty one for none; `before` is undefined of a new record, `at` the time of the change in ISO 8601. */
  readonly derived?: (values: Values, before: Values | undefined, at: string) => Values
  readonly canMerge: boolean
  readonly gdprDelete: boolean
}

/** Values of properties by name. */
export type Values = Readonly<Record<string, string>>

/** Who made a record. */
const SOURCE_PROPERTIES = ['hs_object_source', 'hs_object_source_id', 'hs_object_source_label']

/** The object types of the sandbox. Further ones are one entry here and their properties in properties/predefined.ts. */
export const OBJECT_TYPES: readonly ObjectType[] = [
  {
    name: 'contacts',
    typeId: '0-1',
    singular: 'Contact',
    isActivity: false,
    createNeedsOneOf: ['email', 'firstname', 'lastname'],
    createNeeds: [],
    identity: { property: 'email', additional: 'hs_additional_emails' },
    createdProperty: 'createdate',
    modifiedProperty: 'lastmodifieddate',
    defaults: { lifecyclestage: 'lead', hs_is_unworked: 'true', hs_pipeline: 'contacts-lifecycle-pipeline' },
    readByDefault: ['createdate', 'email', 'firstname', 'hs_object_id', 'lastmodifieddate', 'lastname'],
    computed: [
      'createdate',
      'hs_all_contact_vids',
      'hs_email_domain',
      'hs_is_unworked',
      'hs_object_id',
      ...SOURCE_PROPERTIES,
      'hs_pipeline',
      'lastmodifieddate',
      'lifecyclestage',
    ],
    derived: ({ email }) => ({ hs_email_domain: email?.split('@')[1] ?? '' }),
    canMerge: true,
    gdprDelete: true,
  },
  {
    name: 'companies',
    typeId: '0-2',
    singular: 'Company',
    isActivity: false,
    createNeedsOneOf: ['name', 'domain'],
    createNeeds: [],
    createdProperty: 'createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    defaults: { lifecyclestage: 'lead', hs_pipeline: 'companies-lifecycle-pipeline' },
    readByDefault: ['createdate', 'domain', 'hs_lastmodifieddate', 'hs_object_id', 'name'],
    computed: [
      'createdate',
      'hs_lastmodifieddate',
      'hs_object_id',
      ...SOURCE_PROPERTIES,
      'hs_pipeline',
      'lifecyclestage',
    ],
    canMerge: true,
    gdprDelete: false,
  },
  {
    name: 'deals',
    typeId: '0-3',
    singular: 'Deal',
    isActivity: false,
    createNeedsOneOf: ['dealname'],
    createNeeds: [],
    createdProperty: 'createdate',
    modifiedProperty: 'hs_lastmodifieddate',
    defaults: { pipeline: 'default' },
    readByDefault: [
      'amount',
      'closedate',
      'createdate',
      'dealname',
      'dealstage',
      'hs_lastmodifieddate',
      'hs_object_id',
      'pipeline',
    ],
    computed: ['createdate', 'hs_lastmodifieddate', 'hs_object_id', ...SOURCE_PROPERTIES, 'pipeline'],
    canMerge: true,
    gdprDelete: false,
  },
  ...ACTIVITY_TYPES,
]

/** Stages in the order in which a record may move forward; back only by clearing it first. */
export const LIFECYCLE_STAGES: readonly string[] = [
  'subscriber',
  'lead',
  'marketingqualifiedlead',
  'salesqualifiedlead',
  'opportunity',
  'customer',
  'evangelist',
  'other',
]
