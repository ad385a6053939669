/*
 * Guard: services/kafka/reading/fetcher.ts
 * -       this.fail(cursor, outOfRange(topic, partition, cursor.position))
 * +       cursor.position = fetched.stable
 */
import assert from 'node:assert/strict'
import { webinars } from '../../../topology/topics.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { brokerPowers } from '../broker-powers.ts'
import { launchServices } from '../program.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'
import { openSystem } from '../system.ts'
import { makeTraffic } from '../traffic.ts'
import { within } from '../within.ts'

const END_PATIENCE_MS = 60_000

scenario(
  {
    id: '16',
    sentence: 'a service whose next records were deleted unread ends with a clear message and skips nothing',
    faults: 'retention that overtakes a consumer group',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const system = await openSystem(context, cluster)
    const powers = brokerPowers(cluster.brokers)
    const topic = system.settings['TOPIC_PREFIX'] + webinars.name
    const group = `${system.settings['TOPIC_PREFIX']}webinar-registrations`
    const { events } = makeTraffic({ webinars: 4, people: 5 })
    await publishTraffic(system.cluster, events)
    const ends = (await system.cluster.kafka.topics.offsets(webinars.name)).map(({ stable }) => stable)
    const partition = ends.indexOf(Math.max(...ends))
    await powers.moveGroup(group, topic, [0, 0, 0, 0])
    await powers.removeBefore(topic, partition, 3)

    const service = launchServices(context, ['webinar-registrations'], system.settings)
    const code = await within(END_PATIENCE_MS, 'the service has ended', service.ended)
    assert.equal(code, 1)
    assert.match(
      service.stderr(),
      new RegExp(`offset 0 of webinars, partition ${partition}, to be kept.*Nothing was skipped`),
    )
    const stands = await powers.groupStands(group, topic)
    assert.equal(stands[partition], 0, 'the group stands where it stood')
    return { events: events.length, lost: 0, duplicated: 0 }
  },
)
