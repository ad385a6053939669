/*
 * Guard: services/runtime/log.ts
 * - .on('error', () => {
 * + .on('drop', () => {
 * Guard: services/commands/main.ts
 * - process.stderr.on('error', () => undefined)
 * +
 */
import assert from 'node:assert/strict'
import { closeSync, existsSync, openSync } from 'node:fs'
import { deadLetters } from '../../../topology/topics.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { startHere } from '../here.ts'
import { launchServices } from '../program.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'
import { assertTraffic } from '../seen-of-traffic.ts'
import { openSystem } from '../system.ts'
import { makeTraffic } from '../traffic.ts'

/** Each write to it fails for want of room (ENOSPC). */
const FULL = '/dev/full'
const CONSUMERS = ['webinar-registrations', 'webinar-attendance', 'webinar-contact']
const SINKS = ['hubspot', 'hubspot-events']
const NOT_RUN = ['hubspot-marketing', 'salesforce', 'zoom-reports']

scenario(
  {
    id: '15',
    sentence: 'a service that finds no room on the disk for its log works on, and commits what it did and no more',
    faults: 'each line that consumers and sinks print or log, at the level debug, fails for want of room',
    skip: existsSync(FULL) ? false : `this machine has no ${FULL}`,
  },
  async context => {
    const platform = await startTestCluster()
    atEnd(context, () => platform.stop())
    const { settings, cluster, hubspot } = await openSystem(context, platform)
    await startHere(context, ['sandbox-hubspot', 'identity-resolver'], settings)
    const full = openSync(FULL, 'w')
    atEnd(context, () => closeSync(full))
    const services = launchServices(context, [...CONSUMERS, ...SINKS], { ...settings, LOG_LEVEL: 'debug' }, full)
    const traffic = makeTraffic({ webinars: 2, people: 15 })
    await publishTraffic(cluster, traffic.events)
    const outcome = await Promise.race([services.ended, cluster.quiet(NOT_RUN).then(() => 'all is through')])
    assert.equal(outcome, 'all is through', 'the process lives')

    const { lost, duplicated } = await assertTraffic(hubspot, traffic.expected)
    assert.deepEqual(await cluster.records(deadLetters.name), [])
    assert.equal(await services.end('SIGTERM'), 0)
    return { events: traffic.events.length, lost, duplicated }
  },
)
