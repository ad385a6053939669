import { sandboxCredential } from '../../runtime/config/emulation.ts'
import { TributaryError } from '../../runtime/errors.ts'
import { SALES_PEOPLE } from '../../sandbox/sales-people.ts'
import { type SeededPerson, seedPeople } from '../../sandbox/salesforce/seed-people.ts'
import { PEOPLE as livePeople } from '../../sandbox/zoom/live/people.ts'
import { readScenario, type Person as ScenarioPerson } from '../../sandbox/zoom/recordings/scenario.ts'

/** Whom of the sample's people the emulated org knows, and how. */
export interface SampleOrg {
  /** Contacts and leads; who is both is here twice. */
  readonly people: readonly SeededPerson[]
  /** Address of the lead that somebody converted to a contact. */
  readonly converted: string
}

/** Numbers of people in people.csv. */
const alsoLeads: ReadonlySet<number> = new Set([1, 4])
const convertedLead = 5
/** Whose the records are, one after the other: people who are owners in HubSpot too, by the same address, and the integration user. */
const owners: readonly (string | undefined)[] = [...Object.values(SALES_PEOPLE).map(({ email }) => email), undefined]
/** Salesforce's own word for a company that nobody told. */
const noCompany = '[not provided]'
/** One in so many of the live webinars' people is a contact. */
const liveShare = 10

/**
 * A third of the recorded webinar's people are contacts (1, 4, 7 …), a third leads (2, 5, 8 …), a third unknown. Persons 1 and 4 are leads too, and the lead of
 * person 5 was converted. One in ten of the live webinars' people is a contact. Three of four have an owner whom HubSpot knows as well. Always the same.
 */
export const sampleOrg = (): SampleOrg => {
  const recorded = readScenario().people.filter(({ email }) => email !== '')
  const contacts = recorded.filter(({ number }) => number % 3 === 1)
  const leads = recorded.filter(({ number }) => number % 3 === 2 || alsoLeads.has(number))
  const live = livePeople.filter((_, index) => index % liveShare === 0)
  const people: readonly SeededPerson[] = [
    ...contacts.map(named),
    ...leads.map(one => ({ ...named(one), company: one.org || noCompany })),
    ...live.map(({ email, first_name, last_name }) => ({ email, firstName: first_name, lastName: last_name })),
  ]
  return {
    people: people.map((one, index) => owned(one, owners[index % owners.length])),
    converted: recorded.find(({ number }) => number === convertedLead)?.email ?? '',
  }
}

const owned = (person: SeededPerson, owner: string | undefined): SeededPerson =>
  owner === undefined ? person : { ...person, owner }

/** Salesforce wants a last name: who has one name has it there. */
const named = ({ email, firstName, lastName }: ScenarioPerson): SeededPerson =>
  lastName === '' ? { email, firstName: '', lastName: firstName } : { email, firstName, lastName }

/** Makes those contacts and leads in the org of a sandbox, those that are missing: a second call changes nothing. @param token SANDBOX_TOKEN, if there is one */
export const fillSampleOrg = async (url: string, token: string | null = null): Promise<void> => {
  const { people, converted } = sampleOrg()
  await seedPeople(url, people)
  const soql = `SELECT Id, IsConverted FROM Lead WHERE Email = '${converted}'`
  const { records } = (await ask(`${url}/services/data/v60.0/query?q=${encodeURIComponent(soql)}`)) as {
    readonly records: readonly { readonly Id: string; readonly IsConverted: boolean }[]
  }
  for (const { Id, IsConverted } of records)
    if (!IsConverted)
      await ask(`${url}/_sandbox/convert`, { token, method: 'POST', body: JSON.stringify({ lead: Id }) })
}

const ask = async (
  url: string,
  { token = null, ...request }: RequestInit & { readonly token?: string | null } = {},
): Promise<unknown> => {
  const headers = { authorization: `Bearer ${token ?? sandboxCredential}`, 'content-type': 'application/json' }
  const answer = await fetch(url, { ...request, headers })
  if (answer.ok) return await answer.json()
  throw new TributaryError(
    'SANDBOX_NOT_SEEDED',
    `The Salesforce sandbox was asked for ${new URL(url).pathname} and answered ${answer.status}. Reset it: POST /_sandbox/reset.`,
  )
}
