import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Progress, ReplayBroken } from '../../services/replay/replay.ts'
import { hubspotWrites, hubspotWritesReplay, tracks } from '../../topology/topics.ts'
import { trackEvent } from '../tracks/events.ts'
import { type ReplaySystem, startReplaySystem } from './replaying.ts'
import { ada, bob, lastTrack, topologyOf } from './tracks.ts'

const topology = topologyOf(lastTrack())
const minute = 60_000

const started = async (): Promise<ReplaySystem> => {
  const system = await startReplaySystem(topology)
  await system.person(ada)
  await system.person(bob)
  return system
}

/** The comments that a replay asked for. */
const asked = async (system: ReplaySystem): Promise<readonly unknown[]> =>
  (await system.values(hubspotWritesReplay)).map(({ fields }) => fields['zoom_webinar_comments'])

/** How many records each topic has that a replay must not touch. */
const sizes = ({ kafka }: ReplaySystem): Promise<unknown> => {
  const topics = topology.topics.filter(({ name }) => !name.endsWith('-replay'))
  return Promise.all(topics.map(async ({ name }) => [name, await kafka.topics.offsets(name)]))
}

describe('a replay', () => {
  it('K5 asks for the same writes as live, on the replay topic, and touches nothing else', async () => {
    const system = await started()
    await system.given(tracks, trackEvent(ada, 'opened'), trackEvent(bob, 'closed'))
    const [live, before] = [await system.values(hubspotWrites), await sizes(system)]
    const { tally, published, interrupted } = await system.replay(topology, 'last-track')
    assert.deepEqual(await system.values(hubspotWritesReplay), live)
    assert.deepEqual(await sizes(system), before)
    assert.deepEqual(
      { events: tally.events, published, interrupted },
      {
        events: 2,
        published: { 'hubspot-writes-replay': 2 },
        interrupted: false,
      },
    )
    await system.close()
  })

  it('K5 reads by time, by how long ago, and by offset', async () => {
    const system = await started()
    const from = system.clock.now()
    for (const name of ['first', 'second', 'third']) {
      await system.given(tracks, trackEvent(ada, name))
      system.clock.advance(minute)
    }
    const second = new Date(from + minute).toISOString()
    await system.replay(topology, 'last-track', { from: second })
    assert.deepEqual(await asked(system), ['second', 'third'])
    await system.replay(topology, 'last-track', { from: '1m' })
    await system.replay(topology, 'last-track', { from: second, to: '1m' })
    await system.replay(topology, 'last-track', { from: '1', to: '2' })
    assert.deepEqual((await asked(system)).slice(2), ['third', 'second', 'second'])
    await system.close()
  })

  it('K5 says what the topic holds when the range is empty', async () => {
    const system = await started()
    await assert.rejects(system.replay(topology, 'last-track'), { code: 'REPLAY_RANGE_EMPTY', message: /none at all/ })
    await system.given(tracks, trackEvent(ada, 'only'))
    await assert.rejects(system.replay(topology, 'last-track', { from: '7' }), {
      code: 'REPLAY_RANGE_EMPTY',
      message: /holds offsets partition \d+: 0 to 0, from 2026/,
    })
    await system.close()
  })

  it('K5 reads only the chosen keys and persons, whichever alias names them', async () => {
    const system = await started()
    await system.claim({ aliases: [ada, 'user:42'], kind: 'MERGE' })
    await system.given(
      tracks,
      trackEvent(ada, 'of ada'),
      trackEvent('user:42', 'also of ada'),
      trackEvent(bob, 'of bob'),
    )
    const bobsId = await system.person(bob)
    const { tally } = await system.replay(topology, 'last-track', { keys: ['user:42'] })
    assert.deepEqual((await asked(system)).toSorted(), ['also of ada', 'of ada'])
    assert.equal(tally.consumers['last-track']?.filtered, 1)
    await system.replay(topology, 'last-track', { keys: [`person:${bobsId}`] })
    assert.deepEqual((await asked(system)).slice(2), ['of bob'])
    await system.replay(topology, 'last-track', { keys: ['user:unknown'] })
    assert.equal((await asked(system)).length, 3)
    await system.close()
  })

  it('K5 passes over persons who are unknown or erased, and counts them', async () => {
    const system = await started()
    await system.given(tracks, trackEvent(ada, 'a'), trackEvent(bob, 'b'), trackEvent('user:nobody', 'c'))
    await system.claim({ aliases: [ada], kind: 'ERASE' })
    const { tally } = await system.replay(topology, 'last-track')
    assert.deepEqual(await asked(system), ['b'])
    const { handled, missing, erased } = tally.consumers['last-track'] ?? {}
    assert.deepEqual({ handled, missing, erased }, { handled: 1, missing: 1, erased: 1 })
    await system.close()
  })

  it('K5 goes on behind an event that its handler refuses, and names the event without its content', async () => {
    const system = await started()
    await system.given(tracks, trackEvent(ada, 'poison'), trackEvent(bob, 'fine'))
    const { tally } = await system.replay(topology, 'last-track')
    assert.deepEqual(await asked(system), ['fine'])
    assert.equal(tally.failed, 1)
    assert.equal(tally.failures[0]?.code, 'HANDLER_FAILED')
    assert.doesNotMatch(JSON.stringify(tally.failures), /@/)
    await system.close()
  })

  it('K5 asks once for what many events ask for', async () => {
    const system = await startReplaySystem(topologyOf(lastTrack(() => 'the same')))
    await system.person(ada)
    const once = topologyOf(lastTrack(() => 'the same'))
    const events = Array.from({ length: 20 }, (_, index) => trackEvent(ada, `track ${index}`))
    await system.given(tracks, ...events)
    await system.replay(once, 'last-track')
    const [write, ...others] = await system.values(hubspotWritesReplay)
    assert.equal(others.length, 0)
    assert.equal(write?.version.eventId, events.at(-1)?.eventId)
    await system.close()
  })

  it('K5 sends no more writes a second than it may', async () => {
    const system = await started()
    await system.given(tracks, ...Array.from({ length: 30 }, (_, index) => trackEvent(ada, `track ${index}`)))
    const running = system.replay(topology, 'last-track', { rate: 20 })
    const counts: number[] = []
    for (let tenth = 0; tenth < 16; tenth++) {
      for (let turn = 0; turn < 10; turn++) await nextTurn()
      counts.push((await asked(system)).length)
      system.clock.advance(100)
    }
    assert.deepEqual(counts.slice(0, 3), [2, 4, 6])
    assert.equal(counts.at(-1), 30)
    await running
    await system.close()
  })

  it('K5 ends when asked to, and says where to go on so that nothing is left out', async () => {
    const system = await started()
    for (let index = 0; index < 30; index++) {
      await system.given(tracks, trackEvent(ada, `track ${index}`))
      system.clock.advance(minute)
    }
    const stopping = new AbortController()
    const seen: Progress[] = []
    const onProgress = (progress: Progress): void => {
      seen.push(progress)
      if (progress.published === 5) stopping.abort()
    }
    const running = system.replay(topology, 'last-track', { rate: 10, signal: stopping.signal, onProgress })
    while (!stopping.signal.aborted) {
      await nextTurn()
      system.clock.advance(100)
    }
    const { interrupted, goOnAt } = await running
    assert.equal(interrupted, true)
    assert.equal((await asked(system)).length, 5)
    assert.deepEqual(seen.at(-1), { events: 30, read: 30, ofRange: 30, published: 5, pending: 25 })
    await system.replay(topology, 'last-track', { from: new Date(goOnAt ?? 0).toISOString() })
    assert.deepEqual(new Set(await asked(system)), new Set(Array.from({ length: 30 }, (_, index) => `track ${index}`)))
    assert.equal((await asked(system)).length, 30)
    await system.close()
  })

  it('K5 sends while it reads when more writes wait than it may hold', async () => {
    const system = await started()
    const events = Array.from({ length: 10_600 }, (_, index) => trackEvent(ada, `track ${index}`))
    await system.given(tracks, ...events)
    const seen: Progress[] = []
    await system.replay(topology, 'last-track', { onProgress: progress => seen.push(progress) })
    assert.equal((await asked(system)).length, events.length)
    assert.ok(seen.some(({ events: read, published }) => published > 0 && read < events.length))
    assert.ok(seen.every(({ pending }) => pending <= 10_001))
    await system.close()
  })

  it('K5 says where to go on when Kafka fails in the middle', async () => {
    const system = await started()
    for (const name of ['first', 'second', 'third']) {
      await system.given(tracks, trackEvent(ada, name))
      system.clock.advance(minute)
    }
    const { kafka } = system
    const open = kafka.publisher.bind(kafka)
    kafka.publisher = async name => {
      const publisher = await open(name)
      let sends = 0
      const fail = () => Promise.reject(new TypeError('away'))
      return { ...publisher, publish: records => (sends++ === 0 ? publisher.publish(records) : fail()) }
    }
    const running = system.replay(topology, 'last-track', { rate: 10 })
    const advancing = setInterval(() => system.clock.advance(100))
    const error = await running.catch((reason: unknown) => reason)
    clearInterval(advancing)
    assert.ok(error instanceof ReplayBroken && error.cause instanceof TypeError)
    assert.deepEqual(await asked(system), ['first'])
    await system.settle()
    kafka.publisher = open
    await system.replay(topology, 'last-track', { from: new Date(error.goOnAt ?? 0).toISOString() })
    assert.deepEqual(await asked(system), ['first', 'second', 'third'])
    await system.close()
  })
})
