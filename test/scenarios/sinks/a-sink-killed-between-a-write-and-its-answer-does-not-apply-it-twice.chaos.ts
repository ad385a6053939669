/*
 * Guard: services/sinks/hubspot/events/occurrence.ts
 * - uuid: uuidOf(`${object}:${key}`),
 * + uuid: crypto.randomUUID(),
 * Guard: services/sinks/salesforce/tasks/rows.ts
 * - [taskKeyField.name]: externalId(key),
 * + [taskKeyField.name]: externalId(crypto.randomUUID() + key),
 */
import assert from 'node:assert/strict'
import { deadLetters } from '../../../topology/topics.ts'
import { startTestKafka } from '../../kafka.ts'
import { atEnd } from '../at-end.ts'
import { wayTo } from '../held-answers.ts'
import { startHere } from '../here.ts'
import { launchServices, startServices } from '../program.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'
import { seenInCrms } from '../seen-in-crms.ts'
import { assertTraffic } from '../seen-of-traffic.ts'
import { openSystem } from '../system.ts'
import { makeTraffic } from '../traffic.ts'

const SINKS = ['hubspot', 'hubspot-events', 'hubspot-marketing', 'salesforce']
const OTHERS = ['sandbox-hubspot', 'sandbox-salesforce', 'identity-resolver', 'webinar-registrations']
const WITH_STATE = ['webinar-attendance', 'webinar-contact']

scenario(
  {
    id: '38',
    sentence: 'a sink killed between a write and its answer does not apply it twice',
    faults: 'kill -9 of all sinks while a contact, an event, a participation and a task are applied and not answered',
  },
  async context => {
    const platform = await startTestKafka()
    atEnd(context, () => platform.stop())
    const system = await openSystem(context, platform)
    const { settings, cluster, hubspot, salesforce } = system
    await startHere(context, [...OTHERS, ...WITH_STATE], settings)
    const traffic = makeTraffic({ webinars: 2, people: 12 })
    await salesforce.seed(
      [...traffic.expected.contacts.keys()].map(email => ({ email, firstName: 'Person', lastName: 'Sample' })),
    )
    const port = Number(settings['SANDBOX_PORT_BASE'])
    const toHubSpot = await wayTo(context, `http://127.0.0.1:${port}`)
    const toSalesforce = await wayTo(context, `http://127.0.0.1:${port + 1}`)
    const redirected = { ...settings, HUBSPOT_BASE_URL: toHubSpot.url, SALESFORCE_LOGIN_URL: toSalesforce.url }
    const held = [
      toHubSpot.hold('POST', '/crm/v3/objects/contacts/batch/upsert'),
      toHubSpot.hold('POST', '/events/v3/send/batch'),
      toHubSpot.hold('POST', '/marketing/v3/marketing-events/attendance/'),
      toSalesforce.hold('PATCH', '/services/data/v60.0/composite/sobjects/Task/'),
    ]
    const sinks = await startServices(context, SINKS, redirected)
    await publishTraffic(cluster, traffic.events)
    await Promise.all(held.map(answer => answer.held))
    await sinks.end('SIGKILL')
    const killedAt = performance.now()
    launchServices(context, SINKS, redirected)
    await cluster.quiet(['zoom-reports'])
    const recoverySeconds = (performance.now() - killedAt) / 1_000

    const { tasks } = await seenInCrms(system)
    assert.ok(tasks.length > 0)
    const { lost, duplicated } = await assertTraffic(hubspot, traffic.expected)
    assert.deepEqual(await cluster.records(deadLetters.name), [])
    return { events: traffic.events.length, lost, duplicated, recoverySeconds }
  },
)
