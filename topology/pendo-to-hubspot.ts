/**
 * What people do in the product and HubSpot shall show on their timelines, reviewed like code. It is validated when the services start; every mistake is listed
 * (SELECTION_INVALID). What is not selected is not sent.
 */
export interface PendoToHubSpot {
  /** The switch. While it is false nothing is sent, and nothing waits. */
  readonly enabled: boolean
  /** `core`: what Pendo marks as a Core Event. Or some events, pages and features by their names, core or not. */
  readonly events: 'core' | SelectedProductEvents
  /** Which properties of an event go along: all, none, `only` some or all `except` some, by their names at the source. */
  readonly properties: 'all' | 'none' | { readonly only: readonly string[] } | { readonly except: readonly string[] }
  /**
   * Whether somebody without a contact gets one; only ever when the visitor id is an e-mail address. Everybody else's events wait until a contact is known, for
   * PARK_LIMIT.
   */
  readonly createContacts: boolean
  /**
   * Sources whose events are taken: `pendo:` for all of Pendo, `segment:web` for one source. What comes by Segment and goes on to Pendo comes back as Pendo's:
   * with both it would be sent twice.
   */
  readonly sources: readonly string[]
}

/** Names as the source spells them; `all` for every one of a kind. A kind that is left out is not sent. */
export interface SelectedProductEvents {
  readonly tracks?: 'all' | readonly string[]
  readonly pages?: 'all' | readonly string[]
  readonly features?: 'all' | readonly string[]
}

export const pendoToHubSpot: PendoToHubSpot = {
  enabled: true,
  events: 'core',
  properties: 'all',
  createContacts: false,
  sources: ['pendo:'],
}
