/*
 * Guard: services/delivery/delivery.ts
 * - if (!context.mayAct()) return unsureMs
 * + if (!context.mayAct() && Math.random() > 1) return unsureMs
 */
import assert from 'node:assert/strict'
import { deadLetters } from '../../../topology/topics.ts'
import { startTestKafka } from '../../kafka.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { startHere } from '../here.ts'
import { launchServices, startServices } from '../program.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'
import { assertTraffic } from '../seen-of-traffic.ts'
import { openSystem } from '../system.ts'
import { makeTraffic } from '../traffic.ts'

const SINKS = ['hubspot', 'hubspot-events']
const OTHERS = [
  'sandbox-hubspot',
  'identity-resolver',
  'webinar-registrations',
  'webinar-attendance',
  'webinar-contact',
]
const ABSENT = ['zoom-reports', 'hubspot-marketing', 'salesforce']
const CONTACTS = '/crm/v3/objects/contacts/batch/'

scenario(
  {
    id: 'frozen sink',
    sentence: 'a sink that was frozen past its session sends nothing of what it holds when it wakes',
    faults: 'SIGSTOP of a sink whose window is full, another takes over and delivers what is newer, SIGCONT',
  },
  async context => {
    const platform = await startTestKafka()
    atEnd(context, () => platform.stop())
    const system = await openSystem(context, platform)
    const { settings, cluster, hubspot } = system
    await startHere(context, OTHERS, settings)
    const sinks = await startServices(context, SINKS, settings)
    const traffic = makeTraffic({ webinars: 6, people: 200 })
    const half = Math.floor(traffic.events.length / 2)
    await hubspot.disturb({ path: CONTACTS, times: 30, answer: { delayMs: 2_000 } })
    await publishTraffic(cluster, traffic.events.slice(0, half))
    await eventually(async () => assert.ok((await cluster.handledBy('webinar-contact')) > half / 2))
    await eventually(async () => assert.ok((await hubspot.writes()).length > 0))
    process.kill(sinks.pid, 'SIGSTOP')
    launchServices(context, SINKS, settings)
    await publishTraffic(cluster, traffic.events.slice(half))
    await cluster.quiet(ABSENT)
    const wokenAt = performance.now()
    process.kill(sinks.pid, 'SIGCONT')
    // It is fenced when it commits, unless a request that was under way when it froze has timed out before.
    await sinks.prints(/"group":"hubspot".*A task has failed/)
    await cluster.quiet(ABSENT)
    const recoverySeconds = (performance.now() - wokenAt) / 1_000
    const { lost, duplicated } = await assertTraffic(hubspot, traffic.expected)
    assert.deepEqual(await cluster.records(deadLetters.name), [])
    return { events: traffic.events.length, lost, duplicated, recoverySeconds }
  },
)
