/*
 * Guard: services/sinks/hubspot/events/occurrence.ts
 * - uuid: uuidOf(`${object}:${key}`),
 * + uuid: crypto.randomUUID(),
 * Guard: services/sinks/salesforce/tasks/rows.ts
 * - [taskKeyField.name]: externalId(key),
 * + [taskKeyField.name]: externalId(crypto.randomUUID() + key),
 */
import assert from 'node:assert/strict'
import type { Webinar } from '../../../schemas/generated.ts'
import { deadLetters } from '../../../topology/topics.ts'
import { type HeldAnswer, type WayToVendor, wayTo } from '../held-answers.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'
import { seenInCrms } from '../seen-in-crms.ts'
import { assertTraffic } from '../seen-of-traffic.ts'
import { type SinksHere, sinksHere } from '../sinks-here.ts'
import { makeTraffic } from '../traffic.ts'
import { within } from '../within.ts'

/** One of each kind of thing that sinks make: contacts, their changes, custom events, participations, tasks. */
const REQUESTS = {
  hubspot: [
    '/crm/v3/objects/contacts/batch/upsert',
    '/crm/v3/objects/contacts/batch/update',
    '/events/v3/send/batch',
    '/marketing/v3/marketing-events/attendance/',
  ],
  salesforce: ['/services/data/v60.0/composite/sobjects/Task/'],
} as const
const METHOD = { hubspot: 'POST', salesforce: 'PATCH' } as const
const TIMEOUT_MS = 1_000
const HELD_PATIENCE_MS = 10_000

scenario(
  {
    id: '38',
    sentence: 'what a vendor applied without its answer arriving is not applied twice',
    faults: 'connections reset, and answers that never come, after each kind of write was applied',
  },
  async context => {
    const ways: WayToVendor[] = []
    const system = await sinksHere(context, {
      sinks: ['hubspot', 'hubspot-events', 'hubspot-marketing', 'salesforce'],
      consumers: ['webinar-registrations', 'webinar-attendance', 'webinar-contact'],
      timeoutMs: TIMEOUT_MS,
      by: async vendor => {
        const way = await wayTo(context, vendor)
        ways.push(way)
        return way.url
      },
    })
    const { cluster, hubspot, salesforce } = system
    const traffic = makeTraffic({ webinars: 2, people: 12 })
    await salesforce.seed(
      [...traffic.expected.contacts.keys()].map(email => ({ email, firstName: 'Person', lastName: 'Sample' })),
    )
    const held = holdOneOfEach(ways)
    await resetOneOfEach(system)
    for (const events of inWaves(traffic.events)) {
      await publishTraffic(cluster, events)
      await cluster.quiet(['zoom-reports'])
    }

    for (const [path, answer] of held) await within(HELD_PATIENCE_MS, `an answer of ${path} was held`, answer.held)
    await assertResets(system)
    const { tasks } = await seenInCrms(system)
    assert.ok(tasks.length > 0)
    const { lost, duplicated } = await assertTraffic(hubspot, traffic.expected)
    assert.deepEqual(await cluster.records(deadLetters.name), [])
    return { events: traffic.events.length, lost, duplicated }
  },
)

/** Contacts are made by two waves of the first webinar and changed by the second one: told at once, each would be one request, which cannot go wrong twice. */
const inWaves = (events: readonly Webinar[]): readonly (readonly Webinar[])[] => {
  const [first = [], ...others] = Map.groupBy(events, ({ number }) => number).values()
  const registrations = first.filter(({ kind }) => kind === 'REGISTERED')
  const early = new Set(registrations.slice(0, registrations.length / 2))
  return [[...early], first.filter(event => !early.has(event)), ...others]
}

const holdOneOfEach = ([hubspot, salesforce]: readonly WayToVendor[]): ReadonlyMap<string, HeldAnswer> => {
  assert.ok(hubspot && salesforce)
  return new Map([
    ...REQUESTS.hubspot.map(path => [path, hubspot.hold(METHOD.hubspot, path)] as const),
    ...REQUESTS.salesforce.map(path => [path, salesforce.hold(METHOD.salesforce, path)] as const),
  ])
}

const resetOneOfEach = async (system: SinksHere): Promise<void> => {
  for (const vendor of ['hubspot', 'salesforce'] as const)
    for (const path of REQUESTS[vendor]) await system[vendor].loseAnswer(METHOD[vendor], path)
}

const assertResets = async (system: SinksHere): Promise<void> => {
  for (const vendor of ['hubspot', 'salesforce'] as const) {
    const unanswered = (await system[vendor].requests()).filter(({ status }) => status === null)
    for (const path of REQUESTS[vendor])
      assert.equal(unanswered.filter(request => request.path.startsWith(path)).length, 1, path)
  }
}
