import { memoryDestination } from '../../services/delivery/memory.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import { openAccount } from '../sandbox/hubspot.ts'
import { dependentContract } from './dependent-object.contract.ts'
import { destinationContract } from './destination.contract.ts'

destinationContract('in memory', () => {
  const destination = memoryDestination({ clock: systemClock })
  destination.refuse(({ status }) => status === 'poison-value')
  const faults = { token: 'needs-person', limit: { limitedForMs: 10 } } as const
  return Promise.resolve({
    destination,
    object: 'contact',
    add: addresses => Promise.resolve(destination.add(addresses)),
    read: record => Promise.resolve(destination.records.get(record)?.fields),
    merge: (from, into) => {
      destination.merge(from, into)
      return Promise.resolve(into)
    },
    remove: record => Promise.resolve(destination.remove(record)),
    disturb: how => Promise.resolve(destination.fail(how === 'token' || how === 'limit' ? faults[how] : how)),
    fields: { number: 'count', text: 'source', refused: { status: 'poison-value' } },
    spelled: value => value,
  })
})

for (const object of ['task', 'joined']) {
  dependentContract(`${object} in memory`, () => {
    const destination = memoryDestination({ clock: systemClock })
    destination.refuse(({ status }) => status === 'poison-value')
    const faults = { token: 'needs-person', limit: { limitedForMs: 10 } } as const
    const fields = (count: number) => ({ count, status: 'a' })
    return Promise.resolve({
      destination,
      object,
      add: address => Promise.resolve({ object: 'contact', id: destination.add([address]) }),
      merge: (from, into) => {
        destination.merge(from.id, into.id)
        return Promise.resolve(into)
      },
      remove: ({ id }) => Promise.resolve(destination.remove(id)),
      held: () => Promise.resolve([...destination.dependents.values()].map(one => one.fields)),
      disturb: how => Promise.resolve(destination.fail(how === 'token' || how === 'limit' ? faults[how] : how)),
      fields,
      refused: { count: 1, status: 'poison-value' },
      kept: fields,
    })
  })
}

destinationContract('HubSpot', async context => {
  const account = await openAccount(context)
  const destination = hubSpotDestinations({ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock }).hubspot
  await destination.prepare(new AbortController().signal)
  const limited = { status: 429, headers: { 'retry-after': '0' }, body: { policyName: 'TEN_SECONDLY_ROLLING' } }
  const refused = { status: 401, body: { category: 'INVALID_AUTHENTICATION' } }
  return {
    destination,
    object: 'contact',
    add: async ([email, ...more]) => {
      const properties = { email, hs_additional_emails: more.join(';') }
      return (await account.call('POST', '/crm/v3/objects/contacts', { properties })).body.id
    },
    read: async record => {
      const { body } = await account.call('GET', '/_sandbox/state')
      return body.contacts.find(({ id }: { id: string }) => id === record)?.properties
    },
    merge: async (from, into) => {
      const request = { primaryObjectId: into, objectIdToMerge: from }
      return (await account.call('POST', '/crm/v3/objects/contacts/merge', request)).body.id
    },
    remove: async record => {
      await account.call('DELETE', `/crm/v3/objects/contacts/${record}`)
    },
    disturb: async how => {
      const answer = how === 'token' ? refused : how === 'limit' ? limited : how
      await account.call('POST', '/_sandbox/faults', { match: { path: '/crm/v3/objects/contacts/batch' }, answer })
    },
    fields: {
      number: 'zoom_webinar_attendance_count',
      text: 'tributary_source',
      refused: { zoom_webinar_last_status: 'poison-value' },
    },
    spelled: String,
  }
})
