/*
 * Guard: services/runtime/codec.ts
 * -     return avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: true })
 * +     return avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: false })
 * Guard: services/runtime/avro-bounds.ts
 * -     if (!isExact(value)) throw new Error('potential precision loss')
 * +
 */
import assert from 'node:assert/strict'
import { SchemaRegistry as ConfluentClient } from '@kafkajs/confluent-schema-registry'
import avsc from 'avsc'
import type { IdentityClaim } from '../../../schemas/generated.ts'
import type { AvroTopic } from '../../../services/runtime/codec.ts'
import { hubspotWrites, identities, identityClaims, participations, webinars } from '../../../topology/topics.ts'
import { atMinute, joined, registered, webinarNumber } from '../../webinars/events.ts'
import { append, contactServices, lettersIn, openSharedSystem, untilContactsAreQuiet } from '../contact-services.ts'
import { startHere } from '../here.ts'
import { newerWriter, withTypes } from '../newer-schema.ts'
import { scenario } from '../scenario.ts'

const timestamp = { type: 'long', logicalType: 'timestamp-millis' }
const ada = ['zoom:registrant:ada', 'email:ada@example.com'] as const

scenario(
  {
    id: '25',
    sentence:
      'records of a newer schema have the same values for us as for their writer, and what cannot be read exactly is set aside',
    faults: 'newer versions with more types in unions, new decimal and timestamp fields, and whole numbers beyond 2^53',
  },
  async context => {
    const { settings, cluster, hubspot, registryUrl } = await openSharedSystem(context)
    const { fatal } = await startHere(context, contactServices, settings)
    const webinar = await newerWriter(registryUrl, settings, webinars, fields => [
      ...withTypes(fields, {
        firstName: ['null', 'string', 'bytes'],
        topic: ['string', 'null'],
        joinedAt: ['null', 'int', timestamp],
      }),
      {
        name: 'fee',
        type: ['null', { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 }],
        default: null,
      },
      { name: 'checkedAt', type: { type: 'long', logicalType: 'timestamp-micros' }, default: 0 },
      { name: 'serial', type: 'long', default: 0 },
    ])
    const claim = await newerWriter(registryUrl, settings, identityClaims, fields =>
      withTypes(fields, {
        attributes: { type: 'map', values: ['null', 'boolean', 'int', 'long', 'double', 'string'] },
      }),
    )
    const newFields = { fee: Buffer.of(0x30, 0x39), checkedAt: 1_791_968_400_000_000, serial: PLACE.value }
    const registration = registered(ada)
    const join = joined(ada, 's1', 1)
    const records = [
      {
        ...registration,
        ...newFields,
        registrant: { ...registration.registrant, firstName: Buffer.from('Adaläide') },
      },
      { ...join, ...newFields, participant: { ...join.participant, joinedAt: { long: atMinute(1) } } },
    ].map(value => withHuge(webinar(value)))
    const inexact = withHuge(webinar({ ...registration, ...newFields, serial: 1, receivedAt: PLACE.value }))
    await append(cluster, [
      { topic: identityClaims.name, partition: 0, key: ada[0], value: claim({ ...adaClaim, attributes: ATTRIBUTES }) },
      ...[...records, inexact].map(value => ({ topic: webinars.name, key: webinarNumber, value })),
    ])
    await untilContactsAreQuiet(cluster)

    const { properties = {} } = (await hubspot.contact('ada@example.com')) ?? {}
    assert.equal(properties['firstname'], 'Adaläide')
    assert.equal(properties['zoom_webinar_last_attended'], registration.topic)
    assert.equal(Date.parse(properties['zoom_webinar_last_joined_at'] ?? ''), atMinute(1))
    assert.deepEqual(await attributesOf(cluster), { seats: 12, visits: 2 ** 40, share: 0.5, plan: 'pro', trial: false })
    const letters = await lettersIn(cluster)
    for (const { code, message, value } of letters) {
      assert.equal(code, 'UNDECODABLE')
      assert.match(message, /a whole number beyond 2\^52/)
      assert.deepEqual(value, inexact)
    }
    assert.equal(letters.length, 2, 'once for each consumer')
    await readsAlike(cluster, registryUrl)
    assert.deepEqual(fatal, [])
    return { events: records.length + 2, lost: 0, duplicated: (await hubspot.contacts()).length - 1 }
  },
)

type SharedCluster = Awaited<ReturnType<typeof openSharedSystem>>['cluster']

const adaClaim: Omit<IdentityClaim, 'attributes'> = {
  ...{ id: 'claim-ada', time: atMinute(-1_000), kind: 'SEEN', aliases: [...ada], source: 'newer' },
}
const ATTRIBUTES = {
  seats: { int: 12 },
  visits: { long: 2 ** 40 },
  share: { double: 0.5 },
  plan: { string: 'pro' },
  trial: { boolean: false },
}

/** Stands where the huge number goes, which avsc itself cannot write. */
const PLACE = { value: 2 ** 51 + 12_345, bytes: avsc.Type.forSchema('long').toBuffer(2 ** 51 + 12_345) }
/** 2^62 as Avro writes it. */
const HUGE = Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01])

const withHuge = (record: Buffer): Buffer => {
  const at = record.indexOf(PLACE.bytes)
  assert.ok(at > 0)
  return Buffer.concat([record.subarray(0, at), HUGE, record.subarray(at + PLACE.bytes.length)])
}

const attributesOf = async (cluster: SharedCluster): Promise<Readonly<Record<string, unknown>>> => {
  const person = [...(await cluster.rows(identities)).values()].find(({ kind }) => kind === 'PERSON')
  return Object.fromEntries(Object.entries(person?.attributes ?? {}).map(([name, { value }]) => [name, value]))
}

/** What we wrote has the same values for the client that everybody uses. */
const readsAlike = async (cluster: SharedCluster, registryUrl: string): Promise<void> => {
  const client = new ConfluentClient({ host: registryUrl })
  for (const topic of [participations, hubspotWrites]) {
    const values = (await cluster.records(topic.name)).flatMap(({ value }) => (value === null ? [] : [value]))
    assert.ok(values.length > 0)
    for (const value of values) {
      const theirs: unknown = await client.decode(value)
      assert.deepEqual(
        plain(theirs),
        plain(cluster.codec.decode<unknown>(topic as AvroTopic<unknown>, value)),
        topic.name,
      )
    }
  }
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value))
