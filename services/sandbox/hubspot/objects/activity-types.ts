import type { ObjectType, Values } from './object-types.ts'

const COMPUTED = [
  'hs_createdate',
  'hs_lastmodifieddate',
  'hs_object_id',
  'hs_object_source',
  'hs_object_source_id',
  'hs_object_source_label',
]

type Particular = Pick<ObjectType, 'name' | 'typeId' | 'singular'> & Partial<ObjectType>

/** All activities say when they happened or are due, and are neither merged nor erased for privacy. */
const activity = ({ computed = [], ...particular }: Particular): ObjectType => ({
  isActivity: true,
  createNeedsOneOf: [],
  createNeeds: ['hs_timestamp'],
  createdProperty: 'hs_createdate',
  modifiedProperty: 'hs_lastmodifieddate',
  defaults: {},
  readByDefault: ['hs_createdate', 'hs_lastmodifieddate', 'hs_object_id'],
  canMerge: false,
  gdprDelete: false,
  ...particular,
  computed: [...COMPUTED, ...computed],
})

/** When a task was completed is HubSpot's to say: it goes when the task is opened again. */
const completion = (values: Values, before: Values | undefined, at: string): Values => {
  const isCompleted = values['hs_task_status'] === 'COMPLETED'
  const wasCompleted = before?.['hs_task_status'] === 'COMPLETED'
  return {
    hs_task_is_completed: isCompleted ? '1' : '0',
    hs_task_completion_date: isCompleted ? (wasCompleted && before['hs_task_completion_date']) || at : '',
  }
}

/** A meeting without a time of its own happens when it starts. */
const startOfMeeting = ({ hs_timestamp: given, hs_meeting_start_time: start }: Values): Values => ({
  hs_timestamp: given || start || '',
})

/** The activities (facts/hubspot.md §3.6). */
export const ACTIVITY_TYPES: readonly ObjectType[] = [
  activity({
    name: 'tasks',
    typeId: '0-27',
    singular: 'Task',
    defaults: { hs_task_status: 'NOT_STARTED', hs_task_priority: 'NONE', hs_task_type: 'TODO' },
    computed: [
      'hs_task_completion_date',
      'hs_task_is_completed',
      'hs_task_priority',
      'hs_task_status',
      'hs_task_type',
      'hs_timestamp',
    ],
    derived: completion,
  }),
  activity({ name: 'calls', typeId: '0-48', singular: 'Call' }),
  activity({ name: 'notes', typeId: '0-46', singular: 'Note' }),
  activity({ name: 'meetings', typeId: '0-47', singular: 'Meeting', derived: startOfMeeting }),
  activity({ name: 'emails', typeId: '0-49', singular: 'Email' }),
]
