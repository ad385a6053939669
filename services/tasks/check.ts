import { z } from 'zod'
import type { TaskSync } from '../../topology/tasks.ts'
import { collectMistakes } from '../runtime/config/mistakes.ts'

const text = (what: string) => z.string(what).min(1, what)
const salesforce = text("a value of Salesforce's picklist")
const rule = z
  .strictObject(
    {
      type: z.union([salesforce, z.null()], "a value of Salesforce's picklist Type, or null"),
      prefix: z.string('a text, which may be empty').max(80, 'at most 80 characters'),
    },
    'an object with nothing but type and prefix',
  )
  .nullable()
const pairs = <Values extends readonly [string, ...string[]]>(values: Values) =>
  z
    .array(
      z.strictObject(
        { hubspot: z.enum(values, `one of ${values.join(', ')}`), salesforce },
        'an object with nothing but hubspot and salesforce',
      ),
      'a list of pairs',
    )
    .refine(list => values.every(value => list.some(({ hubspot }) => hubspot === value)), {
      error: `a list with an entry for each of ${values.join(', ')}`,
    })

const mapping = z.strictObject(
  {
    tasks: z.enum(['both', 'to-salesforce', 'to-hubspot'], "'both', 'to-salesforce' or 'to-hubspot'"),
    conflict: z.enum(['newest', 'hubspot', 'salesforce'], "'newest', 'hubspot' or 'salesforce'"),
    people: z.enum(['one', 'all'], "'one' or 'all'"),
    activities: z.strictObject(
      { call: rule, note: rule, meeting: rule, email: rule },
      'an object with nothing but call, note, meeting and email',
    ),
    marketing: z.strictObject(
      { submission: rule, sent: rule, opened: rule, clicked: rule },
      'an object with nothing but submission, sent, opened and clicked',
    ),
    marketingRepeats: z.enum(['first', 'every'], "'first' or 'every'"),
    statuses: pairs(['NOT_STARTED', 'IN_PROGRESS', 'WAITING', 'COMPLETED', 'DEFERRED']),
    priorities: pairs(['NONE', 'LOW', 'MEDIUM', 'HIGH']),
    types: z.array(
      z.strictObject(
        {
          hubspot: z.enum(['TODO', 'CALL', 'EMAIL'], 'one of TODO, CALL, EMAIL'),
          salesforce: z.union([salesforce, z.null()], "a value of Salesforce's picklist, or null"),
        },
        'an object with nothing but hubspot and salesforce',
      ),
      'a list of pairs',
    ),
    due: z.strictObject(
      {
        timeZone: z.string('the IANA name of a time zone').refine(isZone, 'the IANA name of a time zone'),
        time: z.string('a time as HH:mm').regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time as HH:mm'),
      },
      'an object with nothing but timeZone and time',
    ),
  },
  'an object with nothing but tasks, conflict, people, activities, marketing, marketingRepeats, statuses, priorities, types and due',
)

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

/** Validates the mapping (topology/tasks.ts). Throws one `MAPPING_INVALID` that lists every mistake. */
export const checkTaskSync = (given: unknown): TaskSync => {
  const mistakes = collectMistakes('MAPPING_INVALID', 'topology/tasks.ts')
  const { data, error } = mapping.safeParse(given)
  for (const { path, message } of error?.issues ?? [])
    mistakes.add(`${path.join('.') || 'taskSync'} must be ${message}.`)
  for (const list of ['statuses', 'priorities', 'types'] as const)
    for (const [index, pair] of (data?.[list] ?? []).entries())
      if (data?.[list].slice(0, index).some(one => one.hubspot === pair.hubspot))
        mistakes.add(`${list}.${index} repeats ${pair.hubspot}: each value of HubSpot has one in Salesforce.`)
  mistakes.throwIfAny()
  return data as TaskSync
}
