import { HubSpotRefusal } from './errors.ts'
import { OBJECT_TYPES } from './objects/object-types.ts'

interface Rule {
  /** A regular expression over route patterns, in which `:name` stands for a parameter. */
  readonly route: RegExp
  readonly read?: string
  readonly write?: string
}

const EVENT_DEFINITIONS = 'behavioral_events.event_definitions.read_write'
const EVENT_SENDING = 'analytics.behavioral_events.send'

/** HubSpot's guides of the APIs, "Scope requirements". The first that fits a route holds; what none fits needs no scope. */
const RULES: readonly Rule[] = [
  { route: /^\/events\/v3\/event-definitions/, read: EVENT_DEFINITIONS, write: EVENT_DEFINITIONS },
  { route: /^\/events\/v3\/send/, write: EVENT_SENDING },
  { route: /^\/crm\/v3\/owners/, read: 'crm.objects.owners.read' },
  { route: /^\/(marketing\/v3\/forms|form-integrations\/v1)/, read: 'forms' },
  { route: /^\/email\/public\/v1/, read: 'content' },
  // Activities have no scopes of their own: what may be done with contacts may be done with what happened on them.
  {
    route: /^\/crm\/v4\//,
    read: 'crm.objects.contacts.read',
    write: 'crm.objects.contacts.write',
  },
  {
    route: /^\/marketing\/(v3\/)?marketing-events/,
    read: 'crm.objects.marketing_events.read',
    write: 'crm.objects.marketing_events.write',
  },
]

const RECORDS: readonly { path: string; scope: string }[] = [
  { path: '/crm/v3/objects', scope: 'crm.objects' },
  { path: '/crm/v3/properties', scope: 'crm.schemas' },
]

/** By each name of an object type, whose scopes it needs. */
const OBJECT_SCOPES: ReadonlyMap<string, string> = new Map(
  OBJECT_TYPES.flatMap(({ name, singular, typeId, isActivity }) =>
    [name, singular.toLowerCase(), typeId].map(key => [key, isActivity ? 'contacts' : name] as const),
  ),
)
/** What e-mails say, a token may read with this scope besides only. */
const EMAIL_READING = 'sales-email-read'
const EMAIL_NAMES: ReadonlySet<string> = new Set(['emails', 'email', '0-49'])
const READING_POSTS = /\/(search|batch\/read)$/

/** All scopes that a route of the sandbox asks for. */
export const ALL_SCOPES: readonly string[] = [
  ...new Set(RULES.flatMap(({ read, write }) => [read, write].filter(scope => scope !== undefined))),
  ...RECORDS.flatMap(({ scope }) =>
    ['contacts', 'companies', 'deals'].flatMap(of => [`${scope}.${of}.read`, `${scope}.${of}.write`]),
  ),
  EMAIL_READING,
].sort()

/** @param route the route's pattern; `objectType` is its parameter of this name */
export const scopesFor = (method: string, route: string, objectType: string | undefined): readonly string[] => {
  const access = method === 'GET' || READING_POSTS.test(route) ? 'read' : 'write'
  const rule = RULES.find(one => one.route.test(route))
  if (rule) return [rule[access]].filter(scope => scope !== undefined)
  const family = RECORDS.find(({ path }) => route.startsWith(path))
  const name = objectType?.toLowerCase() ?? ''
  const object = OBJECT_SCOPES.get(name)
  if (!family || !object) return []
  const isEmail = family.scope === 'crm.objects' && access === 'read' && EMAIL_NAMES.has(name)
  return [`${family.scope}.${object}.${access}`, ...(isEmail ? [EMAIL_READING] : [])]
}

/** Refuses a request that the token's scopes do not allow. */
export const assertScopes = (granted: ReadonlySet<string>, needed: readonly string[]): void => {
  const lacking = needed.filter(scope => !granted.has(scope))
  if (lacking.length === 0) return
  throw new HubSpotRefusal(403, {
    message:
      "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
    category: 'MISSING_SCOPES',
    errors: [
      {
        message: 'One or more of the following scopes are required.',
        code: 'MISSING_SCOPES',
        context: { requiredGranularScopes: lacking },
      },
    ],
  })
}
