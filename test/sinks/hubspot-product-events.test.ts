import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { PutInput, PutResult } from '../../services/delivery/destination.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import type { HubSpotSandboxOptions } from '../../services/sandbox/hubspot/start.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import type { ProductEventFields } from '../../services/sinks/hubspot/objects.ts'
import type { Account } from '../sandbox/hubspot.ts'
import { input, mergeContacts, putting, signal, told } from './hubspot-putting.ts'
import { addContact, disturb, requestsOf } from './hubspot-sink.ts'

const at = Date.parse('2026-11-04T15:00:05Z')
const definitionsPath = '/events/v3/event-definitions'

interface Definition {
  readonly name: string
  readonly fullyQualifiedName: string
  readonly labels: { readonly singular: string }
  readonly properties: readonly { readonly name: string; readonly type: string; readonly label: string }[]
}

const opened = async (context: TestContext, sandbox: HubSpotSandboxOptions = {}) => {
  const { account, destinations, put } = await putting(context, sandbox)
  assert.deepEqual(await destinations['hubspot-events'].prepare(signal), { kind: 'ready' })
  const contact = await addContact(account, { email: 'ada@example.com' })
  let events = 0
  const event = (name: string, properties: object = {}, kind: ProductEventFields['event.kind'] = 'track'): PutInput => {
    events += 1
    const fields = Object.entries(properties).map(([property, value]) => [`property.${property}`, value])
    const all = { 'event.kind': kind, 'event.name': name, ...Object.fromEntries(fields) }
    return input({ key: `product:${events}`, contact, at, fields: all })
  }
  return {
    ...{ account, destinations, contact, event },
    put: (...inputs: PutInput[]): Promise<readonly PutResult[]> => put('hubspot-events', 'product_event', ...inputs),
  }
}

const definitions = async (account: Account): Promise<readonly Definition[]> =>
  (await account.call('GET', `${definitionsPath}?includeProperties=true&limit=100&searchString=pendo_`)).body.results
const named = async (account: Account): Promise<Readonly<Record<string, string>>> =>
  Object.fromEntries((await definitions(account)).map(({ name, labels }) => [name, labels.singular]))
const propertiesOf = async (account: Account, event: string): Promise<Readonly<Record<string, string>>> => {
  const definition = (await definitions(account)).find(({ name }) => name === event)
  return Object.fromEntries((definition?.properties ?? []).map(({ name, type }) => [name, type]))
}
interface Occurrence {
  readonly eventName: string
  readonly objectId: string
  readonly occurredAt: string
  readonly [property: string]: string
}
/** What the account holds of product events, without the account's prefix. */
const occurrences = async (account: Account): Promise<readonly Occurrence[]> =>
  (await account.call('GET', '/_sandbox/state')).body.event.map(({ properties }: { properties: Occurrence }) => ({
    ...properties,
    eventName: properties.eventName.replace(/^pe\d+_/, ''),
  }))
const definingRequests = async (account: Account) =>
  (await requestsOf(account)).filter(({ method, path }) => method === 'POST' && path.startsWith(definitionsPath))
const adjustmentsOf = (results: readonly PutResult[]) =>
  results.map(result => ('adjustments' in result ? result.adjustments?.join() : undefined))

describe('product events reach HubSpot', () => {
  it('P1 P5 as occurrences of events that are defined on the way, with their time and properties', async context => {
    const { account, contact, event, put } = await opened(context)
    const results = await put(
      event('Report exported', { format: 'csv', rows: 1250, scheduled: false }),
      event('Dashboard', {}, 'page'),
      event('Export button', {}, 'feature'),
    )
    assert.deepEqual(told(results), ['put', 'put', 'put'])
    assert.deepEqual(await named(account), {
      pendo_track_report_exported: 'Report exported',
      pendo_page_dashboard: 'Dashboard',
      pendo_feature_export_button: 'Export button',
    })
    assert.deepEqual(await propertiesOf(account, 'pendo_track_report_exported'), {
      format: 'string',
      rows: 'number',
      scheduled: 'bool',
    })
    const [first] = await occurrences(account)
    assert.equal(first?.eventName, 'pendo_track_report_exported')
    assert.equal(first?.objectId, contact)
    assert.equal(first?.occurredAt, new Date(at).toISOString())
    assert.deepEqual([first?.['format'], first?.['rows'], first?.['scheduled']], ['csv', '1250', 'false'])
  })

  it('P1 in one request for a full batch, once everything is defined', async context => {
    const { account, event, put } = await opened(context)
    await put(event('Report exported', { rows: 1 }))
    const before = (await requestsOf(account)).length
    const results = await put(...Array.from({ length: 500 }, (_, rows) => event('Report exported', { rows })))
    assert.deepEqual(new Set(told(results)), new Set(['put']))
    const requests = (await requestsOf(account)).slice(before)
    assert.deepEqual(
      requests.map(({ path }) => path.split('?')[0]),
      ['/crm/v3/objects/contacts/batch/read', '/events/v3/send/batch'],
    )
    assert.equal((await occurrences(account)).length, 501)
  })

  it('P1 K4 once, however often they are sent and whatever answer was lost', async context => {
    const { account, event, put } = await opened(context)
    const one = event('Report exported')
    await put(one)
    await disturb(account, '/events/v3/send', 'reset-after-apply')
    const other = event('Report exported')
    assert.deepEqual(told(await put(other)), ['HUBSPOT_UNREACHABLE'])
    assert.deepEqual(told(await put({ ...one, repeated: true }, { ...other, repeated: true })), ['put', 'put'])
    assert.equal((await occurrences(account)).length, 2)
  })

  it('P2 on the contact that took the place of a merged one', async context => {
    const { account, contact, event, put } = await opened(context)
    const kept = await addContact(account, { email: 'lovelace@example.com' })
    const survivor = await mergeContacts(account, contact, kept)
    const [result] = await put(event('Report exported'))
    assert.deepEqual(result?.kind === 'orphaned' && result.survivor, { object: 'contact', id: survivor })
    assert.deepEqual(await occurrences(account), [])
  })

  it('P5 properties that come later are defined then, those that are there are not', async context => {
    const { account, event, put } = await opened(context)
    await put(event('Report exported', { format: 'csv' }))
    await put(event('Report exported', { format: 'pdf', rows: 3 }))
    await put(event('Report exported', { format: 'pdf', rows: 4 }))
    const paths = (await definingRequests(account)).map(({ path }) => path.split('/').at(-1))
    assert.deepEqual(paths.slice(-2), ['event-definitions', 'property'])
    assert.deepEqual(await propertiesOf(account, 'pendo_track_report_exported'), { format: 'string', rows: 'number' })
  })

  it('P5 two spellings of one name are two events and two properties', async context => {
    const { account, event, put } = await opened(context)
    await put(event('Report exported', { 'Row count': 1, row_count: 2 }))
    await put(event('report-exported'))
    const names = Object.keys(await named(account))
    assert.equal(names.length, 2)
    assert.equal(names[0], 'pendo_track_report_exported')
    assert.match(names[1] ?? '', /^pendo_track_report_exported_[0-9a-f]{6}$/)
    const properties = Object.keys(await propertiesOf(account, 'pendo_track_report_exported'))
    assert.equal(properties.length, 2)
    assert.ok(properties.every(name => /^row_count(_[0-9a-f]{6})?$/.test(name)))
  })

  it('P5 a restart finds the names that were given, also after people changed a label', async context => {
    const { account, destinations, event, put } = await opened(context)
    await put(event('Report exported'), event('report-exported'))
    const [first] = await definitions(account)
    await account.call('PATCH', `${definitionsPath}/${first?.fullyQualifiedName}`, { label: 'Export of a report' })
    await destinations['hubspot-events'].prepare(signal)
    const before = (await definingRequests(account)).length
    await put(event('report-exported'), event('Report exported'))
    assert.equal((await definingRequests(account)).length, before)
    const sent = (await occurrences(account)).map(({ eventName }) => eventName)
    assert.deepEqual(sent.slice(2), [sent[1], sent[0]])
  })

  it('P5 a definition that another process makes at the same time is taken as it is', async context => {
    const { account, event, put } = await opened(context)
    const other = hubSpotDestinations({ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock })
    await other['hubspot-events'].prepare(signal)
    const object = other['hubspot-events'].objects['product_event']
    assert.ok(object?.kind === 'appended')
    const results = await Promise.all([
      put(event('Report exported', { format: 'csv' })),
      object.put([event('Report exported', { rows: 2 })], signal),
    ])
    assert.deepEqual(results.map(told), [['put'], ['put']])
    assert.deepEqual(Object.keys(await named(account)), ['pendo_track_report_exported'])
    assert.deepEqual(Object.keys(await propertiesOf(account, 'pendo_track_report_exported')).sort(), ['format', 'rows'])
    assert.equal((await occurrences(account)).length, 2)
  })

  it('P5 a definition that was lately made is not asked for twice by batches at the same time', async context => {
    const { account, event, put } = await opened(context)
    const before = (await definingRequests(account)).length
    await Promise.all([put(event('One', { a: 1 })), put(event('One', { a: 1 })), put(event('One', { a: 1 }))])
    assert.equal((await definingRequests(account)).length, before + 1)
  })
})

describe('what of a product event does not fit HubSpot', () => {
  it('P5 of 10,000 names of properties as many as fit are defined, the others are told, and every event goes', async context => {
    const { account, event, put } = await opened(context)
    const adjustments: (string | undefined)[] = []
    for (let batch = 0; batch < 20; batch++) {
      const inputs = Array.from({ length: 500 }, (_, n) => event('Searched', { [`term ${batch * 500 + n}`]: n }))
      const results = await put(...inputs)
      assert.deepEqual(new Set(told(results)), new Set(['put']))
      adjustments.push(...adjustmentsOf(results))
    }
    assert.equal(Object.keys(await propertiesOf(account, 'pendo_track_searched')).length, 50)
    assert.equal(adjustments.filter(codes => codes === undefined).length, 50)
    assert.equal(adjustments.at(-1), 'HUBSPOT_PROPERTIES_TOO_MANY')
    assert.ok((await definingRequests(account)).length < 10)
  })

  const values: { name: string; first: unknown; next: unknown; sent: string | undefined; code?: string }[] = [
    {
      name: 'a text where a number is',
      first: 1,
      next: 'many',
      sent: undefined,
      code: 'HUBSPOT_PROPERTY_OF_OTHER_TYPE',
    },
    { name: 'a number as text where a number is', first: 1, next: ' 12.5', sent: '12.5' },
    { name: 'a number where a text is', first: 'one', next: 2, sent: '2' },
    {
      name: 'a number where a truth is',
      first: true,
      next: 2,
      sent: undefined,
      code: 'HUBSPOT_PROPERTY_OF_OTHER_TYPE',
    },
    { name: 'more decimals than one', first: 1, next: 19.99, sent: '20', code: 'HUBSPOT_PROPERTY_ROUNDED' },
    { name: 'no number', first: 1, next: Number.NaN, sent: undefined, code: 'HUBSPOT_PROPERTY_NO_NUMBER' },
    { name: 'a number beyond all digits', first: 1, next: 1e21, sent: undefined, code: 'HUBSPOT_PROPERTY_NO_NUMBER' },
    { name: 'a long text', first: 'x', next: 'y'.repeat(300), sent: 'y'.repeat(256), code: 'HUBSPOT_PROPERTY_CUT' },
    {
      name: 'a character at the end of what fits',
      first: 'x',
      next: `${'y'.repeat(255)}🎉`,
      sent: 'y'.repeat(255),
      code: 'HUBSPOT_PROPERTY_CUT',
    },
  ]
  for (const { name, first, next, sent, code } of values) {
    it(`P5 ${name}: the rest of the event goes`, async context => {
      const { account, event, put } = await opened(context)
      await put(event('Report exported', { value: first }))
      const results = await put(event('Report exported', { value: next, other: 'goes' }))
      assert.deepEqual(told(results), ['put'])
      const occurrence = (await occurrences(account)).at(-1)
      assert.equal(occurrence?.['value'], sent)
      assert.equal(occurrence?.['other'], 'goes')
      assert.deepEqual(adjustmentsOf(results), [code])
    })
  }

  it('P5 names that HubSpot takes in no form get one that it takes', async context => {
    const { account, event, put } = await opened(context)
    const odd = { '2nd': 1, hs_browser: 'x', 'ünï cødé': 'x', 日本: 'x', '': 'x', ['long '.repeat(20)]: 'x' }
    const results = await put(event('日本語', odd), event('  ', {}), event('a'.repeat(500)))
    assert.deepEqual(told(results), ['put', 'put', 'put'])
    assert.deepEqual(adjustmentsOf(results), [undefined, undefined, undefined])
    assert.equal(Object.keys(await named(account)).length, 3)
  })

  it('P5 an account that has all its definitions: the event is set aside with the reason, in few requests, and others go', async context => {
    const { account, event, put } = await opened(context)
    await put(event('Known'))
    for (let made = (await account.call('GET', definitionsPath)).body.total; made < 500; made++)
      await account.call('POST', definitionsPath, { label: `Other ${made}`, name: `other_${made}` })
    const before = (await definingRequests(account)).length
    for (let round = 0; round < 3; round++)
      assert.deepEqual(told(await put(event('New'), event('Known'))), ['HUBSPOT_EVENT_NOT_DEFINED', 'put'])
    assert.equal((await definingRequests(account)).length, before + 1)
  })

  it('P5 a name whose definition was deleted cannot be used again: set aside with the reason', async context => {
    const { account, event, put } = await opened(context)
    await put(event('Report exported'))
    const [definition] = await definitions(account)
    await account.call('DELETE', `${definitionsPath}/${definition?.fullyQualifiedName}`)
    assert.deepEqual(told(await put(event('Report exported'))), ['HUBSPOT_EVENT_NOT_DEFINED'])
  })

  it('P5 a property that was removed in HubSpot is defined again', async context => {
    const { account, event, put } = await opened(context)
    await put(event('Report exported', { format: 'csv' }))
    const [definition] = await definitions(account)
    await account.call('DELETE', `${definitionsPath}/${definition?.fullyQualifiedName}/property/format`)
    assert.deepEqual(told(await put(event('Report exported', { format: 'pdf' }))), ['put'])
    assert.equal((await occurrences(account)).at(-1)?.['format'], 'pdf')
  })

  it('P5 a write that is no product event is set aside and fails no other', async context => {
    const { event, contact, put } = await opened(context)
    const broken = input({ key: 'product:broken', contact, at, fields: { 'event.name': 'x' } })
    assert.deepEqual(told(await put(broken, event('Report exported'))), ['HUBSPOT_PRODUCT_EVENT_MALFORMED', 'put'])
  })

  it('P5 HubSpot that is away while events are defined: they wait', async context => {
    const { account, event, put } = await opened(context)
    await disturb(account, definitionsPath, { status: 503, body: {} })
    assert.deepEqual(told(await put(event('Report exported'))), ['HUBSPOT_503'])
    assert.deepEqual(told(await put(event('Report exported'))), ['put'])
  })
})
