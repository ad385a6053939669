/*
 * Guard: services/commands/start/prepare-cluster.ts
 * -   errorClass === 'retryable' || (maker
 * +   (maker
 */
import assert from 'node:assert/strict'
import { contactServices, lettersIn, openSharedSystem } from '../contact-services.ts'
import { eventually } from '../eventually.ts'
import { launchServices } from '../program.ts'
import { publishTraffic } from '../publishing.ts'
import { openRegistryGate } from '../registry-gate.ts'
import { scenario } from '../scenario.ts'
import { assertTraffic } from '../seen-of-traffic.ts'
import { makeTraffic } from '../traffic.ts'

scenario(
  {
    id: '20',
    sentence: 'services that start while the registry is down wait for it, are not ready and set nothing aside',
    faults: 'the schema registry takes no connections at the start, then a load balancer answers 404 in its place',
  },
  async context => {
    const { settings, cluster, hubspot, registryUrl } = await openSharedSystem(context)
    const gate = await openRegistryGate(context, registryUrl)
    const readiness = (): Promise<number> =>
      fetch(`http://127.0.0.1:${settings['CONSOLE_PORT']}/readyz`).then(
        ({ status }) => status,
        () => 0,
      )
    await gate.set('away')
    const traffic = makeTraffic({ webinars: 2, people: 20 })
    await publishTraffic(cluster, traffic.events)

    const names = ['console', ...contactServices, 'hubspot-events']
    const services = launchServices(context, names, { ...settings, SCHEMA_REGISTRY_URL: gate.url })
    await services.prints(/^Waiting: Expected a schema registry to answer at .*ECONNREFUSED/m)
    await gate.set('unavailable')
    await services.prints(/^Waiting: Expected a schema registry to answer at .*status 404/m)
    assert.notEqual(await readiness(), 200)
    for (const consumer of ['webinar-registrations', 'webinar-attendance'])
      assert.equal(await cluster.handledBy(consumer), 0, consumer)
    assert.deepEqual(await lettersIn(cluster), [])

    const backAt = performance.now()
    await gate.set('open')
    await services.prints(/^Ready\./m)
    await eventually(async () => assert.equal(await readiness(), 200))
    await cluster.quiet(['hubspot-marketing', 'salesforce', 'zoom-reports'])
    const recoverySeconds = (performance.now() - backAt) / 1_000
    assert.deepEqual(await lettersIn(cluster), [])
    const { lost, duplicated } = await assertTraffic(hubspot, traffic.expected)
    return { events: traffic.events.length, lost, duplicated, recoverySeconds }
  },
)
