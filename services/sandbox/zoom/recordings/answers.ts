import { shortId } from '../ids.ts'
import type { Registrant } from '../webhooks.ts'
import type { Person } from './scenario.ts'

/** What a person of the scenario answers at registration; whatever people.csv does not say follows from the row's number. */
export const registrantOf = (person: Person): Registrant => {
  const employed = person.org !== ''
  const pick = (answers: readonly string[], step: number): string =>
    answers[(person.number * step) % answers.length] ?? ''
  return {
    id: shortId(`recorded registrant ${person.number}`),
    first_name: person.firstName,
    last_name: person.lastName,
    email: person.email,
    address: employed ? `${(person.number * 7) % 240} Harbour Street` : '',
    city: person.city,
    country: person.country,
    zip: employed ? String(10_000 + person.number * 37) : '',
    state: person.country === 'US' ? (STATES[person.city] ?? '') : '',
    phone: person.number % 3 === 0 ? `555010${person.number % 10}` : '',
    industry: employed ? pick(INDUSTRIES, 5) : '',
    org: person.org,
    job_title: person.jobTitle,
    purchasing_time_frame: pick(TIME_FRAMES, 3),
    role_in_purchase_process: pick(ROLES, 7),
    no_of_employees: employed ? pick(SIZES, 11) : '',
    comments: person.number % 9 === 0 ? 'Looking forward to the webinar' : '',
    custom_questions: [
      { title: 'What do you hope to learn from this webinar?', value: pick(HOPES, 13) },
      { title: 'Which CRM do you use?', value: pick(CRMS, 17) },
    ],
  }
}

const STATES: Readonly<Record<string, string>> = { Portland: 'OR', Madison: 'WI', Austin: 'TX', Boise: 'ID' }
const INDUSTRIES = ['Software', 'Retail', 'Logistics', 'Health', 'Banking', 'Energy', 'Media']
const TIME_FRAMES = ['', 'Within a month', '1-3 months', '4-6 months', 'No timeframe']
const ROLES = ['', 'Decision Maker', 'Evaluator/Recommender', 'Influencer', 'Not Involved']
const SIZES = ['1-20', '21-50', '51-100', '101-500', '501-1,000', '1,001-5,000']
const HOPES = [
  'How you run Kafka in production',
  'Zero-copy, “exactly once” & other myths',
  'Wie man Kontakte zusammenführt',
  'Identity resolution without surprises',
  '',
]
const CRMS = ['HubSpot', 'Salesforce', 'HubSpot and Salesforce', 'Other', '']
