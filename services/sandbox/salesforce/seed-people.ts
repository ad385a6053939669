import { TributaryError } from '../../runtime/errors.ts'

/** Somebody whom an org knows already. */
export interface SeededPerson {
  readonly email: string
  readonly firstName: string
  readonly lastName: string
  /** With it the person is a lead of this company, without it a contact. */
  readonly company?: string
}

const API = '/services/data/v60.0'
const RECORDS = 200

/** Creates contacts and leads in a sandbox org by its REST API, those whose address it does not know yet. Returns how many. */
export const seedPeople = async (url: string, people: readonly SeededPerson[]): Promise<number> => {
  const known = new Set<string>()
  for (const object of ['Contact', 'Lead']) for (const address of await addresses(url, object)) known.add(address)
  const records = people.filter(({ email }) => !known.has(email.toLowerCase())).map(recordOf)
  records.sort((a, b) => a.attributes.type.localeCompare(b.attributes.type))
  for (let start = 0; start < records.length; start += RECORDS)
    await call(url, 'POST', '/composite/sobjects', { allOrNone: true, records: records.slice(start, start + RECORDS) })
  return records.length
}

const recordOf = ({ email, firstName, lastName, company }: SeededPerson) => ({
  attributes: { type: company === undefined ? 'Contact' : 'Lead' },
  FirstName: firstName,
  LastName: lastName,
  Email: email,
  ...(company === undefined ? {} : { Company: company }),
})

const addresses = async (url: string, object: string): Promise<string[]> => {
  const found: string[] = []
  let path: string | undefined =
    `${API}/query?q=${encodeURIComponent(`SELECT Email FROM ${object} WHERE Email != null`)}`
  while (path !== undefined) {
    const page = (await call(url, 'GET', path.slice(API.length))) as {
      readonly records: readonly { readonly Email: string }[]
      readonly nextRecordsUrl?: string
    }
    found.push(...page.records.map(({ Email }) => Email.toLowerCase()))
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
