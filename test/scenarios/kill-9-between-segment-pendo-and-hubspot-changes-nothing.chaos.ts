import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { deadLetters } from '../../topology/topics.ts'
import { startTestKafka } from '../kafka.ts'
import { SAMPLES } from '../sandbox/pendo.ts'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'
import { launchServices, type Program, startServices } from './program.ts'
import type { EmulatedObject } from './sandboxes.ts'
import type { Settings } from './settings.ts'
import { openSystem, type System } from './system.ts'

/**
 * Each is killed in mid-traffic, in this order. `pendo-events` is not: Pendo has neither a key nor a look-up for track events, so the one that was on its way may be
 * there twice (docs/reference.md).
 */
const KILLED = [
  ...['ingest', 'identity-resolver', 'pendo-visitors', 'pendo-accounts', 'pendo-tracks', 'pendo'],
  ...['product-contacts', 'product-events', 'hubspot-events'],
]
const UNHARMED = ['sandbox-hubspot', 'sandbox-pendo', 'pendo-events']
/** Not of this way. */
const ABSENT = [
  ...['webinar-registrations', 'webinar-attendance', 'webinar-contact'],
  ...['hubspot-marketing', 'salesforce', 'zoom-reports'],
]
/** Before each kill the next answer to such a request is lost. */
const LOST_ANSWERS = {
  pendo: ['/api/v1/metadata/visitor/', '/api/v1/metadata/account/'],
  hubspot: ['/events/v3/send/batch'],
}
const PEOPLE = 20
const MISSED = 3
/** What one round sends of each person to Segment's API: it is no Core Event, so what Pendo tells of it goes no further. */
const SEGMENT_EVENT = 'Looked around'
/** What the test sends as Pendo does; this one is a Core Event in the emulated Pendo. */
const PENDO_EVENT = 'Report exported'

test('P1 P3 P8 S1 S2 S3 kill -9 of each service between Segment, Pendo and HubSpot, and lost answers, change nothing in either', async context => {
  const kafka = await startTestKafka()
  atEnd(context, () => kafka.stop())
  const system = await openSystem(context, kafka)
  const settings = { ...system.settings, SANDBOX: 'hubspot,pendo,segment', PENDO_SWEEP_EVERY: '0' }
  await startServices(context, UNHARMED, settings)
  const contacts = await makeContacts(system)
  const running = new Map<string, Program>()
  const start = async (name: string): Promise<void> =>
    void running.set(name, await startServices(context, [name], settings))
  for (const name of KILLED) await start(name)

  let round = 0
  const send = (): Promise<void> => sendRound(settings, round++)
  for (const name of KILLED) {
    await loseAnswers(system)
    await send()
    if (name !== 'ingest') await eventually(async () => assert.ok((await system.cluster.handledBy(name)) > 0, name))
    await running.get(name)?.end('SIGKILL')
    const sent = send()
    if (name !== 'ingest') await untilSomeWait(system, name, sent)
    running.set(name, launchServices(context, [name], settings))
    await sent
  }
  await system.cluster.quiet(ABSENT)

  await assertPendo(system, round)
  await assertTimelines(system, contacts, round)
  await assertAnswersWereLost(system)
  assert.deepEqual(await system.cluster.records(deadLetters.name), [])
})

const addressOf = (person: number): string => `person${person}@usage.example.com`

const makeContacts = async ({ hubspot }: System): Promise<ReadonlyMap<string, string>> => {
  const inputs = Array.from({ length: PEOPLE }, (_, person) => ({ properties: { email: addressOf(person) } }))
  const made = await hubspot.call('POST', '/crm/v3/objects/contacts/batch/create', { inputs })
  const { results } = made as { results: readonly { id: string; properties: { email: string } }[] }
  return new Map(results.map(({ id, properties }) => [properties.email, id]))
}

/** Of each person: what they are by now, their account, and an event, by Segment; an event by Pendo. Who is not answered with 200 sends the same again, as SDKs do. */
const sendRound = async (settings: Settings, round: number): Promise<void> => {
  const ingest = `http://127.0.0.1:${settings['INGEST_PORT']}`
  const people = Array.from({ length: PEOPLE }, (_, person) => person)
  const batch = people.flatMap(person => segmentCalls(person, round))
  const authorization = `Basic ${Buffer.from('sandbox:').toString('base64')}`
  await untilTaken(`${ingest}/v1/batch`, JSON.stringify({ batch }), { authorization })
  const body = JSON.stringify(people.map(person => pendoWebhook(person, round)))
  const signature = createHmac('sha256', 'sandbox-secret').update(body).digest('hex')
  await untilTaken(`${ingest}/webhooks/pendo`, body, { 'x-pendo-signature': signature })
}

const segmentCalls = (person: number, round: number): readonly object[] => {
  const id = `${person}-${round}`
  const userId = addressOf(person)
  return [
    {
      type: 'identify',
      messageId: `i-${id}`,
      userId,
      traits: { email: userId, firstname: `Person ${person}`, leadscore: round },
    },
    { type: 'group', messageId: `g-${id}`, userId, groupId: `account-${person}`, traits: { employees: round } },
    { type: 'track', messageId: `t-${id}`, userId, event: SEGMENT_EVENT, properties: { id } },
  ]
}

const pendoWebhook = (person: number, round: number): object => ({
  ...SAMPLES.webhooks.npsSubmitted,
  ...{ event: 'trackEventReceived', uniqueId: `usage-${person}-${round}`, visitorId: addressOf(person) },
  timestamp: Math.floor(Date.now() / 1_000),
  properties: { trackEventName: PENDO_EVENT, eventProperties: { format: `${person}-${round}` } },
})

const untilTaken = async (url: string, body: string, headers: Readonly<Record<string, string>>): Promise<void> => {
  await eventually(async () => {
    const { status } = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    })
    assert.equal(status, 200)
  })
}

/** Records wait for what was killed; of what there is nothing more to do this round there are none, and then the round is all that is waited for. */
const untilSomeWait = async ({ cluster }: System, name: string, sent: Promise<void>): Promise<void> => {
  await sent
  await Promise.race([
    eventually(async () => assert.ok((await cluster.waitingFor(name)) >= MISSED, name)),
    delay(20_000),
  ])
}

const loseAnswers = async (system: System): Promise<void> => {
  for (const path of LOST_ANSWERS.pendo) await system.pendo.loseAnswer('POST', path)
  for (const path of LOST_ANSWERS.hubspot) await system.hubspot.loseAnswer('POST', path)
}

/** The metadata of the last round, and each event once. */
const assertPendo = async ({ pendo }: System, rounds: number): Promise<void> => {
  const { visitors = [], accounts = [], trackTypes = [], trackEvents = [], unprocessed = [] } = await pendo.state()
  const customOf = (list: readonly EmulatedObject[], id: string): unknown =>
    list.find(item => item.id === id)?.properties['custom']
  const type = trackTypes.find(({ properties }) => properties['name'] === SEGMENT_EVENT)?.id
  const ofType = trackEvents.filter(({ properties }) => properties['itemId'] === type)
  const used = new Map<string, number>()
  for (const { properties } of ofType) {
    const { id = '' } = properties['properties'] as { readonly id?: string }
    used.set(id, (used.get(id) ?? 0) + Number(properties['numEvents']))
  }
  for (let person = 0; person < PEOPLE; person++) {
    assert.deepEqual(customOf(visitors, addressOf(person)), {
      ...{ email: addressOf(person), accountid: `account-${person}` },
      ...{ firstname: `Person ${person}`, leadscore: rounds - 1 },
    })
    assert.deepEqual(customOf(accounts, `account-${person}`), { employees: rounds - 1 })
    for (let round = 0; round < rounds; round++) assert.equal(used.get(`${person}-${round}`), 1)
  }
  assert.deepEqual(unprocessed, [])
}

const assertTimelines = async (
  { hubspot }: System,
  contacts: ReadonlyMap<string, string>,
  rounds: number,
): Promise<void> => {
  for (let person = 0; person < PEOPLE; person++) {
    const path = `/events/v3/events?objectType=contact&objectId=${contacts.get(addressOf(person))}&limit=100`
    const { results } = (await hubspot.call('GET', path)) as { results: readonly Occurrence[] }
    const seen = results.map(({ properties }) => properties['format']).sort()
    assert.deepEqual(seen, Array.from({ length: rounds }, (_, round) => `${person}-${round}`).sort())
  }
}

interface Occurrence {
  readonly properties: Readonly<Record<string, string>>
}

/** Of each kind several, or the test has shown nothing about them. */
const assertAnswersWereLost = async (system: System): Promise<void> => {
  for (const vendor of ['pendo', 'hubspot'] as const) {
    const unanswered = (await system[vendor].requests()).filter(({ status }) => status === null)
    for (const path of LOST_ANSWERS[vendor])
      assert.ok(unanswered.filter(request => request.path.startsWith(path)).length >= MISSED, path)
  }
}
