/**
 * Which metadata Pendo and HubSpot share, and which side counts, reviewed like code: edit `pendoAndHubSpot` below to change it. A visitor is the contact of the same person, an
 * account the company of the same domain. It is validated when the services start; every mistake is listed (MAPPING_INVALID).
 *
 * Nothing is made: what Pendo holds of somebody who is no contact waits until HubSpot tells of one, and what HubSpot holds of somebody who is no visitor until Pendo does.
 */
export interface PendoAndHubSpot {
  /** The switch. While it is false nothing is read or written for it; once it is true, all that was told in the last 90 days counts, so both sides are brought together then. */
  readonly enabled: boolean
  /** Fields that a visitor in Pendo shares with a contact in HubSpot. */
  readonly contacts: readonly SharedField[]
  /** Fields that an account in Pendo shares with a company in HubSpot. */
  readonly companies: readonly SharedField[]
  /**
   * How the company of an account is known. `domain`: both have the same web domain (in Pendo the field `domain` or `website`). Or by a field in Pendo that holds the company's
   * record id. Of several accounts or companies that match, the one that was known first takes part.
   */
  readonly matchCompaniesBy: 'domain' | { readonly pendoField: string }
}

export type SharedField = {
  /** `<group>.<field>` in Pendo. Pendo's API writes only to fields of the group `custom` that an admin has made. */
  readonly pendo: string
  /** Internal name of the property in HubSpot. `tributary setup` makes one that is not there. */
  readonly hubspot: string
  /** What its values are, by which each side gets its own spelling of them; `text` unless given. A value that is none is not taken over. */
  readonly type?: FieldType
} & (
  | {
      /** One side is the source; what somebody changes on the other is set back. */
      readonly direction: 'to-hubspot' | 'to-pendo'
    }
  | {
      readonly direction: 'both'
      /**
       * Which value counts when both changed before the other's had arrived, and where the two first meet: that which changed last, or always that of one side. When they first
       * meet, an empty one never counts.
       */
      readonly conflict: 'newest' | 'hubspot' | 'pendo'
    }
)

export type FieldType = 'text' | 'number' | 'bool' | 'date' | 'datetime'

export const pendoAndHubSpot: PendoAndHubSpot = {
  // Off: it overwrites what people wrote in both, so nobody shall have it without having chosen the fields.
  enabled: false,
  contacts: [
    { pendo: 'custom.jobtitle', hubspot: 'jobtitle', direction: 'both', conflict: 'newest' },
    { pendo: 'custom.phone', hubspot: 'phone', direction: 'both', conflict: 'hubspot' },
    { pendo: 'agent.role', hubspot: 'pendo_role', direction: 'to-hubspot' },
    { pendo: 'custom.lifecyclestage', hubspot: 'lifecyclestage', direction: 'to-pendo' },
  ],
  companies: [
    { pendo: 'custom.plan', hubspot: 'pendo_plan', direction: 'to-hubspot' },
    { pendo: 'custom.employees', hubspot: 'numberofemployees', type: 'number', direction: 'both', conflict: 'hubspot' },
  ],
  matchCompaniesBy: 'domain',
}

/**
 * The properties that HubSpot must be asked for besides those that tell who it is; none while the switch is off. The record id is one of them, so that what is read holds more than
 * one property also where only one is shared: an event of one tells that it changed.
 */
export const sharedProperties = ({
  enabled,
  contacts,
  companies,
}: PendoAndHubSpot): { readonly contacts: readonly string[]; readonly companies: readonly string[] } => ({
  contacts: enabled ? namesIn(contacts) : [],
  companies: enabled ? namesIn(companies) : [],
})

const namesIn = (fields: readonly SharedField[]): readonly string[] =>
  fields.length === 0 ? [] : ['hs_object_id', ...new Set(fields.map(({ hubspot }) => hubspot))]
