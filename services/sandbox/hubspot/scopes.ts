import { HubSpotRefusal } from './errors.ts'

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
const OBJECT_SCOPES: Readonly<Record<string, string>> = {
  contacts: 'contacts',
  contact: 'contacts',
  '0-1': 'contacts',
  companies: 'companies',
  company: 'companies',
  '0-2': 'companies',
}
const READING_POSTS = /\/(search|batch\/read)$/

/** All scopes that a route of the sandbox asks for. */
export const ALL_SCOPES: readonly string[] = [
  ...new Set(RULES.flatMap(({ read, write }) => [read, write].filter(scope => scope !== undefined))),
  ...RECORDS.flatMap(({ scope }) =>
    ['contacts', 'companies'].flatMap(of => [`${scope}.${of}.read`, `${scope}.${of}.write`]),
  ),
].sort()

/** @param route the route's pattern; `objectType` is its parameter of this name */
export const scopeFor = (method: string, route: string, objectType: string | undefined): string | undefined => {
  const access = method === 'GET' || READING_POSTS.test(route) ? 'read' : 'write'
  const rule = RULES.find(one => one.route.test(route))
  if (rule) return rule[access]
  const family = RECORDS.find(({ path }) => route.startsWith(path))
  const object = OBJECT_SCOPES[objectType?.toLowerCase() ?? '']
  return family && object ? `${family.scope}.${object}.${access}` : undefined
}

/** Refuses a request that the token's scopes do not allow. */
export const assertScope = (granted: ReadonlySet<string>, needed: string | undefined): void => {
  if (needed === undefined || granted.has(needed)) return
  throw new HubSpotRefusal(403, {
    message:
      "This app hasn't been granted all required scopes to make this call. Read more about required scopes here: https://developers.hubspot.com/scopes.",
    category: 'MISSING_SCOPES',
    errors: [
      {
        message: 'One or more of the following scopes are required.',
        code: 'MISSING_SCOPES',
        context: { requiredGranularScopes: [needed] },
      },
    ],
  })
}
