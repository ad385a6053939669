import type { Row } from './row.ts'

const TASK_STATUSES = ['NOT_STARTED', 'IN_PROGRESS', 'WAITING', 'COMPLETED', 'DEFERRED']
const TASK_PRIORITIES = ['NONE', 'LOW', 'MEDIUM', 'HIGH']
const TASK_TYPES = ['TODO', 'CALL', 'EMAIL', 'LINKED_IN_CONNECT', 'LINKED_IN_MESSAGE']
const CALL_DIRECTIONS = ['INBOUND', 'OUTBOUND']
const CALL_STATUSES = [
  'BUSY',
  'CALLING_CRM_USER',
  'CANCELED',
  'COMPLETED',
  'CONNECTING',
  'FAILED',
  'IN_PROGRESS',
  'NO_ANSWER',
  'QUEUED',
  'RINGING',
]
const MEETING_OUTCOMES = ['SCHEDULED', 'COMPLETED', 'RESCHEDULED', 'NO_SHOW', 'CANCELED']
const EMAIL_DIRECTIONS = ['EMAIL', 'INCOMING_EMAIL', 'FORWARDED_EMAIL']
const EMAIL_STATUSES = ['BOUNCED', 'FAILED', 'SCHEDULED', 'SENDING', 'SENT']

/** What every activity has besides. */
export const OF_EVERY_ACTIVITY: readonly Row[] = [
  ['hs_activity_type', 'Call and meeting type', 'string', 'writable'],
  ['hs_queue_membership_ids', 'Task queues', 'string', 'writable'],
]

const HAPPENED: Row = ['hs_timestamp', 'Activity date', 'datetime', 'writable']

/** What the activities have of their own, by object type (facts/hubspot.md §3.6). */
export const ACTIVITY_ROWS: Readonly<Record<string, readonly Row[]>> = {
  tasks: [
    ['hs_task_subject', 'Task Title', 'string', 'writable'],
    ['hs_task_body', 'Task Notes', 'string', 'writable'],
    ['hs_timestamp', 'Due date', 'datetime', 'writable'],
    ['hs_task_status', 'Task Status', 'enumeration', 'writable', TASK_STATUSES],
    ['hs_task_priority', 'Priority', 'enumeration', 'writable', TASK_PRIORITIES],
    ['hs_task_type', 'Task Type', 'enumeration', 'writable', TASK_TYPES],
    ['hs_task_reminders', 'Reminders', 'string', 'writable'],
    ['hs_task_completion_date', 'Completed at', 'datetime', 'read-only'],
    ['hs_task_is_completed', 'Is completed', 'number', 'read-only'],
  ],
  calls: [
    HAPPENED,
    ['hs_call_title', 'Call Title', 'string', 'writable'],
    ['hs_call_body', 'Call notes', 'string', 'writable'],
    ['hs_call_direction', 'Call direction', 'enumeration', 'writable', CALL_DIRECTIONS],
    ['hs_call_status', 'Call status', 'enumeration', 'writable', CALL_STATUSES],
    ['hs_call_duration', 'Call duration', 'number', 'writable'],
    ['hs_call_disposition', 'Call outcome', 'string', 'writable'],
    ['hs_call_from_number', 'From number', 'string', 'writable'],
    ['hs_call_to_number', 'To number', 'string', 'writable'],
    ['hs_call_recording_url', 'Recording URL', 'string', 'writable'],
  ],
  notes: [HAPPENED, ['hs_note_body', 'Note body', 'string', 'writable']],
  meetings: [
    HAPPENED,
    ['hs_meeting_title', 'Meeting name', 'string', 'writable'],
    ['hs_meeting_body', 'Meeting description', 'string', 'writable'],
    ['hs_internal_meeting_notes', 'Internal meeting notes', 'string', 'writable'],
    ['hs_meeting_start_time', 'Meeting start time', 'datetime', 'writable'],
    ['hs_meeting_end_time', 'Meeting end time', 'datetime', 'writable'],
    ['hs_meeting_location', 'Meeting location', 'string', 'writable'],
    ['hs_meeting_external_url', 'External URL', 'string', 'writable'],
    ['hs_meeting_outcome', 'Meeting outcome', 'enumeration', 'writable', MEETING_OUTCOMES],
  ],
  emails: [
    HAPPENED,
    ['hs_email_subject', 'Email subject', 'string', 'writable'],
    ['hs_email_text', 'Email text', 'string', 'writable'],
    ['hs_email_html', 'Email body', 'string', 'writable'],
    ['hs_email_direction', 'Email direction', 'enumeration', 'writable', EMAIL_DIRECTIONS],
    ['hs_email_status', 'Email send status', 'enumeration', 'writable', EMAIL_STATUSES],
    ['hs_email_headers', 'Email headers', 'string', 'writable'],
  ],
}
