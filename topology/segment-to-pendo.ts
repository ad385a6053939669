/**
 * What of Segment's calls is sent to Pendo, and under which names, reviewed like code: edit `segmentToPendo` below to change it. It is validated when the services start;
 * every mistake is listed (MAPPING_INVALID).
 *
 * For example, to send two events only, one of them under another name and with some of its properties, and the pages that somebody views:
 *
 *     track: {
 *       others: 'leave-out',
 *       send: 'all',
 *       events: {
 *         'Order Completed': { name: 'Ordered', send: ['total', 'currency'], rename: { total: 'amount' }, constants: { shop: 'eu' } },
 *         'Report Exported': {},
 *       },
 *     },
 *     page: { others: 'send', called: 'Viewed {name}', send: ['path', 'title'] },
 */
export interface SegmentToPendo {
  /**
   * Events of somebody without a user id. `leave-out`: they are not sent, for a visitor that a server makes of a device stays one for good. `as-device`: they are sent as those
   * of the visitor `_PENDO_T_<anonymousId>`, which is what Segment's own Pendo destination calls them in the browser.
   */
  readonly anonymous: 'leave-out' | 'as-device'
  /** The user is a visitor, the traits are their metadata. */
  readonly identify: 'leave-out' | ChosenValues
  /** The group is an account, the traits are its metadata. */
  readonly group: 'leave-out' | (ChosenValues & GroupChoice)
  readonly track: 'leave-out' | ChosenEvents
  readonly page: 'leave-out' | ChosenEvents
  readonly screen: 'leave-out' | ChosenEvents
}

/** Traits or properties. What is inside an object has a dotted name: `address.city`. */
export interface ChosenValues {
  /** All, or only these, the most important ones first: of a track event Pendo keeps 512 bytes. */
  readonly send: 'all' | readonly string[]
  /** Of all, these are not sent. */
  readonly except?: readonly string[]
  /** By the name in Segment: the name in Pendo. */
  readonly rename?: Readonly<Record<string, string>>
  /** By the name in Pendo: a value that is sent each time. */
  readonly constants?: Readonly<Record<string, string | number | boolean>>
}

export interface GroupChoice {
  /** Name of the custom field of visitors that holds the account that they belong to; null for none. Pendo's API has no other place for it. */
  readonly visitorField: string | null
}

/** Track events, pages or screens. What is chosen for one of them by its name counts instead of what is chosen for all. */
export interface ChosenEvents extends ChosenValues {
  /** Those that are not under `events`. */
  readonly others: 'send' | 'leave-out'
  /** The name in Pendo, in which `{name}` stands for that in Segment; `{name}` unless given. */
  readonly called?: string
  /** By the name in Segment. */
  readonly events?: Readonly<Record<string, 'leave-out' | ChosenEvent>>
}

export interface ChosenEvent extends Partial<ChosenValues> {
  /** The name in Pendo. */
  readonly name?: string
}

export const segmentToPendo: SegmentToPendo = {
  anonymous: 'leave-out',
  identify: { send: 'all' },
  group: { send: 'all', visitorField: 'accountid' },
  track: { others: 'send', send: 'all' },
  page: 'leave-out',
  screen: 'leave-out',
}
