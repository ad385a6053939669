import { sandboxCredential } from '../../runtime/config/emulation.ts'
import { TributaryError } from '../../runtime/errors.ts'
import { sampleOrg } from './sample-org.ts'

/**
 * The first of the sample's people, whom both CRMs know, submits a form and opens an e-mail in the emulated HubSpot.
 * @param token SANDBOX_TOKEN, if there is one
 */
export const playSampleOutreach = async (url: string, token: string | null = null): Promise<void> => {
  const recipient = sampleOrg().people[0]?.email ?? ''
  const post = async (path: string, body: object): Promise<unknown> => {
    const headers = { authorization: `Bearer ${token ?? sandboxCredential}`, 'content-type': 'application/json' }
    const answer = await fetch(`${url}/_sandbox/${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    if (answer.ok) return await answer.json()
    throw new TributaryError(
      'SANDBOX_NOT_SEEDED',
      `The HubSpot sandbox was asked for ${path} and answered ${answer.status}. Reset it: POST /_sandbox/reset.`,
    )
  }
  await post('submissions', { form: 'Contact us', email: recipient })
  const sent = await post('emails', { name: 'After the webinar', subject: 'Your questions, answered', to: [recipient] })
  await post('email-events', { type: 'OPEN', campaign: (sent as { readonly id: string }).id, recipient })
}
