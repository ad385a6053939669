/*
 * Guard: services/runtime/codec.ts
 * -  || (this.#unknownUntil.get(id) ?? 0) > this.#clock.now()) continue
 * + ) continue
 */
import assert from 'node:assert/strict'
import type { OutgoingRecord } from '../../../services/kafka/kafka.ts'
import { sharedPartitions, webinars } from '../../../topology/topics.ts'
import { framed } from '../../runtime/codec-under-test.ts'
import { registered } from '../../webinars/events.ts'
import { append, contactServices, lettersIn, openSharedSystem, untilContactsAreQuiet } from '../contact-services.ts'
import { eventually } from '../eventually.ts'
import { startHere } from '../here.ts'
import { publishTraffic } from '../publishing.ts'
import { openRegistryGate } from '../registry-gate.ts'
import { scenario } from '../scenario.ts'

const UNKNOWN_ID = 2_000_000_001
const ROUNDS = 5
const READERS = ['webinar-attendance', 'webinar-registrations']
/** services/runtime/codec.ts: asked for so often, then not for so long. */
const CHECKS = 3
const UNKNOWN_FOR_MS = 60_000

scenario(
  {
    id: '22',
    sentence:
      'records of a schema that the registry does not have are set aside after a few questions, which are not repeated',
    faults: 'records with a schema id that was never registered, in every partition, again and again',
  },
  async context => {
    const { settings, cluster, hubspot, registryUrl } = await openSharedSystem(context)
    const gate = await openRegistryGate(context, registryUrl)
    const { fatal } = await startHere(context, contactServices, { ...settings, SCHEMA_REGISTRY_URL: gate.url })
    const beganAt = performance.now()
    const foreign: OutgoingRecord[] = []
    for (let round = 0; round < ROUNDS; round++) {
      const records = Array.from({ length: sharedPartitions }, (_, partition) => foreignRecord(partition, round))
      foreign.push(...records)
      await append(cluster, records)
      await publishTraffic(cluster, [
        registered([`zoom:registrant:person${round}`, `email:person${round}@example.com`]),
      ])
      const expected = foreign.length * READERS.length
      await eventually(async () => assert.equal((await lettersIn(cluster)).length, expected))
    }
    await untilContactsAreQuiet(cluster)

    const letters = await lettersIn(cluster)
    const found = letters.map(({ service, code, value }) => `${service} ${code} ${value?.toString('hex')}`)
    const wanted = READERS.flatMap(service =>
      foreign.map(({ value }) => `${service} SCHEMA_UNKNOWN ${value?.toString('hex')}`),
    )
    assert.deepEqual(found.toSorted(), wanted.toSorted())
    const questions = gate.asked.filter(line => line.startsWith(`GET /schemas/ids/${UNKNOWN_ID}`)).length
    const spells = 1 + Math.floor((performance.now() - beganAt) / UNKNOWN_FOR_MS)
    assert.ok(questions >= CHECKS && questions <= CHECKS * spells, `${questions} questions in ${spells} spells`)
    assert.equal((await hubspot.contacts()).length, ROUNDS)
    assert.deepEqual(fatal, [])
    return { events: foreign.length + ROUNDS, lost: 0, duplicated: letters.length - wanted.length }
  },
)

const foreignRecord = (partition: number, round: number): OutgoingRecord => ({
  ...{ topic: webinars.name, partition, key: `foreign-${partition}` },
  value: framed(UNKNOWN_ID, Buffer.from(`round ${round} partition ${partition}`)),
})
