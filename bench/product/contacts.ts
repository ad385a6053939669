import { sandboxCredential } from '../../services/runtime/config/emulation.ts'
import { batchInputs } from '../../services/sinks/hubspot/limits.ts'
import { addressOf } from './messages.ts'

/** Makes the contacts of the first so many people in the emulated HubSpot: a sales team knows them. */
export const seedContacts = async (url: string, people: number): Promise<void> => {
  for (let from = 0; from < people; from += batchInputs) {
    const inputs = Array.from({ length: Math.min(batchInputs, people - from) }, (_, index) => ({
      properties: { email: addressOf(from + index) },
    }))
    const answer = await fetch(`${url}/crm/v3/objects/contacts/batch/create`, {
      method: 'POST',
      headers: { authorization: `Bearer ${sandboxCredential}`, 'content-type': 'application/json' },
      body: JSON.stringify({ inputs }),
    })
    if (answer.status !== 201) throw new Error(`The emulated HubSpot answered ${answer.status}: ${await answer.text()}`)
  }
}
