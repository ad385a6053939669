/*
 * Guard: services/runtime/process/intake.ts
 * -     step.records.push(parkedRecord)
 * +     void parkedRecord
 */
import assert from 'node:assert/strict'
import { parked, participations, webinars } from '../../../topology/topics.ts'
import { ended, joined, left, registered, started } from '../../webinars/events.ts'
import type { Cluster } from '../cluster.ts'
import { append, contactServices, lettersIn, openSharedSystem, untilContactsAreQuiet } from '../contact-services.ts'
import { eventually } from '../eventually.ts'
import { startHere } from '../here.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'

const PEOPLE = ['ada', 'grace', 'mary', 'emmy']
const CONSUMERS = ['webinar-registrations', 'webinar-attendance']

scenario(
  {
    id: '28',
    sentence:
      'an event that comes before its person waits for them, or is set aside after PARK_LIMIT: one outcome each',
    faults: 'no identity resolver while events come, each of them twice, and an event of somebody who is never known',
  },
  async context => {
    const { settings, cluster, hubspot } = await openSharedSystem(context)
    const early = contactServices.filter(name => !['identity-resolver', 'webinar-contact'].includes(name))
    const first = await startHere(context, early, settings)
    const contact = await startHere(context, ['webinar-contact'], settings)
    const ofPeople = PEOPLE.flatMap(name => {
      const aliases = [`zoom:registrant:${name}`, `email:${name}@example.com`] as const
      return [registered(aliases), joined(aliases, name, 1), left(aliases, name, 31)]
    })
    const events = [started(), ...ofPeople, ...ofPeople, ended()]
    await publishTraffic(cluster, events)
    await eventually(() => haveTakenAll(cluster))
    assert.equal((await waiting(cluster)).length, ofPeople.length * CONSUMERS.length, 'each waits once')
    assert.equal((await hubspot.contacts()).length, 0)

    const resolver = await startHere(context, ['identity-resolver'], settings)
    await untilContactsAreQuiet(cluster)
    const created = (await hubspot.writes()).filter(({ operation }) => operation === 'create')
    assert.equal(created.length, PEOPLE.length)
    for (const { properties } of await hubspot.contacts()) {
      assert.equal(properties['zoom_webinar_attendance_count'], '1')
      assert.equal(properties['zoom_webinar_last_attended_minutes'], '30')
      assert.equal(properties['zoom_webinar_last_status'], 'attended')
    }
    assert.deepEqual(await lettersIn(cluster), [])

    await contact.close()
    const late = await startHere(context, ['webinar-contact'], { ...settings, PARK_LIMIT: '1s' })
    const value = (await cluster.records(participations.name))[0]?.value ?? null
    const ofNobody = { topic: participations.name, key: 'f'.repeat(32), value }
    await append(cluster, [ofNobody, ofNobody])
    await eventually(async () => assert.ok((await lettersIn(cluster)).length > 0))
    await untilContactsAreQuiet(cluster)
    const letters = await lettersIn(cluster)
    assert.deepEqual(
      letters.map(letter => ({ ...letter, message: '', key: letter.key?.toString() })),
      [{ service: 'webinar-contact', code: 'PARK_LIMIT', message: '', key: ofNobody.key, value, headers: {} }],
    )
    assert.deepEqual([...first.fatal, ...resolver.fatal, ...late.fatal], [])
    return { events: events.length + 2, lost: 0, duplicated: created.length - PEOPLE.length + letters.length - 1 }
  },
)

const haveTakenAll = async (cluster: Cluster): Promise<void> => {
  const total = (await cluster.records(webinars.name)).length
  for (const consumer of CONSUMERS) assert.equal(await cluster.handledBy(consumer), total, consumer)
}

/** Keys of what is parked. */
const waiting = async (cluster: Cluster): Promise<readonly string[]> =>
  [...(await cluster.latest(parked.name))].filter(([, { value }]) => value !== null).map(([key]) => key)
