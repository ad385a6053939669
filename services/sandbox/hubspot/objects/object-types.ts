/** What the sandbox knows about one CRM object type. */
export interface ObjectType {
  /** As in paths: `contacts`. */
  readonly name: string
  /** HubSpot's id of the type, which paths accept too. */
  readonly typeId: string
  /** As in the API's texts: `Contact`. */
  readonly singular: string
  /** Properties of which a new record needs at least one; empty when none is needed. */
  readonly createNeedsOneOf: readonly string[]
  /** The property that identifies a record besides its id, and the one that holds further values of it. */
  readonly identity?: { readonly property: string; readonly additional: string }
  readonly modifiedProperty: string
  /** Values of a new record's properties. */
  readonly defaults: Readonly<Record<string, string>>
  /** What a read returns when it names no properties. */
  readonly readByDefault: readonly string[]
  /** What a write returns besides the written properties. */
  readonly computed: readonly string[]
  readonly gdprDelete: boolean
}

const SOURCE_PROPERTIES = ['hs_object_source', 'hs_object_source_id', 'hs_object_source_label']

/** The object types of the sandbox. Further ones are one entry here and their properties in predefined-properties.ts. */
export const OBJECT_TYPES: readonly ObjectType[] = [
  {
    name: 'contacts',
    typeId: '0-1',
    singular: 'Contact',
    createNeedsOneOf: ['email', 'firstname', 'lastname'],
    identity: { property: 'email', additional: 'hs_additional_emails' },
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
    gdprDelete: true,
  },
  {
    name: 'companies',
    typeId: '0-2',
    singular: 'Company',
    createNeedsOneOf: ['name', 'domain'],
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
    gdprDelete: false,
  },
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
