import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Task } from '../../schemas/generated.ts'
import webinarContact from '../../services/consumers/webinar-contact.ts'
import type { DependentObject } from '../../services/delivery/destination.ts'
import { type MemoryDestination, memoryDestination } from '../../services/delivery/memory.ts'
import type { Consumer } from '../../topology/define.ts'
import { isOn } from '../../topology/groups.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { accounts, receipts, tasks, tracks, visitors, webinars } from '../../topology/topics.ts'
import { productEvent } from '../product-events/events.ts'
import { account, track, visitor } from '../segment-to-pendo/events.ts'
import { ended, joined, left, registered, settled, started } from '../webinars/events.ts'
import { type ReplaySystem, startReplaySystem } from './replaying.ts'
import { ada, bob } from './tracks.ts'

const facts = { waitForRecordMs: 60_000 } as const
const keyed = (...of: readonly string[]): Pick<DependentObject, 'kind' | 'of' | 'waitForRecordMs'> => ({
  ...facts,
  kind: 'keyed',
  of,
})
const appended = { ...facts, kind: 'appended', of: ['contact'] } as const

interface Vendors extends ReplaySystem {
  readonly hubspot: MemoryDestination
  readonly salesforce: MemoryDestination
  readonly pendo: MemoryDestination
}

/** Somebody made a task for Ada in HubSpot. */
const task: Task = {
  ...{ eventId: 'hubspot:task:5012:1', source: 'hubspot:default', occurredAt: 0, receivedAt: 0, createdAt: 0 },
  ...{
    system: 'HUBSPOT',
    record: '5012',
    change: 'CREATED',
    activity: 'TASK',
    link: null,
    relatedTo: null,
    others: null,
    related: null,
  },
  ...{ people: ['email:ada@example.com'], person: 'email:ada@example.com', owner: null, recordOwner: null },
  ...{
    fields: { hs_task_subject: 'Call her', hs_task_status: 'NOT_STARTED' },
    changes: {},
    changedBy: null,
    ours: false,
  },
}

/** The map as it runs, over vendors in memory, after a webinar that Ada attended and Bob missed, something that Ada did in the product, and after Segment told of somebody. */
const afterWebinar = async (): Promise<Vendors> => {
  const clock = { now: () => 0, sleep: () => setImmediate() }
  const events = pipeline.sinks.find(({ name }) => name === 'hubspot-events')?.objects ?? []
  const hubspot = memoryDestination({
    ...{ clock, name: 'hubspot', standalones: { task: { kind: 'keyed' } } },
    dependents: {
      marketing_participation: keyed('contact'),
      ...Object.fromEntries(events.map(({ object }) => [object, appended])),
    },
  })
  const keyedAlone = { kind: 'keyed' } as const
  const salesforce = memoryDestination({
    ...{ clock, name: 'salesforce', standalones: { activity: keyedAlone } },
    dependents: { task: keyed('contact', 'lead') },
  })
  salesforce.add(['ada@example.com'])
  salesforce.add(['bob@example.com'], {}, 'lead')
  const standalones = { visitor: keyedAlone, account: keyedAlone, track: { kind: 'appended' } as const }
  const pendo = memoryDestination({ clock, name: 'pendo', standalones })
  const destinations = new Map([
    ['hubspot', hubspot],
    ['hubspot-tasks', hubspot],
    ['hubspot-marketing', hubspot],
    ['hubspot-events', hubspot],
    ['salesforce', salesforce],
    ['pendo', pendo],
    ['pendo-events', pendo],
  ])
  const system = await startReplaySystem(pipeline, destinations)
  await system.person(ada)
  await system.person(bob)
  await system.given(webinars, registered([ada]), registered([bob]), started())
  await system.given(webinars, joined([ada], 'a', 5), left([ada], 'a', 35))
  await system.given(webinars, ended(), settled({ reported: false }))
  await system.given(tracks, productEvent({ person: ada, properties: { format: 'csv' } }))
  await system.given(visitors, visitor())
  await system.given(accounts, account())
  await system.given(tracks, track())
  await system.given(tasks, task)
  return {
    ...system,
    ...{ hubspot, salesforce, pendo },
    get pipeline() {
      return system.pipeline
    },
  }
}

describe('the map', () => {
  it('K5 replaying everything after all was delivered sends nothing, of any consumer', async () => {
    const system = await afterWebinar()
    const effects = () => [system.hubspot, system.salesforce, system.pendo].map(vendor => vendor.effects.length)
    const delivered = effects()
    assert.ok(
      delivered.every(count => count > 0),
      `nothing was delivered before: ${delivered}`,
    )
    for (const { name } of pipeline.consumers.filter(isOn)) {
      const planned = await system.dryRun(pipeline, name)
      assert.deepEqual(
        planned.differences.filter(({ effect }) => effect !== 'immutable'),
        [],
        name,
      )
      const { tally } = await system.replay(pipeline, name)
      assert.equal(tally.failed, 0, name)
    }
    assert.deepEqual(effects(), delivered)
    const outcomes = new Set((await system.values(receipts)).map(({ outcome }) => outcome))
    assert.ok(!outcomes.has('REJECTED') && !outcomes.has('SKIPPED'), [...outcomes].join())
    await system.close()
  })

  it('K5 a corrected formula reaches the CRM through all consumers between, and nothing else does', async () => {
    const system = await afterWebinar()
    const before = system.hubspot.effects.length
    const corrected: Consumer = {
      ...webinarContact,
      handle: input => {
        const { writes, ...rows } = webinarContact.handle(input)
        return { ...rows, writes: writes.map(write => (isAttended(write) ? withMinutes(write, 31) : write)) }
      },
    }
    const consumers = pipeline.consumers.map(each => (each.name === corrected.name ? corrected : each))
    const topology = { ...pipeline, consumers }
    const { differences } = await system.dryRun(topology, 'webinar-attendance')
    const planned = differences.filter(({ effect }) => effect !== 'immutable')
    assert.deepEqual(
      planned.map(({ effect, field, now, wouldBe }) => [effect, field, now, wouldBe]),
      [['change', minutes, 30, 31]],
    )
    await system.replay(topology, 'webinar-attendance')
    const changes = system.hubspot.effects.slice(before)
    assert.deepEqual(changes, [{ record: planned[0]?.record, fields: { [minutes]: 31 } }])
    await system.close()
  })
})

const minutes = 'zoom_webinar_last_attended_minutes'

type Output = ReturnType<Consumer['handle']>['writes'][number]

const isAttended = (output: Output): boolean =>
  output.kind === 'write' && (output.fields as Readonly<Record<string, unknown>>)[minutes] === 30

const withMinutes = (output: Output, value: number): Output =>
  output.kind === 'write' ? { ...output, fields: { ...(output.fields as object), [minutes]: value } } : output
