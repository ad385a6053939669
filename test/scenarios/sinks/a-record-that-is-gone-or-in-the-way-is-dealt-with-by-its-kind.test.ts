/*
 * Guard: services/sinks/salesforce/answers.ts
 * - CANNOT_UPDATE_CONVERTED_LEAD: { ...mapping, orphans: true },
 * + CANNOT_UPDATE_CONVERTED_LEAD: mapping,
 * - DUPLICATE_VALUE: { kind: 'limited',
 * + DUPLICATE_VALUE: { kind: 'rejected',
 */
import assert from 'node:assert/strict'
import { deadLetters, hubspotWrites, salesforceWrites } from '../../../topology/topics.ts'
import type { EmulatedObject } from '../sandboxes.ts'
import { scenario } from '../scenario.ts'
import { countOf, delivered, knowPeople, outcomesOf, taskOf } from '../sink-writes.ts'
import { type SinksHere, sinksHere } from '../sinks-here.ts'

/** What happens to whose record in Salesforce between the two versions of their task, and what must become of the second. */
const SALESFORCE = {
  converted: 'APPLIED',
  merged: 'APPLIED',
  deleted: 'SKIPPED RECORD_DELETED',
  duplicate: 'APPLIED',
  locked: 'APPLIED',
  taskDeleted: 'APPLIED',
  ruled: 'REJECTED FIELD_CUSTOM_VALIDATION_EXCEPTION',
  several: 'REJECTED DUPLICATE_EXTERNAL_ID',
  multiple: 'REJECTED SALESFORCE_300',
} as const
/** The same in HubSpot. */
const HUBSPOT = { merged: 'APPLIED', deleted: 'SKIPPED RECORD_DELETED' } as const

const ROWS: Readonly<Partial<Record<Who, object>>> = {
  duplicate: { statusCode: 'DUPLICATE_VALUE', message: 'duplicate value found: Tributary_Id__c', times: 2 },
  locked: { statusCode: 'UNABLE_TO_LOCK_ROW', times: 2 },
  taskDeleted: { statusCode: 'ENTITY_IS_DELETED', message: 'entity is deleted' },
  ruled: { statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION', message: 'no tasks on Sundays', times: 9 },
  several: { statusCode: 'DUPLICATE_EXTERNAL_ID', message: 'more than one record found for external id', times: 9 },
}

type Who = keyof typeof SALESFORCE

scenario(
  {
    id: '40',
    sentence: 'a record that is gone or in the way is resolved again, tried again or set aside, by its kind',
    faults:
      'converted lead, merged and deleted contacts, DUPLICATE_VALUE, UNABLE_TO_LOCK_ROW, ENTITY_IS_DELETED, a validation rule, several records of one key as a row and as a 300',
  },
  async context => {
    const system = await sinksHere(context, { sinks: ['hubspot', 'salesforce'] })
    const { cluster, write } = system
    const [names, others] = [Object.keys(SALESFORCE) as Who[], Object.keys(HUBSPOT) as (keyof typeof HUBSPOT)[]]
    await seed(system, names)
    const known = await knowPeople(cluster, [
      ...names.map(addressOf),
      ...others.map(name => addressOf(`hubspot-${name}`)),
    ])
    const inSalesforce = new Map(names.map((name, index) => [name, known[index] ?? '']))
    const inHubSpot = new Map(others.map((name, index) => [name, known[names.length + index] ?? '']))
    await write(
      salesforceWrites,
      [...inSalesforce.values()].map(person => taskOf(person, 1)),
    )
    await write(
      hubspotWrites,
      [...inHubSpot.values()].map(person => countOf(person, 1)),
    )
    await delivered(cluster, 'hubspot', 'salesforce')

    const survivors = await changeSalesforce(system, inSalesforce)
    const survivor = await changeHubSpot(system)
    const { multiple = '', ...rest } = Object.fromEntries(inSalesforce)
    await write(
      salesforceWrites,
      Object.values(rest).map(person => taskOf(person, 2)),
    )
    await write(
      hubspotWrites,
      [...inHubSpot.values()].map(person => countOf(person, 2)),
    )
    await delivered(cluster, 'hubspot', 'salesforce')
    await system.salesforce.disturb({
      method: 'PATCH',
      path: TASKS,
      answer: { status: 300, body: [`${TASKS}/00T1`, `${TASKS}/00T2`] },
    })
    await write(salesforceWrites, [taskOf(multiple, 2)])
    await delivered(cluster, 'salesforce')

    const outcomes = await outcomesOf(cluster)
    const told = (write: { readonly id: string }): string | undefined => outcomes.get(write.id)
    for (const name of names) assert.equal(told(taskOf(inSalesforce.get(name) ?? '', 2)), SALESFORCE[name], name)
    for (const name of others) assert.equal(told(countOf(inHubSpot.get(name) ?? '', 2)), HUBSPOT[name], name)
    const rejected = Object.values(SALESFORCE).filter(outcome => outcome.startsWith('REJECTED'))
    assert.equal((await cluster.records(deadLetters.name)).length, rejected.length)
    await assertTasks(system, inSalesforce, survivors)
    const contacts = await system.hubspot.contacts()
    assert.deepEqual(
      contacts.map(({ id, properties }) => [id, properties['zoom_webinar_attendance_count']]),
      [[survivor, '2']],
    )
    return { events: 2 * known.length, lost: 0, duplicated: 0 }
  },
)

const TASKS = '/services/data/v60.0/composite/sobjects/Task/Tributary_Id__c'

const addressOf = (name: string): string => `${name.toLowerCase()}@sinks.example.com`

const seed = ({ salesforce }: SinksHere, names: readonly Who[]): Promise<void> => {
  const person = (name: string) => ({ email: addressOf(name), firstName: 'Person', lastName: name })
  return salesforce.seed([
    ...names.map(name => ({ ...person(name), ...(name === 'converted' ? { company: 'Analytical Engines' } : {}) })),
    person('winner'),
  ])
}

/** Gives the records that took the place of others, by whose they were. */
const changeSalesforce = async (
  { salesforce }: SinksHere,
  people: ReadonlyMap<Who, string>,
): Promise<Readonly<Partial<Record<Who, string>>>> => {
  const { Contact: contacts = [], Lead: leads = [] } = await salesforce.state()
  const of = (records: readonly EmulatedObject[], name: string): string =>
    records.find(({ properties }) => properties['Email'] === addressOf(name))?.id ?? ''
  const { contact } = (await salesforce.act('convert', { lead: of(leads, 'converted') })) as {
    readonly contact: string
  }
  const winner = of(contacts, 'winner')
  await salesforce.act('merge', { master: winner, losers: [of(contacts, 'merged')] })
  await salesforce.call('DELETE', `/sobjects/Contact/${of(contacts, 'deleted')}`)
  for (const [name, person] of people)
    if (ROWS[name]) await salesforce.act('rows', { externalId: taskOf(person, 2).key, ...ROWS[name] })
  return { converted: contact, merged: winner }
}

/** Gives the contact that two were merged into. */
const changeHubSpot = async ({ hubspot }: SinksHere): Promise<string> => {
  const idOf = async (name: string): Promise<string> => (await hubspot.contact(addressOf(`hubspot-${name}`)))?.id ?? ''
  const other = { properties: { email: addressOf('hubspot-winner') }, associations: [] }
  const primary = (await hubspot.call('POST', '/crm/v3/objects/contacts', other)) as { readonly id: string }
  const merging = { primaryObjectId: primary.id, objectIdToMerge: await idOf('merged') }
  const { id } = (await hubspot.call('POST', '/crm/v3/objects/contacts/merge', merging)) as { readonly id: string }
  await hubspot.call('DELETE', `/crm/v3/objects/contacts/${await idOf('deleted')}`)
  return id
}

/** One task each, of the record that stands now, and of the version that was taken last. */
const assertTasks = async (
  { salesforce }: SinksHere,
  people: ReadonlyMap<Who, string>,
  survivors: Readonly<Partial<Record<Who, string>>>,
): Promise<void> => {
  const { Task: tasks = [] } = await salesforce.state()
  for (const [name, person] of people) {
    if (name === 'deleted') continue
    const [task, ...more] = tasks.filter(({ properties }) => properties['Tributary_Id__c'] === taskOf(person, 1).key)
    assert.deepEqual(more, [], name)
    assert.equal(task?.properties['Description'], SALESFORCE[name] === 'APPLIED' ? 'version 2' : 'version 1', name)
    if (survivors[name]) assert.equal(task?.properties['WhoId'], survivors[name], name)
  }
}
