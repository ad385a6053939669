import type { Activity } from '../../../../schemas/generated.ts'

/** A type of activity that is taken from HubSpot: how webhooks, the API and Tributary call it, and what of it is read. */
export interface ActivityType {
  /** In subscriptions of its own (`task.creation`), in notices and in links. */
  readonly name: 'task' | 'call' | 'note' | 'meeting' | 'email'
  /** In subscriptions of every type, `object.creation`: what `objectTypeId` says. */
  readonly typeId: string
  /** In paths of the API. */
  readonly path: string
  readonly activity: Activity
  /** The property that says when a record was last modified. */
  readonly modified: 'hs_lastmodifieddate'
  /** The scope without which it cannot be read. */
  readonly scope: string
  /** Properties that are told as fields, with when each changed. */
  readonly properties: readonly string[]
}

/** What every activity has: when it was or is due, and whose it is. */
const ofAll = ['hs_timestamp', 'hubspot_owner_id']
const modified = 'hs_lastmodifieddate'
/** Scope of all activities but e-mails (facts/hubspot.md §3.6). */
const scope = 'crm.objects.contacts.read'

/** Every type that is taken (facts/hubspot.md §3.6). */
export const activityTypes: readonly ActivityType[] = [
  {
    ...{ name: 'task', typeId: '0-27', path: 'tasks', activity: 'TASK', modified, scope },
    properties: [
      ...['hs_task_subject', 'hs_task_body', 'hs_task_status', 'hs_task_priority', 'hs_task_type'],
      ...ofAll,
    ],
  },
  {
    ...{ name: 'call', typeId: '0-48', path: 'calls', activity: 'CALL', modified, scope },
    properties: [
      ...['hs_call_title', 'hs_call_body', 'hs_call_direction', 'hs_call_duration', 'hs_call_status'],
      ...['hs_call_disposition', ...ofAll],
    ],
  },
  {
    ...{ name: 'note', typeId: '0-46', path: 'notes', activity: 'NOTE', modified, scope },
    properties: ['hs_note_body', ...ofAll],
  },
  {
    ...{ name: 'meeting', typeId: '0-47', path: 'meetings', activity: 'MEETING', modified, scope },
    properties: [
      ...['hs_meeting_title', 'hs_meeting_body', 'hs_internal_meeting_notes', 'hs_meeting_outcome'],
      ...['hs_meeting_start_time', 'hs_meeting_end_time', 'hs_meeting_location', ...ofAll],
    ],
  },
  {
    ...{ name: 'email', typeId: '0-49', path: 'emails', activity: 'EMAIL', modified, scope: 'sales-email-read' },
    properties: ['hs_email_subject', 'hs_email_text', 'hs_email_direction', 'hs_email_status', ...ofAll],
  },
]

/** Properties whose values are numbers; HubSpot writes every value as text. */
export const numericProperties: ReadonlySet<string> = new Set(['hs_call_duration'])

/** The property that holds what a copy is linked by with the record that was there first. An account need not have it. */
export const linkProperty = 'tributary_id'

/** All that is read of a record. */
export const readProperties = ({ properties, modified: lastModified }: ActivityType): readonly string[] => [
  ...new Set([...properties, linkProperty, 'hs_createdate', lastModified]),
]
