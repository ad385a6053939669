/*
 * Guard: services/sinks/hubspot/contacts/contacts.ts
 * - const error = errors.get(one.traceId)
 * + const [error] = errors.values()
 * Guard: services/sinks/salesforce/tasks/collections.ts
 * - results.set(item, resultOf(told[index], answer))
 * + results.set(item, resultOf(told.find(row => !(row as { success: boolean }).success) ?? told[index], answer))
 */
import assert from 'node:assert/strict'
import type { SinkWrite } from '../../../schemas/generated.ts'
import { deadLetters, hubspotWrites, salesforceWrites } from '../../../topology/topics.ts'
import type { EmulatedVendor } from '../sandboxes.ts'
import { scenario } from '../scenario.ts'
import { addressesOf, countOf, delivered, knowPeople, taskOf } from '../sink-writes.ts'
import { sinksHere } from '../sinks-here.ts'

const PEOPLE = 10
const UPSERT_CONTACTS = '/crm/v3/objects/contacts/batch/upsert'
const UPSERT_TASKS = '/services/data/v60.0/composite/sobjects/Task/'

scenario(
  {
    id: '37',
    sentence: 'of a batch that failed in part only what failed is sent again, and what never succeeds is set aside',
    faults: '207 of HubSpot and 200 of Salesforce with a poisoned item, locked rows that open later',
  },
  async context => {
    const { cluster, hubspot, salesforce, write } = await sinksHere(context, { sinks: ['hubspot', 'salesforce'] })
    const addresses = addressesOf(PEOPLE)
    await salesforce.seed(addresses.map(email => ({ email, firstName: 'Person', lastName: 'Sample' })))
    const people = await knowPeople(cluster, addresses)
    const [poisoned = '', locked = '', twice = ''] = people
    const refused = { statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'no tasks on Sundays' }
    await salesforce.act('rows', { externalId: taskOf(poisoned, 1).key, times: 100, ...refused })
    await salesforce.act('rows', { externalId: taskOf(locked, 1).key, times: 2 })

    await write(
      hubspotWrites,
      people.flatMap(person => {
        if (person === poisoned) return [poison(person)]
        // A good write and a bad one of the same contact go out as one input: only the bad one is to be set aside.
        return person === twice ? [countOf(person, 1), poison(person)] : [countOf(person, 1)]
      }),
    )
    await write(
      salesforceWrites,
      people.map(person => taskOf(person, 1)),
    )
    await delivered(cluster, 'hubspot', 'salesforce')

    const contactsSent = await sentPerItem(hubspot, UPSERT_CONTACTS)
    const tasksSent = await sentPerItem(salesforce, UPSERT_TASKS)
    assert.deepEqual([contactsSent.first, tasksSent.first], [207, 200])
    // Both writes together, the good one alone; then the contact is there, and the bad one goes to it.
    assert.deepEqual(contactsSent.counts, new Map(addresses.map((address, index) => [address, index === 2 ? 2 : 1])))
    assert.deepEqual(
      tasksSent.counts,
      new Map(people.map(person => [taskOf(person, 1).key, person === locked ? 3 : 1])),
    )
    const letters = (await cluster.records(deadLetters.name)).map(({ headers }) => String(headers['error.code']))
    assert.deepEqual(letters.sort(), ['FIELD_CUSTOM_VALIDATION_EXCEPTION', 'INVALID_OPTION', 'INVALID_OPTION'])
    const [contacts, tasks] = [await hubspot.contacts(), (await salesforce.state())['Task'] ?? []]
    assert.deepEqual([contacts.length, tasks.length], [PEOPLE - 1, PEOPLE - 1])
    return { events: 2 * PEOPLE + 1, lost: 0, duplicated: 0 }
  },
)

/** HubSpot has no such status. */
const poison = (person: string): SinkWrite => {
  const write = countOf(person, 2)
  return { ...write, fields: { zoom_webinar_last_status: 'dozing' } }
}

/** How often each item went out, by its address or key. */
const sentPerItem = async (vendor: EmulatedVendor, path: string) => {
  const requests = (await vendor.requests()).filter(request => request.path.startsWith(path))
  const counts = new Map<string, number>()
  for (const { body } of requests) for (const item of itemsOf(body)) counts.set(item, (counts.get(item) ?? 0) + 1)
  return { counts, first: requests[0]?.status }
}

interface Batch {
  readonly inputs?: readonly { readonly id: string }[]
  readonly records?: readonly { readonly Tributary_Id__c: string }[]
}

const itemsOf = (body: unknown): readonly string[] => {
  const { inputs = [], records = [] } = body as Batch
  return [...inputs.map(({ id }) => id), ...records.map(({ Tributary_Id__c: key }) => key)]
}
