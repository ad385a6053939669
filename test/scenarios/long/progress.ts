import { setTimeout as delay } from 'node:timers/promises'
import { backlog } from '../../../services/runtime/quiet.ts'
import { pipeline } from '../../../topology/pipeline.ts'
import { parked, receipts } from '../../../topology/topics.ts'
import type { Cluster } from '../cluster.ts'

const LOOK_MS = 500
/** Services that do not run in long runs. */
const ABSENT = new Set(['hubspot-marketing', 'salesforce'])

/** The part of the map that runs in long runs. */
const running = {
  ...pipeline,
  producers: [],
  sinks: pipeline.sinks.filter(({ name }) => !ABSENT.has(name)),
}

/** How delivery goes on. */
export interface Progress {
  /** Writes that sinks are done with. */
  delivered(): number
  /** The longest time so far in which nothing was delivered though something waited, in seconds. */
  longestStall(): number
  /** Records that wait, and events that wait for their person. Null while the cluster cannot be asked. */
  waiting(): Promise<number | null>
  /** Resolves when nothing has waited for three looks in a row. Throws when that takes longer. */
  through(withinMs: number): Promise<void>
  stop(): void
}

export const watchProgress = (cluster: Cluster): Progress => {
  const stopping = new AbortController()
  let delivered = 0
  let movedAt = performance.now()
  let longest = 0
  let isIdle = true
  const look = async (): Promise<void> => {
    const offsets = await cluster.kafka.topics.offsets(receipts.name)
    const now = offsets.reduce((sum, { stable }) => sum + stable, 0)
    const moved = now > delivered
    if (!moved && !isIdle) longest = Math.max(longest, performance.now() - movedAt)
    if (moved || isIdle) movedAt = performance.now()
    if (moved) isIdle = false
    delivered = Math.max(delivered, now)
  }
  const watch = async (): Promise<void> => {
    while (!stopping.signal.aborted) {
      await look().catch(() => undefined)
      await delay(LOOK_MS)
    }
  }
  void watch()
  const waiting = async (): Promise<number | null> => {
    try {
      const behind = await backlog(cluster.kafka, running)
      if (behind > 0) return behind
      return [...(await cluster.latest(parked.name)).values()].filter(({ value }) => value !== null).length
    } catch {
      return null
    }
  }
  return {
    ...{ waiting, delivered: () => delivered, longestStall: () => longest / 1_000, stop: () => stopping.abort() },
    through: async withinMs => {
      const giveUpAt = performance.now() + withinMs
      for (let quiet = 0; quiet < 3; ) {
        const left = await waiting()
        isIdle = left === 0
        quiet = isIdle ? quiet + 1 : 0
        if (performance.now() > giveUpAt) throw new Error(`After ${withinMs / 1_000} s ${left} records still wait`)
        await delay(LOOK_MS)
      }
    },
  }
}
