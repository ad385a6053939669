/*
 * Guard: services/identity/resolver-task.ts
 * -     this.#askToForget(this.#surroundings.table.removed())
 * +
 */
import assert from 'node:assert/strict'
import { identities, identityClaims } from '../../../topology/topics.ts'
import { ended, joined, left, registered, started } from '../../webinars/events.ts'
import type { Cluster } from '../cluster.ts'
import { append, contactServices, lettersIn, openSharedSystem, untilContactsAreQuiet } from '../contact-services.ts'
import { eventually } from '../eventually.ts'
import { startHere } from '../here.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'
import { rowsWith, tracesOf } from '../traces.ts'

const ada = ['zoom:registrant:r-ada', 'email:ada@example.com'] as const
const grace = ['zoom:registrant:r-grace', 'email:grace@example.com'] as const

scenario(
  {
    id: '29',
    sentence:
      'a null record in the topic of identities forgets its person: no row, no later write, also after a restart',
    faults:
      'a tombstone that somebody else writes to identities, while events of the person come before and after a restart',
  },
  async context => {
    const { settings, cluster, hubspot } = await openSharedSystem(context)
    await startHere(context, ['sandbox-hubspot'], settings)
    const names = contactServices.filter(name => name !== 'sandbox-hubspot')
    const services = await startHere(context, names, settings)
    const before = [registered(ada), registered(grace), started(), joined(ada, 'a1', 1)]
    await publishTraffic(cluster, before)
    await untilContactsAreQuiet(cluster)
    const who = { email: 'ada@example.com', registrantId: 'r-ada', lastName: 'r-ada' }
    const traces = await tracesOf(who, cluster, hubspot)
    assert.ok((await rowsWith(cluster, traces)).length > 0)

    await append(cluster, [{ topic: identities.name, partition: 0, key: ada[1], value: null }])
    await eventually(async () => assert.deepEqual(await rowsWith(cluster, traces), []))
    assert.equal(await erasuresIn(cluster), 1)
    const forgotten = await hubspot.contact('ada@example.com')
    const writes = async (): Promise<number> => (await hubspot.writes()).filter(({ id }) => id === forgotten?.id).length
    const written = await writes()

    const later = [left(ada, 'a1', 20), joined(ada, 'a2', 25), joined(grace, 'g1', 30), registered(ada)]
    await publishTraffic(cluster, later)
    await untilContactsAreQuiet(cluster)
    await services.close()
    const again = await startHere(context, names, settings)
    const last = [left(ada, 'a2', 40), registered(ada, { number: '93498765433' }), left(grace, 'g1', 50), ended()]
    await publishTraffic(cluster, last)
    await untilContactsAreQuiet(cluster)

    assert.deepEqual(await rowsWith(cluster, traces), [])
    assert.deepEqual(await hubspot.contact('ada@example.com'), forgotten)
    const other = (await hubspot.contact('grace@example.com'))?.properties ?? {}
    assert.equal(other['zoom_webinar_last_attended_minutes'], '20')
    assert.deepEqual(await lettersIn(cluster), [])
    assert.deepEqual([...services.fatal, ...again.fatal], [])
    const duplicated = (await writes()) - written
    assert.equal(duplicated, 0)
    return { events: before.length + later.length + last.length + 1, lost: 0, duplicated }
  },
)

const erasuresIn = async (cluster: Cluster): Promise<number> => {
  const claims = (await cluster.records(identityClaims.name)).flatMap(({ value }) => (value === null ? [] : [value]))
  return claims.filter(value => cluster.codec.decode(identityClaims, value).kind === 'ERASE').length
}
