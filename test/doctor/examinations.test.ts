import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { SinkWrite } from '../../schemas/generated.ts'
import type { Finding } from '../../services/doctor/finding.ts'
import { examinePendoFields } from '../../services/doctor/pendo-fields.ts'
import { examineIdentities } from '../../services/doctor/same-person.ts'
import { findingsOf } from '../../services/doctor/vendors.ts'
import { examineZoomApp } from '../../services/doctor/zoom-app.ts'
import { personKey, personRow } from '../../services/identity/rows.ts'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { startHubSpotSandbox } from '../../services/sandbox/hubspot/start.ts'
import { createPendoClient } from '../../services/sinks/pendo/client.ts'
import { delivered, identities, pendoWrites } from '../../topology/topics.ts'
import { writeOf } from '../delivery/delivering.ts'
import { openSubscription } from '../sandbox/pendo.ts'

const never = new AbortController().signal

describe("the Zoom app of HubSpot's marketplace", () => {
  /** A portal in which an app has made a marketing event. */
  const portal = async (context: TestContext, app: { readonly appName: string; readonly appId: number }) => {
    const sandbox = await startHubSpotSandbox(app)
    context.after(() => sandbox.close())
    const body = {
      eventName: 'Product tour',
      eventOrganizer: 'Zoom',
      externalAccountId: 'default',
      externalEventId: '93498765432',
      customProperties: [],
    }
    const answer = await fetch(`${sandbox.url}/marketing/v3/marketing-events/events`, {
      method: 'POST',
      headers: { authorization: 'Bearer sandbox', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    assert.ok(answer.ok, await answer.text())
    return { accessToken: 'sandbox', baseUrl: sandbox.url, clock }
  }

  it('is found by the marketing events that it makes', async context => {
    const options = await portal(context, { appName: 'Zoom', appId: 178_192 })
    const findings = await examineZoomApp({ ...options, ownAppId: '42' }, never)
    assert.deepEqual(
      findings.map(({ level, code }) => [level, code]),
      [['problem', 'ZOOM_APP_CONNECTED']],
    )
  })

  it('is not taken for our own app, whatever that is called', async context => {
    const options = await portal(context, { appName: 'Zoom to HubSpot by Tributary', appId: 42 })
    const findings = await examineZoomApp({ ...options, ownAppId: '42' }, never)
    assert.deepEqual(
      findings.map(({ code }) => code),
      ['NO_ZOOM_APP'],
    )
  })
})

describe('people with two records in one CRM', () => {
  const rows = async (
    people: readonly (readonly [id: string, aliases: readonly string[] | null])[],
    moved: Readonly<Record<string, string | null>> = {},
  ) => {
    const kafka = memoryKafka()
    const tables = [identities, delivered]
    await kafka.topics.create(tables.map(({ name }) => ({ name, partitions: 1, config: {} })))
    const codec = await createCodec({ registry: memoryRegistry(), topics: tables, clock, register: true })
    const publisher = await kafka.publisher('test')
    for (const [key, movedTo] of Object.entries(moved)) {
      const value = codec.encode(delivered, { person: 'one', fields: {}, at: 0, movedTo })
      await publisher.publish([{ topic: delivered.name, key, value }])
    }
    for (const [id, aliases] of people) {
      const row = aliases && personRow(id, { aliases, former: [], attributes: {} })
      await publisher.publish([
        { topic: identities.name, key: personKey(id), value: row && codec.encode(identities, row) },
      ])
    }
    return examineIdentities(kafka, codec)
  }

  it('are told by their records, never by an address', async () => {
    const findings = await rows([
      ['one', ['email:ada@example.com', 'hubspot:contact:501', 'salesforce:lead:00Q000000000001AAA']],
      ['two', ['hubspot:contact:502', 'email:bo@example.com', 'hubspot:contact:503']],
      ['three', ['salesforce:lead:00Q000000000002AAA', 'salesforce:contact:003000000000001AAA']],
    ])
    assert.deepEqual(
      findings.map(({ level, code }) => `${level} ${code}`),
      ['warning SEVERAL_RECORDS', 'warning SEVERAL_RECORDS'],
    )
    assert.match(findings[0]?.message ?? '', /hubspot:contact:502, hubspot:contact:503/)
    assert.doesNotMatch(JSON.stringify(findings), /@/)
  })

  it('are told with the one first that is written', async () => {
    const [finding] = await rows([
      ['one', ['salesforce:lead:00Q000000000002AAA', 'salesforce:contact:003000000000001AAA']],
    ])
    assert.match(finding?.message ?? '', /salesforce:contact:003000000000001AAA, salesforce:lead:00Q000000000002AAA/)
  })

  it('are not told of records that a merge, a conversion or a new one took the place of', async () => {
    const people = [
      ['one', ['hubspot:contact:501', 'hubspot:contact:502']],
      ['two', ['salesforce:lead:00Q000000000002AAA', 'salesforce:contact:003000000000001AAA']],
      ['three', ['hubspot:contact:503', 'hubspot:contact:504', 'hubspot:contact:505']],
    ] as const
    const findings = await rows(people, {
      'hubspot:contact:501': '502',
      'hubspot:contact:502': null,
      'salesforce:lead:00Q000000000002AAA': 'salesforce:contact:003000000000001AAA',
      'hubspot:contact:504': '503',
    })
    assert.deepEqual(
      findings.map(({ message }) => message.slice(0, message.indexOf('.'))),
      ['person:three has hubspot:contact:503, hubspot:contact:505'],
    )
  })

  it('are no longer told once they are one', async () => {
    const twice = ['two', ['hubspot:contact:502', 'hubspot:contact:503']] as const
    for (const then of [['hubspot:contact:502'], null]) {
      const findings = await rows([twice, ['two', then]])
      assert.deepEqual(
        findings.map(({ code }) => code),
        ['ONE_RECORD_EACH'],
      )
    }
  })
})

describe('findings of a vendor', () => {
  const gap = { what: 'field Task.Tributary_Id__c', message: 'Create it.' }

  it('call what only an admin can do a problem, and what the sink makes itself a warning', () => {
    const gaps = [
      { ...gap, by: 'admin' as const },
      { ...gap, by: 'tributary' as const },
    ]
    assert.deepEqual(
      findingsOf('salesforce', { kind: 'known', gaps }).map(({ level, code }) => `${level} ${code}`),
      ['problem SETUP_NEEDS_ADMIN', 'warning SETUP_INCOMPLETE'],
    )
  })

  it('say why nothing could be found out', () => {
    const [finding] = findingsOf('zoom:emea', { kind: 'unknown', code: 'ZOOM_UNREACHABLE', message: 'No answer.' })
    assert.equal(finding?.area, 'zoom')
    assert.equal(finding?.level, 'problem')
    assert.match(finding?.message ?? '', /zoom:emea .*No answer/)
  })
})

describe('traits that Pendo has no field for', () => {
  const examined = async (
    context: TestContext,
    writes: readonly Partial<SinkWrite>[],
    key = 'sandbox',
  ): Promise<readonly Finding[]> => {
    const subscription = await openSubscription(context)
    const kafka = memoryKafka()
    await kafka.topics.create([{ name: pendoWrites.name, partitions: 1, config: {} }])
    const codec = await createCodec({ registry: memoryRegistry(), topics: [pendoWrites], clock, register: true })
    const publisher = await kafka.publisher('test')
    const values = writes.map(over => ({ ...writeOf('pendo', { person: null, key: 'acme', fields: {} }), ...over }))
    await publisher.publish(
      values.map(value => ({ topic: pendoWrites.name, key: 'key', value: codec.encode(pendoWrites, value) })),
    )
    const client = createPendoClient({ secret: 'PENDO_INTEGRATION_KEY', key, baseUrl: subscription.url, clock })
    return await examinePendoFields({ kafka, codec }, client, never)
  }

  it('S1 S2 are named, so that an admin can make them', async context => {
    const findings = await examined(context, [
      { object: 'visitor', fields: { plan: 'pro', shoe_size: 43, firstName: 'Ada' } },
      { object: 'visitor', fields: { 'ada@example.com': true } },
      { object: 'account', fields: { name: 'Acme', 'address.city': 'Oslo' } },
    ])
    assert.deepEqual(
      findings.map(({ level, code }) => [level, code]),
      [
        ['warning', 'PENDO_FIELDS_UNKNOWN'],
        ['warning', 'PENDO_FIELDS_UNKNOWN'],
      ],
    )
    const [visitors, accounts] = findings.map(({ message }) => message)
    assert.match(visitors ?? '', /Traits of visitors are left out.*: shoe_size, 1 more\./)
    assert.match(accounts ?? '', /Traits of accounts are left out.*: address\.city\./)
  })

  it('S1 S2 are none when there is a field for each, and old writes do not count', async context => {
    const old = { object: 'visitor', fields: { shoe_size: 43 } }
    const latest = Array.from({ length: 2_000 }, () => ({ object: 'visitor', fields: { plan: 'pro' } }))
    const codes = (await examined(context, [old, ...latest])).map(({ code }) => code)
    assert.deepEqual(codes, ['PENDO_FIELDS_KNOWN'])
  })

  it('S1 S2 are not looked for with a key that is refused: that is told elsewhere', async context => {
    assert.deepEqual(await examined(context, [], 'wrong'), [])
  })
})
