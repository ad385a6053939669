import assert from 'node:assert/strict'
import type { Identity, IdentityClaim, SinkWrite } from '../../schemas/generated.ts'
import { hubspotContact } from '../../services/sinks/hubspot/objects.ts'
import { salesforceTask } from '../../services/sinks/salesforce/objects.ts'
import { identities, identityClaims, receipts } from '../../topology/topics.ts'
import type { Cluster } from './cluster.ts'
import { eventually } from './eventually.ts'

const CLAIMED_AT = Date.UTC(2026, 8, 1, 8)

/** Claims these addresses, each of somebody else, and gives the ids that the resolver gave them, in the same order. */
export const knowPeople = async (
  { kafka, codec, rows }: Pick<Cluster, 'kafka' | 'codec' | 'rows'>,
  addresses: readonly string[],
): Promise<readonly string[]> => {
  const publisher = await kafka.publisher('people')
  await publisher.publish(
    addresses.map(address => {
      const value = codec.encode(identityClaims, claimOf(`email:${address}`))
      return { topic: identityClaims.name, partition: 0, key: `email:${address}`, value }
    }),
  )
  await publisher.close()
  return await eventually(async () => {
    const known: ReadonlyMap<string, Identity> = await rows(identities)
    return addresses.map(address => {
      const person = known.get(`email:${address}`)?.person
      assert.ok(person, 'the resolver has not settled all claims')
      return person
    })
  })
}

const claimOf = (alias: string): IdentityClaim => ({
  ...{ id: `claim:${alias}`, time: CLAIMED_AT, kind: 'SEEN', aliases: [alias], attributes: {}, source: 'scenario' },
})

/** So many addresses. */
export const addressesOf = (count: number, name = 'person'): readonly string[] =>
  Array.from({ length: count }, (_, number) => `${name}${number}@sinks.example.com`)

/** Tells HubSpot how many webinars a person attended; the count is the write's version too. */
export const countOf = (person: string, count: number): SinkWrite => ({
  ...written(hubspotContact, person, count),
  fields: { zoom_webinar_attendance_count: count, zoom_webinar_last_status: 'attended' },
  createIfMissing: true,
  fieldsOnCreate: { tributary_source: 'zoom' },
})

/** A person's task of a webinar; the description says which version it is. */
export const taskOf = (person: string, version: number, key = `attended:${person}`): SinkWrite => ({
  ...written(salesforceTask, person, version),
  fields: {
    ...{ Subject: 'Attended: Product webinar', Status: 'Completed', ActivityDate: '2026-09-01' },
    Description: `version ${version}`,
  },
  key,
})

const written = (
  { destination, object }: { readonly destination: string; readonly object: string },
  person: string,
  revision: number,
): SinkWrite => {
  const eventId = `${destination}:${person}:${revision}`
  const time = CLAIMED_AT + revision
  return {
    ...{ id: `scenario:${eventId}`, operation: 'SET', destination, object, person, fields: {} },
    ...{ createIfMissing: false, fieldsOnCreate: {}, shared: false, once: null, key: null, at: null },
    version: { revision, time, eventId },
    cause: { consumer: 'scenario', eventId, occurredAt: time, receivedAt: time },
  }
}

/** What became of each write, by its id: the outcome, with its code if it has one. */
export const outcomesOf = async ({ records, codec }: Cluster): Promise<ReadonlyMap<string, string>> => {
  const told = (await records(receipts.name)).flatMap(({ value }) => value ?? [])
  await codec.prepare(told)
  return new Map(
    told.map(value => {
      const { writeId, outcome, code } = codec.decode(receipts, value)
      return [writeId, code === null ? outcome : `${outcome} ${code}`]
    }),
  )
}

/** Resolves when these sinks are done with every write. */
export const delivered = (cluster: Cluster, ...sinks: readonly string[]): Promise<void> =>
  eventually(async () => {
    for (const sink of sinks) assert.equal(await cluster.waitingFor(sink), 0, `writes wait for ${sink}`)
  })
