/**
 * What HubSpot and Salesforce share of tasks and activities, reviewed like code: edit `taskSync` below to change it. It is validated when the services start; every mistake is listed
 * (MAPPING_INVALID). TASK_SYNC is the switch.
 *
 * A task made in one becomes a task in the other, from the moment of switching on, as soon as the person that it is on is known in both; nobody is made for it. The two stay linked
 * for life. What is deleted in one is deleted in the other.
 */
export interface TaskSync {
  /** Which way tasks go. */
  readonly tasks: 'both' | 'to-salesforce' | 'to-hubspot'
  /** What counts when somebody changed the same field on both sides before either had heard of the other: what changed last, or always one side. A deletion always counts. */
  readonly conflict: 'newest' | 'hubspot' | 'salesforce'
  /** HubSpot's other activities, which become tasks in Salesforce; null for a type that is not taken there. */
  readonly activities: Readonly<Record<'call' | 'note' | 'meeting' | 'email', ActivityRule | null>>
  /**
   * What HubSpot's marketing knows that somebody did or was sent, which becomes completed tasks in Salesforce; null for a type that is not taken: it is not even read. A task of an
   * e-mail has its subject, one of a submission the name of the form.
   */
  readonly marketing: Readonly<Record<MarketingEventName, ActivityRule | null>>
  /**
   * Who opens an e-mail often, or clicks in it often: a task for the first time only, or for every time. `first` is of one message to one person, apart for opening and clicking.
   */
  readonly marketingRepeats: 'first' | 'every'
  /**
   * Whom an activity of HubSpot that is on several contacts is on in Salesforce: `one`, who is in both and was made last, or `all` of them who are contacts in Salesforce, through
   * shared activities, which an admin must have switched on in the org. A lead shares a task with nobody there.
   */
  readonly people: 'one' | 'all'
  /**
   * The same status on both sides. Of several entries with one value the first says what it becomes on the other side. A status of Salesforce that is not listed is COMPLETED when
   * tasks with it are closed, else NOT_STARTED.
   */
  readonly statuses: readonly Pair<HubSpotStatus>[]
  readonly priorities: readonly Pair<HubSpotPriority>[]
  /** Salesforce's picklist Type; null for none. A type that is not listed is TODO, or none. */
  readonly types: readonly Pair<HubSpotType, string | null>[]
  /** Salesforce knows the day of a task only, HubSpot the time: which day a time is on, and which time a day gets that was set in Salesforce. */
  readonly due: {
    /** IANA name. */
    readonly timeZone: string
    /** `HH:mm`. */
    readonly time: string
  }
}

/** A form was submitted; a marketing e-mail was sent to somebody, opened, or a link in it clicked. */
export type MarketingEventName = 'submission' | 'sent' | 'opened' | 'clicked'

export interface ActivityRule {
  /** Salesforce's picklist Type; null for none. */
  readonly type: string | null
  /** What the subject begins with, for reports in Salesforce to filter by; may be empty. */
  readonly prefix: string
}

export interface Pair<HubSpot extends string, Salesforce extends string | null = string> {
  readonly hubspot: HubSpot
  readonly salesforce: Salesforce
}

export type HubSpotStatus = 'NOT_STARTED' | 'IN_PROGRESS' | 'WAITING' | 'COMPLETED' | 'DEFERRED'
export type HubSpotPriority = 'NONE' | 'LOW' | 'MEDIUM' | 'HIGH'
export type HubSpotType = 'TODO' | 'CALL' | 'EMAIL'

export const taskSync: TaskSync = {
  tasks: 'both',
  conflict: 'newest',
  people: 'one',
  activities: {
    call: { type: 'Call', prefix: 'Call: ' },
    note: { type: null, prefix: 'Note: ' },
    meeting: { type: 'Meeting', prefix: 'Meeting: ' },
    email: { type: 'Email', prefix: '' },
  },
  marketing: {
    submission: { type: null, prefix: 'Submitted: ' },
    // A mailing would make a task for each of its recipients, most of whom never look at it: hundreds of thousands of records that nobody asked for, and the requests to write them.
    sent: null,
    opened: { type: 'Email', prefix: 'Opened: ' },
    clicked: { type: 'Email', prefix: 'Clicked: ' },
  },
  marketingRepeats: 'first',
  statuses: [
    { hubspot: 'NOT_STARTED', salesforce: 'Not Started' },
    { hubspot: 'IN_PROGRESS', salesforce: 'In Progress' },
    { hubspot: 'WAITING', salesforce: 'Waiting on someone else' },
    { hubspot: 'COMPLETED', salesforce: 'Completed' },
    { hubspot: 'DEFERRED', salesforce: 'Deferred' },
  ],
  priorities: [
    { hubspot: 'HIGH', salesforce: 'High' },
    { hubspot: 'MEDIUM', salesforce: 'Normal' },
    { hubspot: 'LOW', salesforce: 'Low' },
    { hubspot: 'NONE', salesforce: 'Normal' },
  ],
  types: [
    { hubspot: 'TODO', salesforce: null },
    { hubspot: 'CALL', salesforce: 'Call' },
    { hubspot: 'EMAIL', salesforce: 'Email' },
  ],
  due: { timeZone: 'UTC', time: '09:00' },
}
