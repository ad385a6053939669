import type { IdentityClaim, Registrant, RegistrationStatus, Webinar } from '../../../schemas/generated.ts'
import { standardQuestions, type ZoomRegistrant } from './fields.ts'

const statusAfter = { APPROVED: 'APPROVED', CANCELLED: 'CANCELLED', DENIED: 'DENIED' } as const

/** A registration in our terms, after an event of the kind. */
export const registrantOf = (registrant: ZoomRegistrant, kind: Webinar['kind']): Registrant => {
  const created: RegistrationStatus = registrant.status === 'pending' ? 'PENDING' : 'APPROVED'
  return {
    id: registrant.id,
    email: registrant.email,
    firstName: registrant.first_name,
    lastName: registrant.last_name,
    status: kind in statusAfter ? statusAfter[kind as keyof typeof statusAfter] : created,
    joinUrl: registrant.join_url,
    answers: answered(Object.fromEntries(standardQuestions.map(name => [name, registrant[name]]))),
    customAnswers: Object.fromEntries(registrant.custom_questions.map(({ title, value }) => [title, value])),
  }
}

/** Attributes of a person by our name: what holds beyond one webinar. */
const attributeSources = {
  firstName: 'first_name',
  lastName: 'last_name',
  company: 'org',
  jobTitle: 'job_title',
  industry: 'industry',
  phone: 'phone',
  address: 'address',
  city: 'city',
  state: 'state',
  zip: 'zip',
  country: 'country',
} as const satisfies Record<string, keyof ZoomRegistrant>

/** Only what the registrant gave, so that a shorter webhook does not clear what a fuller one told. */
export const attributesOf = (registrant: ZoomRegistrant): IdentityClaim['attributes'] =>
  answered(Object.fromEntries(Object.entries(attributeSources).map(([name, source]) => [name, registrant[source]])))

const answered = (answers: Readonly<Record<string, string | null>>): Record<string, string> =>
  Object.fromEntries(Object.entries(answers).filter((entry): entry is [string, string] => entry[1] !== null))
