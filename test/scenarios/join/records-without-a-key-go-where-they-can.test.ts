/*
 * Guard: services/runtime/process/consumer-runtime.ts
 * -     if (record.key === null && this.table) {
 * +     if (false) {
 */
import assert from 'node:assert/strict'
import type { OutgoingRecord } from '../../../services/kafka/kafka.ts'
import { partitionFor } from '../../../services/kafka/publishing/partitioner.ts'
import {
  hubspotWrites,
  identityClaims,
  moves,
  participations,
  sharedPartitions,
  webinars,
} from '../../../topology/topics.ts'
import { registered } from '../../webinars/events.ts'
import type { Cluster } from '../cluster.ts'
import { append, contactServices, lettersIn, openSharedSystem, untilContactsAreQuiet } from '../contact-services.ts'
import { startHere } from '../here.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'
import { recordsOf } from '../traffic.ts'

scenario(
  {
    id: '27',
    sentence:
      'a record without a key is handled where none is needed and set aside where it is, and what is behind it goes on',
    faults: 'records without a key, with and without a value, on every topic that takes them',
  },
  async context => {
    const { settings, cluster, hubspot } = await openSharedSystem(context)
    const { fatal } = await startHere(context, contactServices, settings)
    await publishTraffic(cluster, [registration('ada')])
    await untilContactsAreQuiet(cluster)
    const writes = (await hubspot.writes()).length

    const [claim, event] = recordsOf(cluster.codec, [registration('keyless')])
    const keyless: readonly OutgoingRecord[] = [
      { topic: identityClaims.name, partition: 0, key: null, value: claim?.value ?? null },
      { topic: identityClaims.name, partition: 0, key: null, value: null },
      { topic: webinars.name, partition: 0, key: null, value: event?.value ?? null },
      { topic: webinars.name, partition: 1, key: null, value: null },
      { topic: participations.name, partition: 2, key: null, value: await someValue(cluster, participations.name) },
      { topic: hubspotWrites.name, partition: 0, key: null, value: await someValue(cluster, hubspotWrites.name) },
      { topic: moves.name, partition: 3, key: null, value: Buffer.from('no row of ours') },
      {
        ...{ topic: moves.name, partition: 3, key: null, value: Buffer.from('as though it was ours') },
        headers: { 'move.consumer': 'webinar-contact', 'move.from': 'somebody' },
      },
    ]
    await append(cluster, keyless)
    const behind = [0, 1, 2, 3].map(partition => registration(`behind-${partition}`, numberIn(partition)))
    await publishTraffic(cluster, behind)
    await untilContactsAreQuiet(cluster)

    const letters = (await lettersIn(cluster)).map(({ service, code }) => `${service} ${code}`)
    assert.deepEqual(letters.toSorted(), [
      'identity-resolver UNDECODABLE',
      'webinar-attendance KEY_MISSING',
      'webinar-attendance VALUE_MISSING',
      'webinar-contact KEY_MISSING',
      'webinar-contact KEY_MISSING',
      'webinar-registrations VALUE_MISSING',
    ])
    const created = (await hubspot.writes()).slice(writes).filter(({ operation }) => operation === 'create')
    assert.deepEqual(
      created.map(({ properties }) => properties['email']).toSorted(),
      ['behind-0', 'behind-1', 'behind-2', 'behind-3', 'keyless'].map(name => `${name}@example.com`),
    )
    assert.deepEqual(fatal, [])
    const contacts = (await hubspot.contacts()).length
    return { events: keyless.length + behind.length + 1, lost: 6 - contacts, duplicated: contacts - 6 }
  },
)

const registration = (name: string, number = numberIn(0)) =>
  registered([`zoom:registrant:${name}`, `email:${name}@example.com`], { number })

const numberIn = (partition: number): string => {
  for (let number = 70_000_000_000; ; number++)
    if (partitionFor(String(number), sharedPartitions) === partition) return String(number)
}

const someValue = async (cluster: Cluster, topic: string): Promise<Buffer | null> =>
  (await cluster.records(topic)).find(({ value }) => value !== null)?.value ?? null
