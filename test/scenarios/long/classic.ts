import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { deadLetters } from '../../../topology/topics.ts'
import type { TestCluster, TestNode } from '../../cluster/cluster.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { startHere } from '../here.ts'
import { publishTraffic } from '../publishing.ts'
import type { Counted } from '../scenario.ts'
import { assertTraffic } from '../seen-of-traffic.ts'
import { openSystem } from '../system.ts'
import { makeTraffic } from '../traffic.ts'
import { type Fleet, startFleet } from './fleet.ts'
import { watchProgress } from './progress.ts'

/** How brokers and services go down in a round. */
export type Manner = 'restarted cleanly' | 'killed'

/** Which to run; CLASSIC_ROUNDS=2,3 leaves the first out. */
export const ROUNDS = (process.env['CLASSIC_ROUNDS'] ?? '1,2,3').split(',').map(Number)

/** About 100,000 events: each of these people registers for each of these webinars, most come, some twice. */
const WEBINARS = 12
const PEOPLE = Number(process.env['CLASSIC_PEOPLE'] ?? 3_000)
const PER_SECOND = 900
const DOWN_MS = 2_000
const CALM_MS = 4_000
const DRAIN_PATIENCE_MS = 15 * 60_000

/** 100,000 events while brokers and services go down one after the other, over and over: what HubSpot holds must equal the reckoning. */
export const classicRound = async (context: TestContext, manner: Manner, seed: number): Promise<Counted> => {
  const cluster = await startTestCluster()
  atEnd(context, () => cluster.stop())
  await cluster.heal()
  const system = await openSystem(context, cluster)
  await startHere(context, ['sandbox-hubspot'], system.settings)
  const fleet = await startFleet(context, system.settings)
  const traffic = makeTraffic({ webinars: WEBINARS, people: PEOPLE, seed })
  const progress = watchProgress(system.cluster)
  atEnd(context, () => progress.stop())
  let isPublished = false
  const publishing = publishTraffic(system.cluster, traffic.events, { perSecond: PER_SECOND }).then(() => {
    isPublished = true
  })
  const faults = await disturbUntil(() => isPublished, cluster, fleet, manner)
  await publishing
  await progress.through(DRAIN_PATIENCE_MS)
  const { lost, duplicated } = await assertTraffic(system.hubspot, traffic.expected)
  assert.deepEqual(await system.cluster.records(deadLetters.name), [])
  await fleet.end()
  const notes = [`${faults} times a broker or a service went down`]
  return { events: traffic.events.length, lost, duplicated, recoverySeconds: progress.longestStall(), notes }
}

/** Brokers and services by turns, and all of them at least once. Gives how many went down. */
const disturbUntil = async (
  isOver: () => boolean,
  cluster: TestCluster,
  fleet: Fleet,
  manner: Manner,
): Promise<number> => {
  const deeds = [0, 1, 2].flatMap(turn => [
    () => downAndUp(cluster.nodes[turn], manner),
    async () => await fleet.exposed[turn]?.end(manner === 'killed' ? 'SIGKILL' : 'SIGTERM'),
  ])
  let done = 0
  while (!isOver() || done < deeds.length) {
    await deeds[done % deeds.length]?.()
    await cluster.heal()
    done += 1
    await delay(CALM_MS)
  }
  return done
}

const downAndUp = async (node: TestNode | undefined, manner: Manner): Promise<void> => {
  if (manner === 'killed') await node?.kill()
  else await node?.shutDown()
  await delay(DOWN_MS)
  await node?.start()
}
