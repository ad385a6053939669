import { readFileSync } from 'node:fs'
import type { Crew } from './fleet.ts'

const LOOK_MS = 5_000
/** At first caches fill and code is compiled. */
const WARM_UP_SHARE = 1 / 3

export interface MemoryGrowth {
  readonly name: string
  /** Resident megabytes after warming up, and at the end. */
  readonly from: number
  readonly to: number
  /** Slope of the line that fits the samples after warming up best. */
  readonly megabytesPerHour: number
}

/** Samples the resident memory of processes (Linux); `stop` tells how each grew. */
export const watchMemory = (crews: readonly Crew[]): { stop(): readonly MemoryGrowth[] } => {
  const samples = crews.map(crew => ({ crew, points: [] as { readonly hours: number; readonly megabytes: number }[] }))
  const startedAt = performance.now()
  const look = (): void => {
    for (const { crew, points } of samples) {
      const megabytes = residentOf(crew.pid)
      if (megabytes !== null) points.push({ hours: (performance.now() - startedAt) / 3_600_000, megabytes })
    }
  }
  const timer = setInterval(look, LOOK_MS)
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

const residentOf = (pid: number): number | null => {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    return kilobytes === undefined ? null : Number(kilobytes) / 1_024
  } catch {
    return null
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
