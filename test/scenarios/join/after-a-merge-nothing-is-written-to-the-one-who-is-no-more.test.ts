/*
 * Guard: services/runtime/process/intake.ts
 * -     return this.#runtime.consumer.keepsPerPerson !== undefined && person.id !== record.key?.toString()
 * +     return false
 */
import assert from 'node:assert/strict'
import { hubspotWrites, identities, identityClaims, webinarHistories } from '../../../topology/topics.ts'
import { joined, left, registered, started } from '../../webinars/events.ts'
import type { Cluster } from '../cluster.ts'
import { append, lettersIn, openSharedSystem, untilContactsAreQuiet } from '../contact-services.ts'
import { eventually } from '../eventually.ts'
import { startHere } from '../here.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'

const survivor = ['zoom:registrant:first', 'email:first@example.com'] as const
const merged = ['zoom:registrant:second', 'email:second@example.com'] as const

scenario(
  {
    id: '32',
    sentence: 'events and writes that are on their way when two people turn out to be one reach the survivor alone',
    faults:
      'a merge while writes wait for the sink and participations for their consumer, both under the id that is no more',
  },
  async context => {
    const { settings, cluster, hubspot } = await openSharedSystem(context)
    const upstream = ['sandbox-hubspot', 'identity-resolver', 'webinar-registrations', 'webinar-attendance']
    const services = await startHere(context, upstream, settings)
    const contact = await startHere(context, ['webinar-contact'], settings)
    const sink = await startHere(context, ['hubspot'], settings)
    await publishTraffic(cluster, [registered(survivor), registered(merged, { minute: -900 }), started()])
    await untilContactsAreQuiet(cluster)
    const ids = { survivor: await personOf(cluster, survivor[1]), dead: await personOf(cluster, merged[1]) }
    const dead = await hubspot.contact('second@example.com')
    assert.notEqual(ids.dead, ids.survivor)

    await sink.close()
    await publishTraffic(cluster, [joined(merged, 's1', 1)])
    await eventually(async () => assert.ok((await cluster.waitingFor('hubspot')) > 0, 'writes wait for the sink'))
    await contact.close()
    await publishTraffic(cluster, [left(merged, 's1', 20)])
    await eventually(async () => assert.ok((await cluster.waitingFor('webinar-contact')) > 0, 'a participation waits'))
    await append(cluster, [mergeClaim(cluster)])
    await eventually(async () =>
      assert.equal((await cluster.rows(identities)).get(`person:${ids.dead}`)?.person, ids.survivor),
    )
    const cut = { applied: (await hubspot.writes()).length, asked: (await cluster.records(hubspotWrites.name)).length }

    const again = await startHere(context, ['webinar-contact', 'hubspot'], settings)
    await publishTraffic(cluster, [joined(merged, 's2', 30)])
    await untilContactsAreQuiet(cluster)
    const after = (await hubspot.writes()).slice(cut.applied)
    const toTheDead = after.filter(({ id }) => id === dead?.id).length
    assert.equal(toTheDead, 0)
    const asked = (await cluster.records(hubspotWrites.name)).slice(cut.asked)
    assert.deepEqual(
      asked.filter(({ key }) => key?.toString() === ids.dead),
      [],
    )
    const { properties = {} } = (await hubspot.contact('first@example.com')) ?? {}
    assert.equal(properties['zoom_webinar_registration_count'], '1')
    assert.equal(properties['zoom_webinar_attendance_count'], '1')
    assert.equal(properties['zoom_webinar_last_attended_minutes'], '19')
    assert.equal(properties['zoom_webinar_last_status'], 'attending')
    assert.deepEqual([...(await cluster.rows(webinarHistories)).keys()], [ids.survivor])
    assert.deepEqual(await lettersIn(cluster), [])
    assert.deepEqual([...services.fatal, ...again.fatal], [])
    return { events: 6, lost: 0, duplicated: toTheDead }
  },
)

const personOf = async (cluster: Cluster, alias: string): Promise<string> =>
  (await cluster.rows(identities)).get(alias)?.person ?? ''

/** Somebody else says that both addresses are one person's. */
const mergeClaim = ({ codec }: Cluster) => ({
  ...{ topic: identityClaims.name, partition: 0, key: survivor[1] },
  value: codec.encode(identityClaims, {
    ...{ id: 'merge', time: Date.UTC(2026, 9, 14, 9, 30), kind: 'SEEN', source: 'crm' },
    ...{ aliases: [survivor[1], merged[1]], attributes: {} },
  }),
})
