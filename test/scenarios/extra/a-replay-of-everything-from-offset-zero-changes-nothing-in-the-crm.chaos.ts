/*
 * Guard: services/delivery/lanes/joining.ts
 * -       const isOther = winner?.isOther || stood?.hash !== hash
 * +       const isOther = true
 * -       const isNewest = order > 0 || (order === 0 && before?.hash !== hash)
 * +       const isNewest = order >= 0
 */
import assert from 'node:assert/strict'
import { groupsOf } from '../../../topology/groups.ts'
import { pipeline } from '../../../topology/pipeline.ts'
import { startTestKafka } from '../../kafka.ts'
import { atEnd } from '../at-end.ts'
import { brokerPowers } from '../broker-powers.ts'
import { startHere } from '../here.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'
import { assertTraffic } from '../seen-of-traffic.ts'
import { openSystem } from '../system.ts'
import { makeTraffic } from '../traffic.ts'

const notRun = ['hubspot-marketing', 'salesforce', 'zoom-reports']
const services = [
  ...['identity-resolver', 'webinar-registrations', 'webinar-attendance', 'webinar-contact'],
  ...['hubspot', 'hubspot-events'],
]

scenario(
  {
    id: 'full replay',
    sentence: 'every group set back to offset 0 handles everything again and asks nothing of the CRM that changes it',
    faults: 'all consumer groups, the resolver’s and the sinks’ too, begin again at the first record kept',
  },
  async context => {
    const cluster = await startTestKafka()
    atEnd(context, () => cluster.stop())
    const system = await openSystem(context, cluster)
    const traffic = makeTraffic({ webinars: 2, people: 20 })
    await startHere(context, ['sandbox-hubspot'], system.settings)
    const first = await startHere(context, services, system.settings)
    await publishTraffic(system.cluster, traffic.events)
    await system.cluster.quiet(notRun)
    await first.close()
    const effects = await system.hubspot.applied()
    assert.ok(effects.length > 0)

    const powers = brokerPowers(cluster.brokers)
    const prefix = system.settings['TOPIC_PREFIX'] ?? ''
    for (const [group, topics] of groupsOf(pipeline)) {
      if (!services.includes(group)) continue
      for (const topic of topics) {
        const offsets = (await system.cluster.kafka.topics.offsets(topic)).map(({ earliest }) => earliest)
        await powers.moveGroup(prefix + group, prefix + topic, offsets)
      }
    }
    assert.ok((await system.cluster.waitingFor('hubspot')) > 0)
    const again = await startHere(context, services, system.settings)
    await system.cluster.quiet(notRun)
    assert.deepEqual(again.fatal, [])
    const { lost, duplicated } = await assertTraffic(system.hubspot, traffic.expected)
    const added = (await system.hubspot.applied()).slice(effects.length)
    assert.deepEqual(added, [], 'nothing took effect again')
    return { events: traffic.events.length, lost, duplicated: duplicated + added.length }
  },
)
