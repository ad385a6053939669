import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { activityTypes } from '../../../services/producers/hubspot/activities/types.ts'
import type { HubSpotSweepReader } from '../../../services/producers/hubspot/rest/client.ts'
import { HubSpotError } from '../../../services/producers/hubspot/rest/problems.ts'
import { recordNotices } from '../../../topology/topics.ts'
import { type ModelRecord, modelReader } from './portal.ts'
import { hour, type Sweeping, startSweeping } from './sweeping.ts'

type Portal = Map<string, ModelRecord[]>

/** HubSpot's searches of activities, by path; those of other records are the emulated HubSpot's own. */
const searching =
  (portal: Portal, before: (path: string, since: number) => void = () => {}) =>
  (own: HubSpotSweepReader): HubSpotSweepReader => ({
    ...own,
    search: (type, search, signal) => {
      if (!activityTypes.some(({ path }) => path === type.path)) return own.search(type, search, signal)
      before(type.path, Number(search.filters[0]?.value))
      return modelReader(() => portal.get(type.path) ?? []).search(type, search, signal)
    },
  })

const noticesOf = async ({ decoded }: Sweeping) =>
  (await decoded(recordNotices)).map(({ object, record, occurredAt }) => `${object} ${record} ${occurredAt}`)

describe('the sweep of activities of HubSpot', () => {
  it('T2 begins when it first runs: what was modified before is not told, not even by the overlap', async context => {
    const sweeping = await startSweeping(context)
    const portal: Portal = new Map()
    const since: [string, number][] = []
    const reader = searching(portal, (path, at) => since.push([path, at]))
    const first = sweeping.clock.now()
    portal.set('tasks', [{ id: 1, modified: first - 1 }])
    await sweeping.sweep({ activities: true, reader })
    assert.equal(since.length, 0)
    sweeping.clock.advance(60_000)
    const changed = sweeping.clock.now()
    portal.set('tasks', [...(portal.get('tasks') ?? []), { id: 2, modified: changed }])
    sweeping.clock.advance(1_000)
    await sweeping.sweep({ activities: true, reader })
    assert.deepEqual(await noticesOf(sweeping), [`task 2 ${changed}`])
    assert.deepEqual(
      since.map(([path]) => path),
      activityTypes.map(({ path }) => path),
    )
    for (const [, at] of since) assert.ok(at >= first && at < first + 30_000, `${at - first} ms after the first start`)
  })

  it('T1 T3 notices what was modified of every type, once, whatever was told meanwhile', async context => {
    const sweeping = await startSweeping(context)
    const portal: Portal = new Map()
    const reader = searching(portal)
    await sweeping.sweep({ activities: true, reader })
    const expected: string[] = []
    for (const [index, { path, name }] of activityTypes.entries()) {
      sweeping.clock.advance(1_000)
      portal.set(path, [{ id: index + 1, modified: sweeping.clock.now() }])
      expected.push(`${name} ${index + 1} ${sweeping.clock.now()}`)
    }
    sweeping.clock.advance(1_000)
    for (const _ of [1, 2]) await sweeping.sweep({ activities: true, reader })
    sweeping.clock.advance(hour)
    portal.set('calls', [{ id: 2, modified: sweeping.clock.now() }])
    expected.push(`call 2 ${sweeping.clock.now()}`)
    await sweeping.sweep({ activities: true, reader })
    assert.deepEqual((await noticesOf(sweeping)).toSorted(), expected.toSorted())
    const notices = await sweeping.decoded(recordNotices)
    assert.equal(new Set(notices.map(({ eventId }) => eventId)).size, expected.length)
    assert.equal(await sweeping.metrics.value('tributary_hubspot_swept_total', { what: 'calls' }), 2)
  })

  it('T1 finds later what it could not read for want of a scope, and others at once', async context => {
    const sweeping = await startSweeping(context)
    const portal: Portal = new Map()
    const reader = searching(portal)
    await sweeping.sweep({ activities: true, reader })
    sweeping.clock.advance(1_000)
    const at = sweeping.clock.now()
    for (const path of ['emails', 'tasks']) portal.set(path, [{ id: 7, modified: at }])
    const forbidden = searching(portal, path => {
      if (path === 'emails') throw new HubSpotError('HUBSPOT_SCOPES_MISSING', 'Grant the app the scope')
    })
    await sweeping.sweep({
      activities: true,
      fails: true,
      reader: own => ({ ...own, search: async (...given) => await forbidden(own).search(...given) }),
    })
    assert.deepEqual(await noticesOf(sweeping), [`task 7 ${at}`])
    sweeping.clock.advance(48 * hour)
    await sweeping.sweep({ activities: true, reader })
    assert.deepEqual((await noticesOf(sweeping)).toSorted(), [`email 7 ${at}`, `task 7 ${at}`])
  })

  it('T3 asks for no activity while Salesforce is off', async context => {
    const sweeping = await startSweeping(context)
    const asked: string[] = []
    for (const _ of [1, 2]) {
      await sweeping.sweep({ reader: searching(new Map(), path => asked.push(path)) })
      sweeping.clock.advance(hour)
    }
    assert.deepEqual(asked, [])
  })
})
