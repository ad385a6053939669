/**
 * What HubSpot's documents leave open about webhooks: facts/hubspot.md §3.9 marks it [UNVERIFIED], or is silent. Each is one of the possible
 * answers, and can be switched, so that what receives webhooks can be tested against the others.
 */
export interface WebhookChoices {
  /** `contact.creation`, or `object.creation` with the type beside it, as apps of the developer platform may ask for it. */
  readonly payloads: 'classic' | 'generic'
  /** `changeFlag` of a creation: captured webhooks say CREATED, the example of HubSpot's own client NEW. */
  readonly creationFlag: 'CREATED' | 'NEW'
  /** Whether the values that a record is created with are told as changes of properties, too. */
  readonly creationTellsProperties: boolean
  /** Which record `objectId` of a merge is. */
  readonly mergeObjectId: 'new' | 'primary'
  /** Whether the record that was merged into the primary is told as deleted, too: one integration reports so. */
  readonly mergeTellsDeletion: boolean
}

export const DEFAULT_WEBHOOK_CHOICES: WebhookChoices = {
  payloads: 'classic',
  creationFlag: 'CREATED',
  creationTellsProperties: true,
  mergeObjectId: 'new',
  mergeTellsDeletion: true,
}
