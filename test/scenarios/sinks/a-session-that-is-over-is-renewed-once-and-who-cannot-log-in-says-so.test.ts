/*
 * Guard: services/sinks/salesforce/api/session.ts
 * - underWay ??= logIn(login, exchange)
 * + underWay = logIn(login, exchange)
 */
import assert from 'node:assert/strict'
import { type Clock, systemClock } from '../../../services/runtime/clock.ts'
import { deadLetters, hubspotWrites, salesforceWrites } from '../../../topology/topics.ts'
import { eventually } from '../eventually.ts'
import { scenario } from '../scenario.ts'
import { addressesOf, countOf, delivered, knowPeople, taskOf } from '../sink-writes.ts'
import { type SinksHere, sinksHere } from '../sinks-here.ts'

const AT_ONCE = 100
const ROUNDS = ['expired', 'limited', 'refused'] as const
const SESSION_MS = 60_000
const TOKEN = '/services/oauth2/token'
/** Refusals of a login are answered for all who wait for it; some calls find out later and try once more. */
const FEW = 6

scenario(
  {
    id: '39',
    sentence: 'a session that is over is renewed by one login, however many need it, and who cannot log in says so',
    faults: 'the session ends under 100 calls, logins answered with 429 and invalid_grant, a refused HubSpot token',
  },
  async context => {
    const clock = movableClock()
    const system = await sinksHere(context, {
      sinks: ['hubspot', 'salesforce'],
      clock,
      salesforce: { sandbox: { sessionMs: SESSION_MS }, use: { concurrency: AT_ONCE, lookUpSize: 1 } },
    })
    const { cluster, salesforce, hubspot } = system
    const groups = [addressesOf(1, 'first'), ...ROUNDS.map(name => addressesOf(AT_ONCE, name))]
    const addresses = groups.flat()
    await salesforce.seed(addresses.map(email => ({ email, firstName: 'Person', lastName: 'Sample' })))
    const people = await knowPeople(cluster, addresses)
    const writeTasks = async (from: number, to: number): Promise<void> => {
      await system.write(
        salesforceWrites,
        people.slice(from, to).map(person => taskOf(person, 1)),
      )
    }
    await writeTasks(0, 1)
    await delivered(cluster, 'salesforce')
    assert.equal(await logins(system), 1)

    const round = async (number: number, meanwhile = () => Promise.resolve()): Promise<number> => {
      const before = await logins(system)
      clock.move(SESSION_MS)
      await writeTasks(1 + number * AT_ONCE, 1 + (number + 1) * AT_ONCE)
      await meanwhile()
      await delivered(cluster, 'salesforce')
      return (await logins(system)) - before
    }
    assert.equal(await round(0), 1, 'one login for all')
    const refused = (await salesforce.requests()).filter(({ status }) => status === 401)
    assert.ok(refused.length > AT_ONCE / 2, `${refused.length} calls found the session over`)
    assert.deepEqual(system.logged, [], 'nobody need be told')

    await salesforce.disturb({ path: TOKEN, answer: { status: 429, body: {} } })
    assert.ok((await round(1)) <= FEW, 'a login that is put off is not stormed')

    const invalidGrant = { error: 'invalid_grant', error_description: 'authentication failure' }
    await salesforce.disturb({ path: TOKEN, times: 2, answer: { status: 400, body: invalidGrant } })
    const told = () => untilTold(system, 'salesforce', 'SALESFORCE_LOGIN_REFUSED')
    assert.ok((await round(2, told)) <= FEW, 'a login that is refused is not stormed')

    await hubspot.disturb({
      path: '/crm',
      times: 2,
      answer: { status: 401, body: { category: 'INVALID_AUTHENTICATION' } },
    })
    await system.write(
      hubspotWrites,
      people.slice(0, 1).map(person => countOf(person, 1)),
    )
    await untilTold(system, 'hubspot', 'HUBSPOT_TOKEN_REFUSED')
    await delivered(cluster, 'hubspot')

    for (const { status } of [system.sinks.hubspot, system.sinks.salesforce]) assert.equal(status().state, 'running')
    const { Task: tasks = [] } = await salesforce.state()
    assert.deepEqual([tasks.length, (await hubspot.contacts()).length], [people.length, 1])
    assert.deepEqual(await cluster.records(deadLetters.name), [])
    return { events: people.length + 1, lost: 0, duplicated: tasks.length - people.length }
  },
)

/** Goes as any other, and ahead by as much as it was moved. */
const movableClock = (): Clock & { move(ms: number): void } => {
  let aheadMs = 0
  return {
    now: () => systemClock.now() + aheadMs,
    sleep: (ms, signal) => systemClock.sleep(ms, signal),
    move: ms => {
      aheadMs += ms
    },
  }
}

const logins = async ({ salesforce }: SinksHere): Promise<number> =>
  (await salesforce.requests()).filter(({ path }) => path.startsWith(TOKEN)).length

/** The sink is paused, says why, and what has to be done. */
const untilTold = ({ logged, sinks }: SinksHere, sink: 'hubspot' | 'salesforce', code: string): Promise<void> =>
  eventually(() => {
    const lines = logged.map(line => JSON.parse(line) as { sink?: string; code?: string; reason?: string })
    assert.ok(
      lines.some(line => line.sink === sink && line.code === code && line.reason),
      `nobody is told of ${code}`,
    )
    const { state, reason } = sinks[sink].status()
    assert.ok(state === 'running' || reason?.startsWith(code), `${state}: ${reason}`)
  })
