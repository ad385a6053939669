/*
 * Guard: services/runtime/codec.ts
 * -       const schema = await this.#registry.schema(id)
 * +       const schema = await this.#registry.schema(id).catch(() => undefined)
 */
import assert from 'node:assert/strict'
import type { Webinar } from '../../../schemas/generated.ts'
import { partitionFor } from '../../../services/kafka/publishing/partitioner.ts'
import { sharedPartitions, webinars } from '../../../topology/topics.ts'
import { registered } from '../../webinars/events.ts'
import { append, contactServices, lettersIn, openSharedSystem, untilContactsAreQuiet } from '../contact-services.ts'
import { eventually } from '../eventually.ts'
import { startHere } from '../here.ts'
import { newerWriter } from '../newer-schema.ts'
import { publishTraffic } from '../publishing.ts'
import { openRegistryGate } from '../registry-gate.ts'
import type { EmulatedHubSpot } from '../sandboxes.ts'
import { scenario } from '../scenario.ts'
import { recordsOf } from '../traffic.ts'

scenario(
  {
    id: '21',
    sentence: 'without a registry what is known goes on, and only the partition of a new schema waits until it is back',
    faults:
      'the schema registry takes no connections, then a load balancer answers 404 in its place, while a newer version is written',
  },
  async context => {
    const { settings, cluster, hubspot, registryUrl } = await openSharedSystem(context)
    const gate = await openRegistryGate(context, registryUrl)
    const { fatal } = await startHere(context, contactServices, { ...settings, SCHEMA_REGISTRY_URL: gate.url })
    const newer = await newerWriter(registryUrl, settings, webinars, fields => [
      ...fields,
      { name: 'language', type: ['null', 'string'], default: null },
    ])
    await gate.set('away')

    await publishTraffic(
      cluster,
      [...numbers.values()].map((number, n) => registration(`known-${n}`, number)),
    )
    await eventually(() => haveContacts(hubspot, 'known-0', 'known-1', 'known-2', 'known-3'))

    const first = registration('newer', numberIn(0))
    await append(cluster, [
      ...recordsOf(cluster.codec, [first]).filter(({ topic }) => topic !== webinars.name),
      { topic: webinars.name, key: first.number, value: newer({ ...first, language: 'de' }) },
    ])
    await publishTraffic(cluster, [registration('behind', numberIn(0))])
    const others = [1, 2, 3].map(partition => registration(`beside-${partition}`, numberIn(partition)))
    await publishTraffic(cluster, others)
    await eventually(() => haveContacts(hubspot, 'beside-1', 'beside-2', 'beside-3'))
    await gate.set('unavailable')
    const askedBefore = gate.asked.length
    await eventually(() => assert.ok(gate.asked.length > askedBefore + 1, 'the partition is tried again'))
    assert.equal(await hubspot.contact(addressOf('newer')), undefined)
    assert.equal(await hubspot.contact(addressOf('behind')), undefined)
    assert.deepEqual(await lettersIn(cluster), [])

    const backAt = performance.now()
    await gate.set('open')
    await eventually(() => haveContacts(hubspot, 'newer', 'behind'))
    const recoverySeconds = (performance.now() - backAt) / 1_000
    await untilContactsAreQuiet(cluster)
    assert.deepEqual(await lettersIn(cluster), [])
    assert.deepEqual(fatal, [])
    const created = (await hubspot.writes()).filter(({ operation }) => operation === 'create').length
    assert.equal(created, 9)
    return { events: 9, lost: 9 - (await hubspot.contacts()).length, duplicated: created - 9, recoverySeconds }
  },
)

/** A webinar number in each partition. */
const numbers = new Map<number, string>()
for (let number = 70_000_000_000; numbers.size < sharedPartitions; number++) {
  const partition = partitionFor(String(number), sharedPartitions)
  if (!numbers.has(partition)) numbers.set(partition, String(number))
}
const numberIn = (partition: number): string => numbers.get(partition) ?? ''

const addressOf = (name: string): string => `${name}@example.com`

const registration = (name: string, number: string): Webinar =>
  registered([`zoom:registrant:${name}`, `email:${addressOf(name)}`], { number })

const haveContacts = async (hubspot: EmulatedHubSpot, ...names: readonly string[]): Promise<void> => {
  const addresses = new Set((await hubspot.contacts()).map(({ properties }) => properties['email']))
  assert.deepEqual(
    names.filter(name => !addresses.has(addressOf(name))),
    [],
  )
}
