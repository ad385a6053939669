import { TributaryError } from '../../runtime/errors.ts'

/** Somebody whom an org knows already. */
export interface SeededPerson {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  /** With it the person is a lead of this company, without it a contact. */
  readonly company?: string
  /** Address of the user whose record it is; the integration user's without it. */
  readonly owner?: string
}

const API = '/services/data/v60.0'
const RECORDS = 200

/** Creates contacts and leads in a sandbox org by its REST API, those whose address it does not know yet. Returns how many. */
export const seedPeople = async (url: string, people: readonly SeededPerson[]): Promise<number> => {
  const known = new Set<string>()
  for (const object of ['Contact', 'Lead']) for (const address of await addresses(url, object)) known.add(address)
  const users = await idsOfUsers(url)
  const records = people
    .filter(({ email }) => !known.has(email.toLowerCase()))
    .map(one => recordOf(one, users.get(one.owner ?? '')))
  records.sort((a, b) => a.attributes.type.localeCompare(b.attributes.type))
  for (let start = 0; start < records.length; start += RECORDS)
    await call(url, 'POST', '/composite/sobjects', { allOrNone: true, records: records.slice(start, start + RECORDS) })
  return records.length
}

const recordOf = ({ email, firstName, lastName, company }: SeededPerson, owner: string | undefined) => ({
  attributes: { type: company === undefined ? 'Contact' : 'Lead' },
  FirstName: firstName,
  LastName: lastName,
  Email: email,
  ...(company === undefined ? {} : { Company: company }),
  ...(owner === undefined ? {} : { OwnerId: owner }),
})

interface Addressed {
  readonly Id: string
  readonly Email: string
}

/** Ids of active users by their addresses. */
const idsOfUsers = async (url: string): Promise<ReadonlyMap<string, string>> => {
  const users = await queried(url, 'SELECT Id, Email FROM User WHERE IsActive = true')
  return new Map(users.map(({ Id, Email }) => [Email.toLowerCase(), Id]))
}

const addresses = async (url: string, object: string): Promise<string[]> =>
  (await queried(url, `SELECT Id, Email FROM ${object} WHERE Email != null`)).map(({ Email }) => Email.toLowerCase())

const queried = async (url: string, soql: string): Promise<Addressed[]> => {
  const found: Addressed[] = []
  let path: string | undefined = `${API}/query?q=${encodeURIComponent(soql)}`
  while (path !== undefined) {
    const page = (await call(url, 'GET', path.slice(API.length))) as {
      readonly records: readonly Addressed[]
      readonly nextRecordsUrl?: string
    }
    found.push(...page.records)
    path = page.nextRecordsUrl
  }
  return found
}

const call = async (url: string, method: string, path: string, body?: object): Promise<unknown> => {
  const answer = await fetch(`${url}${API}${path}`, {
    method,
    headers: { authorization: 'Bearer sandbox', 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  const content: unknown = await answer.json()
  const failed = Array.isArray(content) && content.some((one: { success?: boolean }) => one.success === false)
  if (answer.ok && !failed) return content
  throw new TributaryError(
    'SANDBOX_NOT_SEEDED',
    `The Salesforce sandbox at ${url} was asked for ${method} ${path.split('?')[0]} and answered ${answer.status}${failed ? ' with refused records' : ''}. Look at ${url}/_sandbox/log.`,
  )
}
