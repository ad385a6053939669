import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import webinarAttendance from '../../services/consumers/webinar-attendance.ts'
import webinarContact from '../../services/consumers/webinar-contact.ts'
import { chainOf, consumersOf } from '../../services/replay/chain.ts'
import { hubspotContact } from '../../services/sinks/hubspot/objects.ts'
import { consumer } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import {
  attendances,
  hubspotWrites,
  hubspotWritesReplay,
  identities,
  participations,
  webinarHistories,
  webinars,
} from '../../topology/topics.ts'
import { ended, joined, left, registered, started, webinarEvent } from '../webinars/events.ts'
import { type ReplaySystem, startReplaySystem } from './replaying.ts'
import { ada, bob, lastTrack, topologyOf } from './tracks.ts'

const topology = topologyOf(webinarAttendance, webinarContact)

const held = async (): Promise<ReplaySystem> => {
  const system = await startReplaySystem(topology)
  await system.person(ada)
  await system.person(bob)
  await system.given(
    webinars,
    registered([ada]),
    registered([bob]),
    started(),
    joined([ada], 'a', 5),
    left([ada], 'a', 35),
  )
  await system.given(webinars, ended())
  return system
}

/** Of each person the fields of the last write. */
const latest = (
  writes: readonly { readonly person: string | null; readonly fields: unknown }[],
): ReadonlyMap<string | null, unknown> => new Map(writes.map(({ person, fields }) => [person, fields]))

describe('a chain of consumers', () => {
  it('K5 leads through the streams between them to the sinks', () => {
    const chain = chainOf(pipeline, 'webinar-attendance')
    assert.equal(chain.consumer.name, 'webinar-attendance')
    assert.ok(consumersOf(chain).some(({ name }) => name === 'webinar-contact'))
    assert.equal(chain.sinks.get('hubspot-writes')?.name, 'hubspot')
  })

  it('K5 is refused without a sink, and for a consumer that there is not', () => {
    assert.throws(() => chainOf(topologyOf(webinarAttendance), 'webinar-attendance'), { code: 'REPLAY_WITHOUT_SINK' })
    assert.throws(() => chainOf(topologyOf(lastTrack()), 'last-trick'), {
      code: 'CONSUMER_UNKNOWN',
      message: /There are: last-track\./,
    })
  })

  it('K5 is replayed as a whole, in memory: only the replay topic grows', async () => {
    const system = await held()
    const rows = async (): Promise<unknown> => [await system.rows(attendances), await system.rows(webinarHistories)]
    const [before, emitted] = [await rows(), await system.values(participations)]
    const { tally } = await system.replay(topology, 'webinar-attendance')
    assert.equal(tally.failed, 0)
    assert.deepEqual(latest(await system.values(hubspotWritesReplay)), latest(await system.values(hubspotWrites)))
    assert.deepEqual(await rows(), before)
    assert.deepEqual(await system.values(participations), emitted)
    await system.close()
  })

  it('K5 asks with the rows as they are now and their revisions, whichever event is handled again', async () => {
    const system = await held()
    const newest = (await system.values(hubspotWrites)).findLast(
      ({ fields }) => fields['zoom_webinar_attendance_count'] === 1,
    )
    await system.replay(topology, 'webinar-contact')
    const writes = (await system.values(hubspotWritesReplay)).filter(({ object }) => object === 'contact')
    assert.equal(writes.length, 2)
    const adas = writes.find(({ person }) => person === newest?.person)
    assert.deepEqual([adas?.fields, adas?.version.revision], [newest?.fields, newest?.version.revision])
    await system.close()
  })

  it('K5 asks only for the chosen person, also where an event tells of everybody', async () => {
    const system = await held()
    const person = await system.person(ada)
    await system.given(webinars, joined([ada], 'b', 40))
    await system.replay(topology, 'webinar-attendance', { keys: [ada] })
    const writes = await system.values(hubspotWritesReplay)
    assert.deepEqual(new Set(writes.map(write => write.person)), new Set([person]))
    await system.replay(topology, 'webinar-attendance', { keys: ['93498765432'] })
    assert.equal(new Set((await system.values(hubspotWritesReplay)).map(write => write.person)).size, 2)
    await system.close()
  })

  it('K5 follows a merge that came after the event', async () => {
    const system = await held()
    const former = [await system.person(ada), await system.person(bob)]
    await system.claim({ aliases: [ada, bob], kind: 'MERGE' })
    const survivor = await system.person(ada)
    const keys = former.filter(id => id !== survivor)
    const { tally } = await system.replay(topology, 'webinar-contact', { keys })
    assert.equal(tally.consumers['webinar-contact']?.ahead, 0)
    const writes = (await system.values(hubspotWritesReplay)).filter(({ object }) => object === 'contact')
    const live = (await system.values(hubspotWrites)).filter(({ object }) => object === 'contact')
    assert.deepEqual(latest(writes), new Map([[survivor, latest(live).get(survivor)]]))
    await system.close()
  })

  it('K5 passes over what the rows do not hold yet', async () => {
    const system = await held()
    await system.restart('identity-resolver')
    await system.given(webinars, webinarEvent({ kind: 'UPDATED', minute: 90, topic: 'Another title' }))
    const { tally } = await system.replay(topology, 'webinar-attendance')
    assert.equal(tally.consumers['webinar-attendance']?.ahead, 1)
    assert.equal(tally.failed, 0)
    await system.close()
  })

  it('K5 restates the present row for an event that it does not hold', async () => {
    const system = await held()
    const reader = consumer({
      name: 'webinar-contact',
      reads: participations,
      joins: { table: identities, by: 'person', ifMissing: 'park' },
      writes: [hubspotContact],
      keepsPerPerson: {
        table: webinarHistories,
        merge: a => a,
        restate: () => [hubspotContact.set({ zoom_webinar_comments: 'as the row is' })],
      },
      handle: ({ row }) => ({
        row: { participations: [...(row?.participations ?? []), ...(row?.participations ?? [])] },
        writes: [hubspotContact.set({ zoom_webinar_comments: 'as no row is' })],
      }),
    })
    await system.replay(topologyOf(reader), 'webinar-contact')
    const comments = (await system.values(hubspotWritesReplay)).map(({ fields }) => fields['zoom_webinar_comments'])
    assert.deepEqual(comments, ['as the row is', 'as the row is'])
    await system.close()
  })
})
