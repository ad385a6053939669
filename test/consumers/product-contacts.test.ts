import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import productContacts, { productContactsBy } from '../../services/consumers/product-contacts.ts'
import type { Person } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { hubspotWrites, tracks } from '../../topology/topics.ts'
import { productEvent, selecting } from '../product-events/events.ts'
import { startTestSystem, type TestSystem } from '../system.ts'
import { ada, drive, writesTo } from './drive.ts'
import { checkLaws } from './laws.ts'

const address = 'user:Ada@Example.com'
const cases: {
  name: string
  createContacts: boolean
  person: string
  known?: Partial<Person>
  creates: boolean | null
}[] = [
  { name: 'is looked up', createContacts: false, person: 'user:42', creates: false },
  { name: 'is not made without being told to', createContacts: false, person: address, creates: false },
  { name: 'is not made when the visitor id is no address', createContacts: true, person: 'user:42', creates: false },
  { name: 'is not made for a browser', createContacts: true, person: 'anonymous:ada@example.com', creates: false },
  {
    name: 'is made when told to and the visitor id is an address',
    createContacts: true,
    person: address,
    creates: true,
  },
  {
    name: 'is left alone when the contact is known',
    createContacts: true,
    person: address,
    known: { aliases: ['user:42', 'hubspot:contact:501'] },
    creates: null,
  },
]

describe('product-contacts', () => {
  for (const { name, createContacts, person, known = {}, creates } of cases) {
    it(`P3 who uses the product ${name}`, () => {
      const consumer = productContactsBy(selecting({ createContacts }))
      const outputs = drive(consumer).when(productEvent({ person }), { ...ada, ...known })
      const writes = writesTo(outputs, 'hubspot:contact')
      assert.deepEqual(
        writes.map(({ createIfMissing, fields, fieldsOnCreate }) => ({ createIfMissing, fields, fieldsOnCreate })),
        creates === null
          ? []
          : [{ createIfMissing: creates, fields: {}, fieldsOnCreate: creates ? { tributary_source: 'pendo' } : {} }],
      )
    })
  }
})

describe('who uses the product', () => {
  let system: TestSystem
  afterEach(() => system.close())

  it('P3 is looked up as soon as an address of theirs is known', async () => {
    system = await startTestSystem({ ...pipeline, consumers: [productContactsBy(selecting())] })
    await system.given(tracks, productEvent())
    await system.person('user:42')
    assert.deepEqual(await system.values(hubspotWrites), [])
    await system.claim({ aliases: ['user:42', 'email:ada@example.com'] })
    assert.equal((await system.values(hubspotWrites)).length, 1)
  })
})

const withAddress = (user: string) => ({ person: user, aliases: [user, `email:${user.slice(5)}@example.com`] })
checkLaws(productContacts, [productEvent(withAddress('user:ada')), productEvent(withAddress('user:grace'))])
