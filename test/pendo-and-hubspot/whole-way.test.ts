import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Account, Visitor } from '../../schemas/generated.ts'
import { accountCompanyBy } from '../../services/consumers/account-company.ts'
import { accountProfilesBy } from '../../services/consumers/account-profiles.ts'
import { metadataReceiptsBy } from '../../services/consumers/metadata-receipts.ts'
import { visitorContactBy } from '../../services/consumers/visitor-contact.ts'
import { visitorProfilesBy } from '../../services/consumers/visitor-profiles.ts'
import { neededProperties } from '../../services/pendo-and-hubspot/needed.ts'
import { accountIn, visitorIn } from '../../services/producers/pendo/sweep/metadata.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import { pendoDestinations } from '../../services/sinks/pendo/destination.ts'
import type { FieldValue, Topology } from '../../topology/define.ts'
import { visitorContacts } from '../../topology/metadata-topics.ts'
import { pendoAndHubSpot } from '../../topology/pendo-and-hubspot.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { accounts, visitors } from '../../topology/topics.ts'
import { startReplaySystem } from '../replay/replaying.ts'
import { openAccount } from '../sandbox/hubspot.ts'
import { openSubscription } from '../sandbox/pendo.ts'
import { mappingOf } from './sides.ts'

const mapping = mappingOf({ ...pendoAndHubSpot, enabled: true })
const on: Topology = {
  ...pipeline,
  consumers: [
    ...pipeline.consumers.filter(({ isOn }) => isOn === undefined),
    ...[visitorProfilesBy, visitorContactBy, accountProfilesBy, accountCompanyBy, metadataReceiptsBy].map(by =>
      by(() => mapping),
    ),
  ],
}
const contactProperties = ['jobtitle', 'phone', 'pendo_role', 'lifecyclestage']

/** Both emulated vendors with the map as it runs between them, on a Kafka in memory. What they tell is read from them. */
const open = async (context: TestContext) => {
  const subscription = await openSubscription(context, { clock })
  const portal = await openAccount(context, { limits: { burst: 10_000 } })
  const destinations = new Map(
    Object.entries({
      ...pendoDestinations({
        ...{ integrationKey: 'sandbox', trackSecret: 'sandbox-secret', baseUrl: subscription.url, clock },
      }),
      ...hubSpotDestinations({
        ...{ accessToken: 'sandbox', baseUrl: portal.url, clock, shared: neededProperties(mapping) },
        limit: { requests: 10_000, windowMs: 10_000 },
      }),
    }),
  )
  const system = await startReplaySystem(on, destinations)
  context.after(() => system.close())
  const rowOf = async (kind: 'visitors' | 'accounts', id: string) => {
    const found = (await subscription.state(kind)).find(one => one.id === id)
    return { [kind === 'visitors' ? 'visitorId' : 'accountId']: id, metadata: found?.properties }
  }
  /** Pendo's sweep reads the visitor. */
  const readVisitor = async (id: string, changed: number | null = null): Promise<void> => {
    const profile = visitorIn(await rowOf('visitors', id), Date.now())
    assert.ok(profile)
    await system.given<Visitor>(visitors, { ...profile.value, ...timesOf(changed) })
  }
  const readAccount = async (id: string, changed: number | null = null): Promise<void> => {
    const profile = accountIn(await rowOf('accounts', id), Date.now())
    assert.ok(profile)
    await system.given<Account>(accounts, { ...profile.value, ...timesOf(changed) })
  }
  /** Some time after the sinks had their answers. */
  const later = (): number => Math.max(Date.now(), system.clock.now()) + 3_600_000
  const timesOf = (changed: number | null) =>
    changed === null ? {} : { occurredAt: changed, receivedAt: changed + 1_000 }
  const facts = () => ({
    ...{ eventId: `hubspot:${Math.random()}`, source: 'hubspot:default', occurredAt: Date.now() },
    receivedAt: Date.now(),
    destinations: {},
  })
  /** HubSpot's sweep reads the contact; or its webhook tells one property. */
  const tellContact = async (id: string, traits: Record<string, FieldValue>): Promise<void> => {
    const person = `hubspot:contact:${id}`
    await system.given<Visitor>(visitors, { ...facts(), person, aliases: [person], account: null, traits })
  }
  const readContact = async (id: string): Promise<void> =>
    await tellContact(id, await propertiesOf('contacts', id, contactProperties))
  const readCompany = async (id: string): Promise<void> => {
    const { domain, ...traits } = await propertiesOf('companies', id, ['domain', 'pendo_plan', 'numberofemployees'])
    await system.given<Account>(accounts, { ...facts(), account: id, domain: String(domain), traits })
  }
  const propertiesOf = async (type: string, id: string, names: readonly string[]) => {
    const { body } = await portal.call('GET', `/crm/v3/objects/${type}/${id}?properties=${names.join(',')}`)
    return Object.fromEntries(names.map(name => [name, body.properties[name] || null])) as Record<string, FieldValue>
  }
  const setPendo = (kind: 'visitor' | 'account', group: string, id: string, values: object) =>
    subscription.call('POST', `/api/v1/metadata/${kind}/${group}/value?create=true`, [{ [`${kind}Id`]: id, values }])
  const customOf = async (kind: 'visitors' | 'accounts', id: string) =>
    ((await rowOf(kind, id)).metadata as { readonly custom?: object } | undefined)?.custom
  const add = async (type: string, properties: object): Promise<string> =>
    (await portal.call('POST', `/crm/v3/objects/${type}`, { properties })).body.id
  const hubspotWrites = async () => (await portal.call('GET', '/_sandbox/writes')).body.length
  return {
    ...{ system, portal, readVisitor, readAccount, readContact, readCompany, tellContact, propertiesOf },
    ...{ setPendo, customOf, add, hubspotWrites, later },
  }
}

describe('the way between Pendo and HubSpot', () => {
  it('P7 a visitor and their contact come to hold the same, both ways, and echoes end it', async context => {
    const world = await open(context)
    const { system, readVisitor, readContact, tellContact, propertiesOf, setPendo, customOf, add, later } = world
    const id = await add('contacts', { email: 'ada@example.com', phone: '+49 30 1', lifecyclestage: 'customer' })
    await system.person('user:u-1', `hubspot:contact:${id}`)
    await setPendo('visitor', 'custom', 'u-1', { jobtitle: 'Analyst' })
    await setPendo('visitor', 'agent', 'u-1', { role: 'admin' })
    await readVisitor('u-1')
    await readContact(id)
    assert.deepEqual(await propertiesOf('contacts', id, contactProperties), {
      ...{ jobtitle: 'Analyst', phone: '+49 30 1', pendo_role: 'admin', lifecyclestage: 'customer' },
    })
    assert.deepEqual(await customOf('visitors', 'u-1'), {
      ...{ jobtitle: 'Analyst', phone: '+49 30 1', lifecyclestage: 'customer' },
    })
    const writes = await world.hubspotWrites()
    await readVisitor('u-1')
    await readContact(id)
    assert.equal(await world.hubspotWrites(), writes)
    await world.portal.call('PATCH', `/crm/v3/objects/contacts/${id}`, { properties: { jobtitle: 'Head of Data' } })
    await tellContact(id, { jobtitle: 'Head of Data' })
    assert.equal(((await customOf('visitors', 'u-1')) as { jobtitle?: string }).jobtitle, 'Head of Data')
    await setPendo('visitor', 'custom', 'u-1', { jobtitle: 'Analyst' })
    await readVisitor('u-1', later())
    assert.equal((await propertiesOf('contacts', id, ['jobtitle']))['jobtitle'], 'Analyst')
  })

  it('P7 I4 a visitor who turns out to be a contact shares with it from then on', async context => {
    const { system, readVisitor, readContact, propertiesOf, setPendo, customOf, add } = await open(context)
    const id = await add('contacts', { email: 'ada@example.com', phone: '7' })
    await system.person('user:u-1')
    await system.person(`hubspot:contact:${id}`)
    await setPendo('visitor', 'custom', 'u-1', { jobtitle: 'Analyst' })
    await readVisitor('u-1')
    await readContact(id)
    assert.equal((await propertiesOf('contacts', id, ['jobtitle']))['jobtitle'], null)
    await system.person('user:u-1', `hubspot:contact:${id}`)
    await system.settle()
    assert.equal((await propertiesOf('contacts', id, ['jobtitle']))['jobtitle'], 'Analyst')
    assert.deepEqual(await customOf('visitors', 'u-1'), { jobtitle: 'Analyst', phone: '7', lifecyclestage: 'lead' })
    assert.equal((await system.rows(visitorContacts)).size, 1)
  })

  it('P7 K9 of an erased person nothing is kept, and nothing is written any more', async context => {
    const { system, readVisitor, readContact, propertiesOf, setPendo, add } = await open(context)
    const id = await add('contacts', { email: 'ada@example.com' })
    const aliases = ['user:u-1', `hubspot:contact:${id}`] as const
    await system.person(...aliases)
    await setPendo('visitor', 'custom', 'u-1', { jobtitle: 'Analyst' })
    await readVisitor('u-1')
    await readContact(id)
    await system.claim({ kind: 'ERASE', aliases, time: Date.now() })
    await setPendo('visitor', 'custom', 'u-1', { jobtitle: 'Chief' })
    await readVisitor('u-1')
    assert.equal((await propertiesOf('contacts', id, ['jobtitle']))['jobtitle'], 'Analyst')
    assert.equal((await system.rows(visitorContacts)).size, 0)
  })

  it('P7 an account and the company of its domain come to hold the same', async context => {
    const { readAccount, readCompany, propertiesOf, setPendo, customOf, add, later } = await open(context)
    const id = await add('companies', { name: 'Acme', domain: 'acme.example.com', numberofemployees: '250' })
    await setPendo('account', 'custom', 'acme', { domain: 'acme.example.com', plan: 'pro' })
    await readAccount('acme')
    await readCompany(id)
    assert.deepEqual(await propertiesOf('companies', id, ['pendo_plan', 'numberofemployees']), {
      ...{ pendo_plan: 'pro', numberofemployees: '250' },
    })
    assert.deepEqual(await customOf('accounts', 'acme'), { domain: 'acme.example.com', plan: 'pro', employees: 250 })
    await setPendo('account', 'custom', 'acme', { employees: 300 })
    await readAccount('acme', later())
    assert.equal((await propertiesOf('companies', id, ['numberofemployees']))['numberofemployees'], '300')
  })

  it('P7 a replay undoes nothing, and sends nothing that was delivered', async context => {
    const world = await open(context)
    const { system, readVisitor, readContact, setPendo, add } = world
    const id = await add('contacts', { email: 'ada@example.com' })
    await system.person('user:u-1', `hubspot:contact:${id}`)
    await setPendo('visitor', 'custom', 'u-1', { jobtitle: 'Analyst' })
    await readVisitor('u-1')
    await readContact(id)
    await setPendo('visitor', 'custom', 'u-1', { jobtitle: 'Chief' })
    await readVisitor('u-1')
    const writes = await world.hubspotWrites()
    await system.replay(on, 'visitor-contact')
    assert.equal(await world.hubspotWrites(), writes)
  })
})
