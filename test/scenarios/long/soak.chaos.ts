/*
 * What is committed to have been read must have been delivered.
 * Guard: services/delivery/state/window.ts
 * - if (!mark || !(mark.committed || marks.has(mark))) break
 * + if (!mark) break
 */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import { randomNumbers } from '../../../services/sandbox/random.ts'
import { deadLetters } from '../../../topology/topics.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import type { Cluster } from '../cluster.ts'
import { startHere } from '../here.ts'
import { publishTraffic } from '../publishing.ts'
import { scenario } from '../scenario.ts'
import { assertTraffic } from '../seen-of-traffic.ts'
import { openSystem } from '../system.ts'
import { makeTraffic, type Traffic } from '../traffic.ts'
import { type Crew, startFleet } from './fleet.ts'
import { memoryAtRest, watchMemory } from './memory.ts'
import { watchProgress } from './progress.ts'
import { randomFault } from './random-faults.ts'

const MINUTES = Number(process.env['SOAK_MINUTES'] ?? 30)
const SEED = Number(process.env['SOAK_SEED'] ?? 1)
const PER_SECOND = 30
/** Each webinar brings about 2.8 events for each of them, so one takes a minute. */
const PEOPLE = 600
const CALM_MS = 8_000
const RECOVERY_PATIENCE_MS = 180_000
const DRAIN_PATIENCE_MS = 10 * 60_000
/**
 * What a process has in memory at rest, of what the same services have that are started anew on the same state. How fast memory grows tells no leak here: what comes of a webinar
 * is kept, and the same few people come to one a minute. What is over, and is not state, leaked.
 */
const MOST_OF_FRESH = 1.3

scenario(
  {
    id: 'soak',
    sentence: `${MINUTES} minutes of random faults lose nothing, duplicate nothing, leave no partition stuck and leak no memory`,
    faults:
      'every 20 s or so one of: a broker killed, shut down, frozen, cut off, half-open, deaf or slow; a service killed, restarted or frozen; HubSpot refusing, failing, hanging up or losing its answer',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    await cluster.heal()
    const system = await openSystem(context, cluster)
    await startHere(context, ['sandbox-hubspot'], system.settings)
    const fleet = await startFleet(context, system.settings)
    const progress = watchProgress(system.cluster)
    atEnd(context, () => progress.stop())
    const memory = watchMemory(fleet.steady)
    atEnd(context, () => void memory.stop())
    const random = randomNumbers(SEED)
    let isPublished = false
    const publishing = publishFor(MINUTES, system.cluster).finally(() => {
      isPublished = true
    })
    const recoveries: { readonly fault: string; readonly seconds: number }[] = []
    while (!isPublished) {
      const fault = randomFault({ cluster, fleet, hubspot: system.hubspot }, random)
      await fault.happen()
      await cluster.heal()
      const healedAt = performance.now()
      const delivered = progress.delivered()
      while (!isPublished && progress.delivered() === delivered) {
        const waited = performance.now() - healedAt
        assert.ok(
          waited < RECOVERY_PATIENCE_MS,
          `nothing is delivered ${Math.round(waited / 1_000)} s after ${fault.name}`,
        )
        await delay(100)
      }
      recoveries.push({ fault: fault.name, seconds: (performance.now() - healedAt) / 1_000 })
      await delay(CALM_MS)
    }
    const traffic = await publishing
    await progress.through(DRAIN_PATIENCE_MS)
    const growth = memory.stop()
    const { lost, duplicated } = await assertTraffic(system.hubspot, traffic.expected)
    assert.deepEqual(await system.cluster.records(deadLetters.name), [])
    await fleet.endExposed()
    const kept = await Promise.all(fleet.steady.map(keptOf))
    await fleet.end()
    const longest = recoveries.toSorted((a, b) => b.seconds - a.seconds)[0]
    const notes = [
      `${recoveries.length} faults; the longest recovery took ${longest?.seconds.toFixed(1)} s, after: ${longest?.fault}`,
      ...growth.map(
        ({ name, from, to, megabytesPerHour }) =>
          `${name}: ${from} MB in use after warming up, ${to} MB at the end, ${megabytesPerHour.toFixed(0)} MB/h`,
      ),
      ...kept.map(({ name, rested, fresh }) => `${name}: ${rested} MB at rest, ${fresh} MB when started anew`),
    ]
    for (const { name, rested, fresh } of kept)
      assert.ok(rested <= MOST_OF_FRESH * fresh, `${name} leaks. ${notes.join('; ')}`)
    return { events: traffic.events.length, lost, duplicated, recoverySeconds: longest?.seconds ?? 0, notes }
  },
)

/** What a process that has every partition holds in memory with nothing to do, and what a new one in its place does. */
const keptOf = async (
  crew: Crew,
): Promise<{ readonly name: string; readonly rested: number; readonly fresh: number }> => {
  const rested = Math.round(await memoryAtRest(crew))
  await crew.end('SIGTERM')
  await crew.ready()
  const fresh = Math.round(await memoryAtRest(crew))
  return { name: crew.name, rested, fresh }
}

/** Webinar after webinar until the time is over. Gives all that was published. */
const publishFor = async (minutes: number, cluster: Cluster): Promise<Traffic> => {
  const endsAt = performance.now() + minutes * 60_000
  let published = makeTraffic({ webinars: 0, people: PEOPLE, seed: SEED })
  while (performance.now() < endsAt) {
    // The same seed gives the same webinars, and one more.
    const next = makeTraffic({ webinars: published.webinars + 1, people: PEOPLE, seed: SEED })
    await publishTraffic(cluster, next.events.slice(published.events.length), { perSecond: PER_SECOND })
    published = next
  }
  return published
}
