import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HubSpotSweepReader } from '../../../services/producers/hubspot/rest/client.ts'
import { HubSpotError } from '../../../services/producers/hubspot/rest/problems.ts'
import type { SweepStatus } from '../../../services/producers/sweep/running.ts'
import { mapping } from './receiving.ts'
import { hour, type Sweeping, startSweeping } from './sweeping.ts'

const peopleOf = async ({ visitors }: Sweeping) => (await visitors()).map(({ person }) => person)

describe('the sweep of HubSpot', () => {
  it('P7 tells contacts with their properties and addresses, and companies with their domain', async context => {
    const sweeping = await startSweeping(context)
    const values = { email: 'Ada@Example.com', firstname: 'Ada', jobtitle: 'Analyst', lifecyclestage: 'lead' }
    const contact = await sweeping.create('contacts', values)
    const company = await sweeping.create('companies', { name: 'Acme', domain: 'www.acme.example' })
    const modifiedAt = sweeping.clock.now()
    sweeping.clock.advance(5_000)
    await sweeping.sweep()
    const [visitor, ...others] = await sweeping.visitors()
    assert.deepEqual(others, [])
    const { eventId, receivedAt, ...told } = visitor ?? assert.fail()
    assert.match(eventId, new RegExp(`^hubspot:contact:${contact}:${modifiedAt}-[0-9a-z]+$`))
    assert.ok(receivedAt >= modifiedAt + 5_000)
    const aliases = [`hubspot:contact:${contact}`, 'email:ada@example.com']
    assert.deepEqual(told, {
      ...{
        source: 'hubspot:default',
        destinations: {},
        occurredAt: modifiedAt,
        person: aliases[0],
        aliases,
        account: null,
      },
      traits: { firstname: 'Ada', jobtitle: 'Analyst', city: null },
    })
    const [claim] = await sweeping.claims()
    assert.deepEqual([claim?.kind, claim?.aliases, claim?.time], ['SEEN', aliases, modifiedAt])
    assert.deepEqual(claim?.attributes, { firstName: 'Ada', jobTitle: 'Analyst' })
    const accounts = (await sweeping.accounts()).map(({ account, domain, traits }) => [account, domain, traits])
    assert.deepEqual(accounts, [[company, 'acme.example', { name: 'Acme', domain: 'www.acme.example' }]])
  })

  it('P7 tells nothing again that did not change, in whatever process, and what did once', async context => {
    const sweeping = await startSweeping(context)
    const ada = await sweeping.create('contacts', { email: 'ada@example.com' })
    const bo = await sweeping.create('contacts', { email: 'bo@example.com', city: 'Rome' })
    await sweeping.create('companies', { name: 'Acme' })
    await sweeping.sweep()
    for (const city of ['London', 'Paris', 'London']) {
      sweeping.clock.advance(hour)
      await sweeping.update('contacts', ada, { city })
      // What nothing asks for is no change.
      await sweeping.update('contacts', bo, { lifecyclestage: city === 'Paris' ? 'customer' : 'opportunity' })
      await sweeping.sweep()
      await sweeping.sweep()
    }
    const told = (await sweeping.visitors()).map(({ person, traits }) => `${person.split(':')[2]} ${traits['city']}`)
    const expected = [`${ada} null`, `${ada} London`, `${ada} Paris`, `${ada} London`, `${bo} Rome`]
    assert.deepEqual(told.toSorted(), expected.toSorted())
    assert.equal(new Set((await sweeping.visitors()).map(({ eventId }) => eventId)).size, 5)
    assert.equal((await sweeping.accounts()).length, 1)
  })

  it('P7 tells what the search of HubSpot saw only after the last sweep', async context => {
    const sweeping = await startSweeping(context, { searchLagMs: 60_000 })
    await sweeping.create('contacts', { email: 'ada@example.com' })
    sweeping.clock.advance(30_000)
    await sweeping.sweep()
    assert.deepEqual(await sweeping.visitors(), [])
    sweeping.clock.advance(hour)
    await sweeping.sweep()
    assert.equal((await sweeping.visitors()).length, 1)
  })

  it('P7 reads later only what was modified lately', async context => {
    const sweeping = await startSweeping(context)
    const first = sweeping.clock.now()
    await sweeping.sweep()
    sweeping.clock.advance(hour)
    await sweeping.sweep()
    const asked = (await sweeping.searches())
      .filter(({ path }) => path.includes('contacts'))
      .map(({ body }) => Number(/"value":"(\d+)"/.exec(JSON.stringify(body))?.[1]))
    assert.equal(asked[0], 0)
    assert.ok((asked[1] ?? 0) >= first - hour / 4 && (asked[1] ?? 0) < first + hour / 2)
  })

  it('P7 reads all again when other properties are chosen, and tells those that have them', async context => {
    const sweeping = await startSweeping(context)
    await sweeping.create('contacts', { email: 'ada@example.com', country: 'UK' })
    await sweeping.sweep()
    sweeping.clock.advance(24 * hour)
    await sweeping.sweep()
    const properties = { ...mapping.properties, contacts: ['country'] }
    await sweeping.sweep({ properties })
    await sweeping.sweep({ properties })
    const traits = (await sweeping.visitors()).map(visitor => visitor.traits)
    assert.deepEqual(traits, [{ firstname: null, jobtitle: null, city: null }, { country: 'UK' }])
  })

  it('P7 makes one person of merged contacts, whose addresses the survivor has', async context => {
    const sweeping = await startSweeping(context)
    const ada = await sweeping.create('contacts', { email: 'ada@example.com' })
    const other = await sweeping.create('contacts', { email: 'lovelace@example.com' })
    await sweeping.ask('POST', '/crm/v3/objects/contacts/merge', { primaryObjectId: ada, objectIdToMerge: other })
    await sweeping.sweep()
    const claims = await sweeping.claims()
    const merged = claims.find(({ kind }) => kind === 'MERGE')
    const records = [ada, other].map(id => `hubspot:contact:${id}`)
    for (const record of records) assert.ok(merged?.aliases.includes(record), record)
    const seen = claims.find(({ kind }) => kind === 'SEEN')
    assert.deepEqual(seen?.aliases.slice(1).toSorted(), ['email:ada@example.com', 'email:lovelace@example.com'])
    assert.equal((await sweeping.visitors()).length, 1)
    assert.ok(merged?.aliases.includes((await peopleOf(sweeping))[0] ?? ''))
  })

  const createMany = async ({ ask }: Sweeping, count: number, prefix = 'p'): Promise<void> => {
    for (let at = 0; at < count; at += 100) {
      const numbers = Array.from({ length: Math.min(100, count - at) }, (_, index) => at + index)
      const inputs = numbers.map(number => ({
        ...{ associations: [], properties: { email: `${prefix}${number}@example.com`, city: 'Rome' } },
        objectWriteTraceId: String(number),
      }))
      await ask('POST', '/crm/v3/objects/contacts/batch/create', { inputs })
    }
  }
  const unlimited = { limits: { burst: 1_000_000, daily: 1_000_000 } }

  it('P7 reads thousands that were imported at one moment, within the searches that an account has', async context => {
    const sweeping = await startSweeping(context, unlimited)
    await createMany(sweeping, 1_050)
    sweeping.clock.advance(1_000)
    await sweeping.create('contacts', { email: 'last@example.com' })
    await sweeping.sweep()
    const people = await peopleOf(sweeping)
    assert.deepEqual([people.length, new Set(people).size], [1_051, 1_051])
    const refused = await sweeping.metrics.value('tributary_vendor_requests_total', { status: '429' })
    assert.equal(refused, 0)
    assert.equal(await sweeping.metrics.value('tributary_hubspot_sweep_left', { what: 'contacts' }), 0)
    assert.equal(await sweeping.metrics.value('tributary_hubspot_swept_total', { what: 'contacts' }), 1_051)
  })

  it('P7 shows how many records are left', async context => {
    const sweeping = await startSweeping(context, unlimited)
    for (const prefix of ['a', 'b', 'c']) {
      await createMany(sweeping, 100, prefix)
      sweeping.clock.advance(1_000)
    }
    const shown: unknown[] = []
    const reader = (own: HubSpotSweepReader, status: () => SweepStatus | undefined): HubSpotSweepReader => ({
      ...own,
      search: async (...given) => {
        // The first search may come before the test knows the sweep.
        await new Promise(setImmediate)
        shown.push(status()?.reason)
        return await own.search(...given)
      },
    })
    await sweeping.sweep({ reader })
    assert.ok(shown.includes('Reads contacts of HubSpot: 100 are left'), JSON.stringify(shown))
    assert.equal(shown.at(-1), undefined)
  })

  it('P7 goes on where it was when the process ended in the middle', async context => {
    const sweeping = await startSweeping(context, unlimited)
    for (let batch = 0; batch < 6; batch++) {
      await createMany(sweeping, 90, `b${batch}-`)
      sweeping.clock.advance(hour)
    }
    let searches = 0
    const gone = new HubSpotError('HUBSPOT_UNREACHABLE', 'gone')
    await sweeping.sweep({
      fails: true,
      reader: own => ({
        ...own,
        search: (...given) => (++searches > 2 ? Promise.reject(gone) : own.search(...given)),
      }),
    })
    const before = await peopleOf(sweeping)
    assert.ok(before.length > 90 && before.length < 540, `${before.length} were told`)
    const asked = (await sweeping.searches()).length
    await sweeping.sweep()
    const people = await peopleOf(sweeping)
    assert.deepEqual([people.length, new Set(people).size], [540, 540])
    const [next] = (await sweeping.searches()).slice(asked)
    assert.doesNotMatch(JSON.stringify(next?.body), /"value":"0"/)
  })

  it('P7 reads companies although contacts may not be read, and says which scope is missing', async context => {
    const sweeping = await startSweeping(context)
    const match = { method: 'POST', path: '/crm/v3/objects/contacts/search' }
    const answer = { status: 403, body: { category: 'MISSING_SCOPES' } }
    await sweeping.ask('POST', '/_sandbox/faults', { match, times: 1, answer })
    await sweeping.create('companies', { name: 'Acme' })
    await sweeping.create('contacts', { email: 'ada@example.com' })
    await sweeping.sweep({ fails: true })
    assert.deepEqual([(await sweeping.accounts()).length, (await sweeping.visitors()).length], [1, 0])
    assert.match(sweeping.lines.join(''), /HUBSPOT_SCOPES_MISSING.*crm\.objects\.contacts\.read/)
    assert.doesNotMatch(sweeping.lines.join(''), /example\.com/)
    await sweeping.sweep()
    assert.deepEqual([(await sweeping.accounts()).length, (await sweeping.visitors()).length], [1, 1])
  })

  it('P7 passes over a record that is larger than a topic takes, and tells the others', async context => {
    const sweeping = await startSweeping(context)
    const names = Array.from({ length: 20 }, (_, index) => `note_${index}`)
    for (const name of names) {
      const property = { name, label: name, groupName: 'contactinformation', type: 'string', fieldType: 'text' }
      await sweeping.ask('POST', '/crm/v3/properties/contacts', property)
    }
    const large = Object.fromEntries(names.map(name => [name, 'x'.repeat(65_000)]))
    await sweeping.create('contacts', { email: 'large@example.com', ...large })
    const small = await sweeping.create('contacts', { email: 'small@example.com', note_0: 'x' })
    await sweeping.sweep({ properties: { ...mapping.properties, contacts: names } })
    assert.deepEqual(await peopleOf(sweeping), [`hubspot:contact:${small}`])
    assert.equal(await sweeping.metrics.value('tributary_hubspot_swept_total', { what: 'too-large' }), 1)
  })

  it('P7 does not start with more properties than a search can ask for', async context => {
    const sweeping = await startSweeping(context)
    const contacts = Array.from({ length: 200 }, (_, index) => `a_property_${index}`)
    await assert.rejects(sweeping.sweep({ properties: { ...mapping.properties, contacts } }), {
      code: 'HUBSPOT_PROPERTIES_TOO_LONG',
    })
  })

  it('P7 tells once more, whole, what a webhook told in part', async context => {
    const sweeping = await startSweeping(context)
    const id = await sweeping.create('contacts', { email: 'ada@example.com', city: 'London', firstname: 'Ada' })
    const value = { objectId: Number(id), propertyName: 'city', propertyValue: 'London', subscriptionId: 1 }
    const item = { ...value, subscriptionType: 'contact.propertyChange', portalId: 1, eventId: 1, occurredAt: 1e12 }
    assert.equal((await sweeping.post([item])).status, 200)
    await sweeping.sweep()
    const traits = (await sweeping.visitors()).map(visitor => visitor.traits)
    assert.deepEqual(traits, [{ city: 'London' }, { firstname: 'Ada', jobtitle: null, city: 'London' }])
  })
})
