/*
 * Guard: services/sinks/hubspot/client.ts
 * - limit.refused(problem.afterMs ?? Math.min(refusalWaitMs.longest, refusalWaitMs.first * 2 ** refusals))
 * +
 * Guard: services/delivery/requests/pause.ts
 * - outcome.kind === 'needs-person' || this.#failures >= this.#settings.failuresToOpen
 * + outcome.kind === 'needs-person'
 */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { SinkWrite } from '../../../schemas/generated.ts'
import { deadLetters, hubspotWrites, salesforceWrites } from '../../../topology/topics.ts'
import { eventually } from '../eventually.ts'
import type { EmulatedVendor, Fault } from '../sandboxes.ts'
import { scenario } from '../scenario.ts'
import { addressesOf, countOf, delivered, knowPeople, taskOf } from '../sink-writes.ts'
import { type SinksHere, sinksHere } from '../sinks-here.ts'

const PEOPLE = 12
const VERSIONS = 6
/** Failed requests in a row that open the breaker, and one for the first probe. */
const BURST = 6
const APART_MS = 60
const RETRY_AFTER_S = 1

const HUBSPOT = '/crm/v3/objects/contacts/batch'
const SALESFORCE = '/services/data'
const tooMany: Fault['answer'] = {
  status: 429,
  headers: { 'retry-after': String(RETRY_AFTER_S) },
  body: { category: 'RATE_LIMITS', policyName: 'TEN_SECONDLY_ROLLING' },
}
const daily = { status: 429, body: { category: 'RATE_LIMITS', policyName: 'DAILY' } }
const badGateway = { status: 502, body: '<html>bad gateway</html>' }
const usedUp = {
  status: 403,
  body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
}
const unavailable = { status: 503, body: [{ message: 'Server Unavailable', errorCode: 'SERVER_UNAVAILABLE' }] }

scenario(
  {
    id: '36',
    sentence: 'storms of refusals slow a sink down, lose nothing and keep the order of each record',
    faults: '429 with Retry-After, 429 and 403 for the day, bursts of 502 and 503 that open the breaker',
  },
  async context => {
    const system = await sinksHere(context, { sinks: ['hubspot', 'salesforce'] })
    const { cluster, hubspot, salesforce } = system
    const addresses = addressesOf(PEOPLE)
    await salesforce.seed(addresses.map(email => ({ email, firstName: 'Person', lastName: 'Sample' })))
    const people = await knowPeople(cluster, addresses)
    const next = versionsOf(system, people)
    await next()
    await delivered(cluster, 'hubspot', 'salesforce')

    await hubspot.disturb({ path: HUBSPOT, answer: tooMany })
    // One meets the refusal; the others come when HubSpot has said how long to wait.
    await system.write(hubspotWrites, [countOf(people[0] ?? '', 2)])
    await eventually(async () => assert.equal((await refusalsOf(hubspot)).length, 1))
    await next()
    await delivered(cluster, 'hubspot', 'salesforce')
    await assertWaited(hubspot)

    await hubspot.disturb({ path: HUBSPOT, answer: daily })
    await salesforce.disturb({ path: SALESFORCE, answer: usedUp })
    await next()
    await untilPausedFor(system, 'HUBSPOT_DAILY_LIMIT', 'SALESFORCE_ALLOWANCE_USED_UP')
    await next()
    await delivered(cluster, 'hubspot', 'salesforce')

    await hubspot.disturb({ path: HUBSPOT, times: BURST, answer: badGateway })
    await salesforce.disturb({ path: SALESFORCE, times: BURST, answer: unavailable })
    await next()
    await untilPausedFor(system, 'HUBSPOT_502', 'SERVER_UNAVAILABLE')
    await next()
    const endedAt = performance.now()
    await delivered(cluster, 'hubspot', 'salesforce')
    const recoverySeconds = (performance.now() - endedAt) / 1_000

    for (const sink of [system.sinks.hubspot, system.sinks.salesforce]) assert.equal(sink.status().state, 'running')
    assert.deepEqual(await cluster.records(deadLetters.name), [])
    const expected = people.map(() => VERSIONS)
    assert.deepEqual(await versionsApplied(hubspot, 'contacts', 'zoom_webinar_attendance_count'), expected)
    assert.deepEqual(await versionsApplied(salesforce, 'Task', 'Description'), expected)
    return { events: 2 * PEOPLE * VERSIONS, lost: 0, duplicated: 0, recoverySeconds }
  },
)

/** Writes the next version of all, person by person, so that the sinks make several requests. */
const versionsOf = ({ write }: SinksHere, people: readonly string[]): (() => Promise<void>) => {
  let version = 0
  return async () => {
    version += 1
    const parts = people.filter((_, index) => index % 2 === 0).map((_, index) => people.slice(2 * index, 2 * index + 2))
    for (const part of parts) {
      const of = (make: (person: string, version: number) => SinkWrite) => part.map(person => make(person, version))
      await Promise.all([write(hubspotWrites, of(countOf)), write(salesforceWrites, of(taskOf))])
      await delay(APART_MS)
    }
  }
}

/** Nobody asked again before HubSpot wanted to be asked, although there was something to send. */
const assertWaited = async (hubspot: EmulatedVendor): Promise<void> => {
  const requests = await hubspot.requests()
  const [refusal] = await refusalsOf(hubspot)
  const after = requests[requests.findIndex(({ status }) => status === 429) + 1]
  assert.ok(refusal && after)
  assert.ok(after.at - refusal.at >= RETRY_AFTER_S * 1_000, `the next request came after ${after.at - refusal.at} ms`)
}

const refusalsOf = async (hubspot: EmulatedVendor): ReturnType<EmulatedVendor['requests']> =>
  (await hubspot.requests()).filter(({ status }) => status === 429)

const untilPausedFor = ({ logged }: SinksHere, hubspot: string, salesforce: string): Promise<void> =>
  eventually(() => {
    for (const code of [hubspot, salesforce])
      assert.ok(
        logged.some(line => line.includes(`"${code}"`)),
        `nobody is told of ${code}`,
      )
  })

/** The last version of each record, after it was seen that none went back. */
const versionsApplied = async (vendor: EmulatedVendor, object: string, field: string): Promise<readonly number[]> => {
  const latest = new Map<string, number>()
  for (const write of await vendor.applied()) {
    if (write.object !== object || write.properties[field] === undefined) continue
    const version = Number(String(write.properties[field]).replace('version ', ''))
    assert.ok(version > (latest.get(write.id) ?? 0), `${object} went from ${latest.get(write.id)} to ${version}`)
    latest.set(write.id, version)
  }
  return [...latest.values()]
}
