import type { Registrant } from '../../schemas/generated.ts'
import { consumer } from '../../topology/define.ts'
import { identities, webinars } from '../../topology/topics.ts'
import { type HubSpotContactFields, hubspotContact } from '../sinks/hubspot/objects.ts'

/** Who registers for a webinar is a contact, with what the registration form asked. */
export default consumer({
  name: 'webinar-registrations',
  reads: webinars,
  joins: { table: identities, by: 'person', ifMissing: 'create' },
  writes: [hubspotContact],
  handle: ({ event, person }) => {
    const registers = event.kind === 'REGISTERED' || event.kind === 'APPROVED'
    if (!registers || event.registrant === null || person === null) return { writes: [] }
    const fields = contactFields(event.registrant)
    const options = { createIfMissing: true, fieldsOnCreate: { tributary_source: 'zoom' as const } }
    return { writes: Object.keys(fields).length === 0 ? [] : [hubspotContact.set(fields, options)] }
  },
})

/** HubSpot's own properties for Zoom's standard questions; what HubSpot has no property for gets one of ours. */
const standardProperties: Readonly<Record<string, keyof HubSpotContactFields>> = {
  address: 'address',
  city: 'city',
  country: 'country',
  zip: 'zip',
  state: 'state',
  phone: 'phone',
  industry: 'industry',
  org: 'company',
  job_title: 'jobtitle',
  no_of_employees: 'zoom_webinar_no_of_employees',
  purchasing_time_frame: 'zoom_webinar_purchasing_time_frame',
  role_in_purchase_process: 'zoom_webinar_role_in_purchase_process',
  comments: 'zoom_webinar_comments',
}

/** Only what was answered: an empty answer must not clear what sales knows. */
const contactFields = (registrant: Registrant): Partial<HubSpotContactFields> => ({
  ...(registrant.firstName ? { firstname: registrant.firstName } : {}),
  ...(registrant.lastName ? { lastname: registrant.lastName } : {}),
  ...Object.fromEntries(
    Object.entries(standardProperties).flatMap(([question, property]) => {
      const answer = registrant.answers[question]
      return answer ? [[property, answer]] : []
    }),
  ),
  ...customAnswers(registrant.customAnswers),
})

/** Custom questions differ from form to form, so they share one property: a line a question. */
const customAnswers = (answers: Registrant['customAnswers']): Partial<HubSpotContactFields> => {
  const lines = Object.entries(answers)
    .filter(([, answer]) => answer !== '')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([question, answer]) => `${question}: ${answer}`)
  return lines.length === 0 ? {} : { zoom_webinar_custom_answers: lines.join('\n') }
}
