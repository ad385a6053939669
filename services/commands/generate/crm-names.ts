import { contactProperties, contactPropertyGroup } from '../../sinks/hubspot/contact-properties.ts'
import { eventDefinitions } from '../../sinks/hubspot/event-definitions.ts'
import { taskAdjustments } from '../../sinks/hubspot/tasks/fields.ts'
import { taskKeyProperty, taskPropertyGroup } from '../../sinks/hubspot/tasks/property.ts'
import { activityAdjustments } from '../../sinks/salesforce/activities/adjustments.ts'
import { taskKeyField } from '../../sinks/salesforce/tasks/fields.ts'
import { code, table } from './markdown.ts'

interface Described {
  readonly type: string
  readonly description: string
}

/** What a person finds in HubSpot and Salesforce under which name. */
export const crmNames = (): readonly string[] => [
  '### HubSpot contact properties',
  '',
  `In the group ${code(contactPropertyGroup.name)}; \`tributary setup\` and the sink create those that are missing.`,
  '',
  table(['name', 'type', 'meaning'], rowsOf(contactProperties)),
  '',
  '### HubSpot custom events',
  '',
  'HubSpot puts `pe<portalId>_` before the name. Each occurs once per person and webinar, and cannot be changed afterwards.',
  '',
  table(
    ['name', 'meaning'],
    Object.entries(eventDefinitions).map(([name, { description }]) => [code(name), description]),
  ),
  '',
  ...propertiesOfEvents(),
  'What people do in the product has names that follow from what the source calls it: [product events](#product-events).',
  '',
  ...taskNames(),
  '### Salesforce task field',
  '',
  `${code(`Task.${taskKeyField.name}`)}: ${code(`webinar:<webinar>:<participant>`)} in the tasks of webinars; in the copies of HubSpot's activities what links both, ${code('hubspot:task:5012')}; in a task of Salesforce that was deleted and made anew ${code('salesforce:task:<id>')}. Text of ${taskKeyField.length} characters, external id, unique. An administrator creates it; \`tributary setup\` says how.`,
  '',
  `What is done to the tasks that both CRMs share so that Salesforce takes them is told by the receipt of each write (\`adjustments\`). A change of one that somebody deleted in Salesforce is SKIPPED (${code('SALESFORCE_TASK_DELETED')}); the deletion reaches HubSpot.`,
  '',
  table(
    ['code', 'meaning'],
    Object.entries(activityAdjustments).map(([name, meaning]) => [code(name), meaning]),
  ),
  '',
]

const taskNames = (): readonly string[] => [
  '### HubSpot task property',
  '',
  `${code(taskKeyProperty.name)}, in the group ${code(taskPropertyGroup.name)}: what links a task with the one in Salesforce, ${code('<vendor>:<object>:<record id>')} of the one that was there first; empty in a task that was made in HubSpot.`,
  '`tributary setup` and the sink create it, with unique values where the portal takes that of tasks. Where it does not, tasks are found by searches, and a new one waits until searches show what was written before: some seconds after the sink begins, and after an answer was lost.',
  '',
  'What is otherwise in HubSpot than in Salesforce is told by the receipt of each write (`adjustments`) and counted in `tributary_adjustments_total`:',
  '',
  table(
    ['code', 'what it means'],
    Object.entries(taskAdjustments).map(([name, meaning]) => [code(name), meaning]),
  ),
  '',
]

/** One table for all events that have the same properties. */
const propertiesOfEvents = (): readonly string[] => {
  const alike = Map.groupBy(Object.entries(eventDefinitions), ([, { properties }]) => properties)
  return [...alike].flatMap(([properties, events]) => [
    `Properties of ${events.map(([name]) => code(name)).join(', ')}:`,
    '',
    table(['name', 'type', 'meaning'], rowsOf(properties)),
    '',
  ])
}

const rowsOf = (properties: Readonly<Record<string, Described>>): readonly (readonly string[])[] =>
  Object.entries(properties).map(([name, { type, description }]) => [code(name), type, description])
