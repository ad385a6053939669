import type { FieldValue } from '../../topology/define.ts'
import { openOrg, paths } from '../sinks/salesforce-org.ts'
import { dependentContract } from './dependent-object.contract.ts'

const answers = {
  token: { status: 401, body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }] },
  limit: { status: 400, body: [{ message: 'unable to obtain exclusive access', errorCode: 'UNABLE_TO_LOCK_ROW' }] },
}
const types: Readonly<Record<string, string>> = { contact: 'Contact', lead: 'Lead' }

dependentContract('Salesforce tasks', async context => {
  const org = await openOrg(context)
  const fields = (number: number): Readonly<Record<string, FieldValue>> => ({
    ...{ Subject: `Attended: ${number}`, Status: 'Completed', ActivityDate: `2026-10-1${number}`, Description: null },
  })
  return {
    destination: org.destination,
    object: 'task',
    add: async Email => ({ object: 'contact', id: await org.add('Contact', { LastName: 'Lovelace', Email }) }),
    merge: async (from, into) => {
      await org.call('POST', '/_sandbox/merge', { master: into.id, losers: [from.id] })
      return into
    },
    remove: async ({ object, id }) => {
      await org.remove(types[object] ?? '', id)
    },
    held: async () => (await org.tasks()) as Readonly<Record<string, FieldValue>>[],
    // A token that is refused is renewed once.
    disturb: how =>
      how === 'token' || how === 'limit'
        ? org.disturb(paths.upsert, answers[how], how === 'token' ? 2 : 1)
        : org.disturb(paths.upsert, how),
    fields,
    refused: { ...fields(1), Status: 'poison-value' },
    kept: number => ({ Subject: `Attended: ${number}`, ActivityDate: `2026-10-1${number}` }),
  }
})
