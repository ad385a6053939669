/*
 * Guard: services/kafka/reading/fetcher.ts
 * -       await this.recover(error)
 * +       void error
 */
import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'
import type { TestCluster } from '../../cluster/cluster.ts'
import { startTestCluster } from '../../cluster/embedded.ts'
import { atEnd } from '../at-end.ts'
import { openRelay, type Relay } from '../relay.ts'
import { scenario } from '../scenario.ts'

const PARTITIONS = 6
const LOOK_MS = 250
const PAUSE_MS = 500
/** A broker that died is noticed after 9 s (broker.session.timeout.ms), its transactions end after 10; then leaders are elected and clients find them. */
const LONGEST_STALL_S = 60

scenario(
  {
    id: '5',
    sentence:
      'brokers restarted one after the other, cleanly and by kill -9, lose nothing, repeat nothing and stop nothing for long',
    faults: 'each of three brokers is stopped and started again under load, then each is killed and started again',
  },
  async context => {
    const cluster = await startTestCluster()
    atEnd(context, () => cluster.stop())
    const relay = await openRelay(context, cluster, { partitions: PARTITIONS })
    await relay.join()
    await relay.join()
    await relay.tell(600)
    await relay.isThrough()
    const load = new AbortController()
    const stall = longestStall(relay, load.signal)
    const telling = tellUntil(relay, load.signal)
    await restartEach(cluster, node => node.shutDown())
    await restartEach(cluster, node => node.kill())
    load.abort()
    await telling
    const recoverySeconds = await stall
    const outcome = await relay.isThrough(120_000)
    assert.ok(recoverySeconds < LONGEST_STALL_S, `nothing came through for ${recoverySeconds} s`)
    return { ...outcome, recoverySeconds }
  },
)

const restartEach = async (
  cluster: TestCluster,
  end: (node: TestCluster['nodes'][number]) => Promise<void>,
): Promise<void> => {
  for (const node of cluster.nodes) {
    await end(node)
    await node.start()
    // As an operator waits before the next: with two of three out of sync nothing is written.
    await cluster.heal()
  }
}

const tellUntil = async (relay: Relay, signal: AbortSignal): Promise<void> => {
  while (!signal.aborted) {
    await relay.tell(20)
    await delay(PAUSE_MS)
  }
}

/** Seconds of the longest time in which nothing came through, while there was always something to come. */
const longestStall = async ({ kafka }: Relay, signal: AbortSignal): Promise<number> => {
  let [passed, since, longest] = [0, performance.now(), 0]
  while (!signal.aborted) {
    await delay(LOOK_MS)
    const ends = await kafka.topics.offsets('out').catch(() => [])
    const now = ends.reduce((sum, { stable }) => sum + stable, 0)
    if (now <= passed) continue
    longest = Math.max(longest, performance.now() - since)
    ;[passed, since] = [now, performance.now()]
  }
  return Math.max(longest, performance.now() - since) / 1_000
}
