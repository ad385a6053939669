import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import type { Crew } from './fleet.ts'

const LOOK_MS = 15_000
/** At first caches fill and code is compiled. */
const WARM_UP_SHARE = 1 / 3
/** Longer than consumers keep rows decoded that nothing asks for, and look for them (services/runtime/process/row-store.ts, consumer-task.ts). */
const REST_MS = 90_000
const REST_LOOK_MS = 5_000
const REST_PATIENCE_MS = 6 * 60_000
/** Of what is in use, between two looks at a process that rests. */
const REST_SHARE = 0.02

export interface MemoryGrowth {
  readonly name: string
  /** Megabytes in use after warming up, and at the end. */
  readonly from: number
  readonly to: number
  /** Slope of the line that fits the samples after warming up best. */
  readonly megabytesPerHour: number
}

/** Samples the memory that processes use; `stop` tells how each grew. What is only not yet collected does not count: with memory to spare V8 lets it lie. */
export const watchMemory = (crews: readonly Crew[]): { stop(): readonly MemoryGrowth[] } => {
  const samples = crews.map(crew => ({ crew, points: [] as { readonly hours: number; readonly megabytes: number }[] }))
  const startedAt = performance.now()
  const look = async ({ crew, points }: (typeof samples)[number]): Promise<void> => {
    const megabytes = await inUse(crew)
    points.push({ hours: (performance.now() - startedAt) / 3_600_000, megabytes })
  }
  const timer = setInterval(() => void Promise.allSettled(samples.map(look)), LOOK_MS)
  return {
    stop: () => {
      clearInterval(timer)
      return samples.map(({ crew: { name }, points }) => {
        const warm = points.slice(Math.floor(points.length * WARM_UP_SHARE))
        const [from = 0, to = 0] = [warm[0]?.megabytes, warm.at(-1)?.megabytes].map(value => Math.round(value ?? 0))
        return { name, from, to, megabytesPerHour: slopeOf(warm) }
      })
    },
  }
}

/** Megabytes in use once a process with nothing to do holds no more and no less for a while: what it reads at its start is read, what it keeps for a time is let go. */
export const memoryAtRest = async (crew: Crew): Promise<number> => {
  const giveUpAt = performance.now() + REST_PATIENCE_MS
  const looks: number[] = []
  while (performance.now() < giveUpAt) {
    looks.push(await inUse(crew))
    const lately = looks.slice(-REST_MS / REST_LOOK_MS)
    const [least, most] = [Math.min(...lately), Math.max(...lately)]
    if (looks.length > lately.length && most - least < REST_SHARE * least) return most
    await delay(REST_LOOK_MS)
  }
  throw new Error(`${crew.name} does not come to rest. Megabytes in use: ${looks.map(Math.round).join(', ')}`)
}

/** Heap and buffers after a collection of garbage, by Node's inspector (https://chromedevtools.github.io/devtools-protocol/v8/). */
const inUse = async (crew: Crew): Promise<number> => {
  const [url = ''] = /ws:\/\/\S+/.exec(crew.stderr()) ?? []
  const socket = new WebSocket(url)
  try {
    await once(socket, 'open')
    await ask(socket, 1, 'HeapProfiler.collectGarbage')
    const expression = '(({ heapUsed, external }) => heapUsed + external)(process.memoryUsage())'
    const { result } = await ask(socket, 2, 'Runtime.evaluate', { expression })
    return result.value / 1_024 / 1_024
  } finally {
    socket.close()
  }
}

interface Answer {
  readonly id: number
  readonly result: { readonly result: { readonly value: number } }
}

const ask = async (socket: WebSocket, id: number, method: string, params = {}): Promise<Answer['result']> => {
  socket.send(JSON.stringify({ id, method, params }))
  for (;;) {
    const [{ data }] = (await once(socket, 'message')) as [MessageEvent]
    const answer = JSON.parse(String(data)) as Answer
    if (answer.id === id) return answer.result
  }
}

/** Least squares. */
const slopeOf = (points: readonly { readonly hours: number; readonly megabytes: number }[]): number => {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
  const hours = mean(points.map(point => point.hours))
  const megabytes = mean(points.map(point => point.megabytes))
  const spread = points.reduce((sum, point) => sum + (point.hours - hours) ** 2, 0)
  const joint = points.reduce((sum, point) => sum + (point.hours - hours) * (point.megabytes - megabytes), 0)
  return spread === 0 ? 0 : joint / spread
}
