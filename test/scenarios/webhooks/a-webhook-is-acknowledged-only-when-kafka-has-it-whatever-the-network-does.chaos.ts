/*
 * Guard: services/producers/acknowledged-once.ts
 * - await appending
 * + appending.catch(() => undefined)
 */
import assert from 'node:assert/strict'
import { deadLetters, webinars } from '../../../topology/topics.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import type { LinkState } from '../../cluster/link.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { startHere } from '../here.ts'
import { scenario } from '../scenario.ts'
import { openSystem } from '../system.ts'
import { attendee, senderTo, webinarCalled } from '../webinar-in-zoom.ts'

const SERVICES = ['identity-resolver', 'webinar-registrations', 'hubspot']
const NOT_RUN = [
  'webinar-attendance',
  'webinar-contact',
  'hubspot-marketing',
  'hubspot-events',
  'salesforce',
  'zoom-reports',
]
/** Nothing gets through; Kafka has it and cannot say so; connections are reset and refused. */
const FAULTS: readonly LinkState[] = ['half-open', 'deaf', 'cut']
const WEBHOOKS = 4

scenario(
  {
    id: '35',
    sentence: 'a webhook gets a 2xx only when Kafka has it, whatever the network does, and its retry counts once',
    faults: 'all links to the brokers half-open, then without answers, then cut, while webhooks arrive',
  },
  async context => {
    const platform = await startTestCluster()
    atEnd(context, () => platform.stop())
    const { settings, cluster, hubspot } = await openSystem(context, platform)
    await startHere(context, ['sandbox-hubspot', 'ingest', ...SERVICES], settings)
    const send = senderTo(settings)
    const webinar = webinarCalled('Acknowledged')
    const people = ['before', ...FAULTS].map(state =>
      Array.from({ length: WEBHOOKS }, (_, number) => attendee(`${state}${number}`, 'Attendee')),
    )
    const sendAll = async (some: typeof people): Promise<readonly number[]> =>
      (await Promise.all(some.flat().map(who => send(webinar.registered(who))))).flat()
    const untilTaken = (some: typeof people): Promise<void> =>
      eventually(async () =>
        assert.deepEqual(
          await sendAll(some),
          some.flat().map(() => 200),
        ),
      )
    await untilTaken(people.slice(0, 1))

    const recoveries: number[] = []
    for (const [index, state] of FAULTS.entries()) {
      const some = people.slice(index + 1, index + 2)
      for (const node of platform.nodes) await node.link(state)
      assert.deepEqual(await sendAll(some), Array(WEBHOOKS).fill(503), state)
      for (const node of platform.nodes) await node.link('open')
      const openedAt = performance.now()
      await untilTaken(some)
      recoveries.push((performance.now() - openedAt) / 1_000)
    }
    const stored = (await cluster.records(webinars.name)).map(({ value }) => value?.toString() ?? '')
    const everybody = people.flat()
    const lost = everybody.filter(({ email }) => !stored.some(text => text.includes(email)))
    assert.deepEqual(lost, [], 'what was acknowledged is in the topic')
    await cluster.quiet(NOT_RUN)

    const contacts = await hubspot.contacts()
    assert.deepEqual(
      contacts.map(({ properties }) => properties['email']).sort(),
      everybody.map(({ email }) => email).sort(),
    )
    const writes = await hubspot.writes()
    assert.deepEqual(
      writes.map(({ operation }) => operation),
      Array(everybody.length).fill('create'),
    )
    assert.deepEqual(await cluster.records(deadLetters.name), [])
    const duplicated = writes.length - everybody.length
    return { events: everybody.length, lost: lost.length, duplicated, recoverySeconds: Math.max(...recoveries) }
  },
)
