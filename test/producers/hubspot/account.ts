/** What a record of an activity in a model of an account holds. */
export interface ModelActivity {
  readonly properties?: Readonly<Record<string, string | null>>
  /** By property; what is not named here has no history. */
  readonly history?: Readonly<Record<string, readonly object[]>>
  readonly contacts?: readonly string[]
  readonly companies?: readonly string[]
  readonly createdAt?: string
  /** It was deleted. */
  readonly archivedAt?: string
}

export interface ModelContact {
  readonly createdate?: string
  readonly owner?: string
}

/** What is asked of the account, as it was sent. */
export interface ModelRequest {
  readonly path: string
  readonly query: string
  readonly body: {
    readonly inputs?: readonly { readonly id: string; readonly after?: string }[]
    readonly properties?: readonly string[]
    readonly propertiesWithHistory?: readonly string[]
  }
}

/** Answers that come instead of the account's own. */
export type Fault = (request: ModelRequest) => Response | 'gone' | undefined

/** An account of HubSpot as facts/hubspot.md tells how its API answers: what reading activities asks of it, and nothing else. */
export interface ModelAccount {
  readonly fetch: typeof fetch
  readonly requests: readonly ModelRequest[]
  /** By path, then by id. */
  readonly activities: Readonly<Record<string, Map<string, ModelActivity>>>
  readonly contacts: Map<string, ModelContact>
  /** Properties by id. */
  readonly companies: Map<string, Readonly<Record<string, string>>>
  readonly owners: Map<string, { readonly email: string; readonly archived?: true }>
  /** Asked before each answer. */
  fault: Fault
}

export const modelAccount = (): ModelAccount => {
  const requests: ModelRequest[] = []
  const account: ModelAccount = {
    requests,
    activities: { tasks: new Map(), calls: new Map(), notes: new Map(), meetings: new Map(), emails: new Map() },
    contacts: new Map(),
    companies: new Map(),
    owners: new Map(),
    fault: () => undefined,
    fetch: async (input, init) => {
      const { pathname: path, search: query } = new URL(String(input))
      const request = { path, query, body: init?.body === undefined ? {} : JSON.parse(String(init.body)) }
      requests.push(request)
      await new Promise(setImmediate)
      const fault = account.fault(request)
      if (fault === 'gone') throw new TypeError('fetch failed')
      return fault ?? answerOf(account, request)
    },
  }
  return account
}

export const json = (value: unknown, status = 200): Response => new Response(JSON.stringify(value), { status })

const answerOf = (account: ModelAccount, request: ModelRequest): Response => {
  if (request.path === '/crm/v3/owners') return ownersOf(account, request)
  const [, object = ''] = /^\/crm\/v3\/objects\/(\w+)\/batch\/read$/.exec(request.path) ?? []
  if (object === 'contacts') return contactsOf(account, request)
  if (object === 'companies') return companiesOf(account, request)
  const records = account.activities[object]
  if (records) return activitiesOf(records, request)
  const [, from = '', to] =
    /^\/crm\/v4\/associations\/(\w+)\/(contacts|companies)\/batch\/read$/.exec(request.path) ?? []
  const associated = account.activities[from]
  if (!associated || !to) return json({ message: 'not found' }, 404)
  return associationsOf(associated, to as 'contacts' | 'companies', request)
}

const idsIn = ({ body }: ModelRequest): readonly string[] => (body.inputs ?? []).map(({ id }) => id)

/** As HubSpot answers when some are not there: without them, and with one error for all. */
const someOf = (results: readonly unknown[], asked: number): Response =>
  results.length === asked
    ? json({ status: 'COMPLETE', results })
    : json({ status: 'COMPLETE', results, numErrors: 1, errors: [{ category: 'OBJECT_NOT_FOUND' }] }, 207)

const activitiesOf = (records: ReadonlyMap<string, ModelActivity>, request: ModelRequest): Response => {
  const { properties = [], propertiesWithHistory = [] } = request.body
  const ids = idsIn(request)
  const most = propertiesWithHistory.length > 0 ? 50 : 100
  if (ids.length > most || new Set(ids).size < ids.length) return json({ category: 'VALIDATION_ERROR' }, 400)
  const wantsDeleted = request.query === '?archived=true'
  const found = ids.flatMap(id => {
    const record = records.get(id)
    if (!record || (record.archivedAt !== undefined) !== wantsDeleted) return []
    const { createdAt = '2026-08-01T00:00:00Z', archivedAt } = record
    const chosen = (from: object = {}, names: readonly string[]) =>
      Object.fromEntries(Object.entries(from).filter(([name]) => names.includes(name)))
    return {
      ...{ id, properties: chosen(record.properties, properties), createdAt, archived: wantsDeleted, archivedAt },
      ...(most === 50 ? { propertiesWithHistory: chosen(record.history, propertiesWithHistory) } : {}),
    }
  })
  // Not in the order that was asked for.
  return someOf(found.toReversed(), ids.length)
}

/** Two of a record on a page. */
const associationsOf = (
  records: ReadonlyMap<string, ModelActivity>,
  kind: 'contacts' | 'companies',
  request: ModelRequest,
): Response => {
  const inputs = request.body.inputs ?? []
  const found = inputs.flatMap(({ id, after = '0' }) => {
    const { [kind]: on = [], archivedAt } = records.get(id) ?? {}
    if (on.length === 0 || archivedAt !== undefined) return []
    const next = Number(after) + 2
    const to = on.slice(Number(after), next).map(one => ({ toObjectId: Number(one), associationTypes: [] }))
    return { from: { id }, to, ...(next < on.length ? { paging: { next: { after: String(next) } } } : {}) }
  })
  return someOf(found, inputs.length)
}

const contactsOf = ({ contacts }: ModelAccount, request: ModelRequest): Response => {
  const ids = idsIn(request)
  if (ids.length > 100) return json({ category: 'VALIDATION_ERROR' }, 400)
  const found = ids.flatMap(id => {
    const contact = contacts.get(id)
    const { createdate = null, owner = null } = contact ?? {}
    return contact ? { id, properties: { createdate, hubspot_owner_id: owner, hs_object_id: id } } : []
  })
  return someOf(found, ids.length)
}

/** Properties that a company does not have are left out. */
const companiesOf = ({ companies }: ModelAccount, request: ModelRequest): Response => {
  const found = idsIn(request).flatMap(id => {
    const held = companies.get(id)
    const { properties = [] } = request.body
    return held
      ? { id, properties: Object.fromEntries(properties.flatMap(name => (held[name] ? [[name, held[name]]] : []))) }
      : []
  })
  return someOf(found, idsIn(request).length)
}

/** Two on a page. */
const ownersOf = ({ owners }: ModelAccount, { query }: ModelRequest): Response => {
  const asked = new URLSearchParams(query)
  const archived = asked.get('archived') === 'true'
  const found = [...owners].filter(([, owner]) => (owner.archived === true) === archived)
  const from = Number(asked.get('after') ?? 0)
  const results = found.slice(from, from + 2).map(([id, { email }]) => ({ id, email, userId: archived ? null : 1 }))
  return json({ results, ...(found.length > from + 2 ? { paging: { next: { after: String(from + 2) } } } : {}) })
}
