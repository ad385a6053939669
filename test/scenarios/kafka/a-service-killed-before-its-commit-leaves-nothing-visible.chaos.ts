/*
 * Guard: services/kafka/groups/transactional-producer.ts
 * -     const send = acknowledgedOnce(transaction.sendBatch as unknown as SendBatch)
 * +     const send = acknowledgedOnce(this.producer.sendBatch as unknown as SendBatch)
 */
import assert from 'node:assert/strict'
import { participations } from '../../../topology/topics.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { startHere } from '../here.ts'
import { launchServices, startServices } from '../program.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'
import { assertTraffic } from '../seen-of-traffic.ts'
import { openSystem } from '../system.ts'
import { makeTraffic } from '../traffic.ts'

scenario(
  {
    id: '1',
    sentence:
      'a service killed after it produced and before it committed leaves nothing visible, and each event is handled once',
    faults: 'kill -9 of a consumer whose request to end its transaction never reached the broker',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const system = await openSystem(context, cluster)
    const { settings } = system
    await startHere(
      context,
      ['sandbox-hubspot', 'identity-resolver', 'webinar-registrations', 'webinar-contact', 'hubspot', 'hubspot-events'],
      settings,
    )
    const traffic = makeTraffic({ webinars: 2, people: 40 })
    const attendance = await startServices(context, ['webinar-attendance'], settings)
    const trap = await cluster.trap({
      api: 'EndTxn',
      hold: 'request',
      containing: `${settings['TOPIC_PREFIX']}webinar-attendance`,
    })
    await publishTraffic(system.cluster, traffic.events)
    await trap.sprung()
    await attendance.end('SIGKILL')
    await trap.release()
    assert.deepEqual(await system.cluster.records(participations.name), [])
    const killedAt = performance.now()
    launchServices(context, ['webinar-attendance'], settings)
    await system.cluster.quiet(['hubspot-marketing', 'salesforce', 'zoom-reports'])
    const recoverySeconds = (performance.now() - killedAt) / 1_000
    const { lost, duplicated } = await assertTraffic(system.hubspot, traffic.expected)
    return { events: traffic.events.length, lost, duplicated, recoverySeconds }
  },
)
