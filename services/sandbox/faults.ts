import { z } from 'zod'

/** What happens to a matching request instead of, before or after what the vendor would do. */
const faultAnswer = z.union([
  z.literal('reset'),
  z.literal('reset-after-apply'),
  z.strictObject({ delayMs: z.number().nonnegative() }),
  z.strictObject({
    status: z.number().int().min(200).max(599),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
  }),
])

const fault = z.strictObject({
  match: z.strictObject({ method: z.string().optional(), path: z.string().optional() }).default({}),
  times: z.number().int().positive().default(1),
  answer: faultAnswer,
})

export type FaultAnswer = z.infer<typeof faultAnswer>

/** Faults on demand, as `POST /_sandbox/faults` takes them. */
export interface Faults {
  /** Adds a fault; throws a ZodError when it is not one. */
  add(input: unknown): void
  /** The answer of the oldest fault that matches and is not used up; using it counts. */
  take(method: string, path: string): FaultAnswer | undefined
  clear(): void
}

export const createFaults = (): Faults => {
  let waiting: { method: string | undefined; path: string; left: number; answer: FaultAnswer }[] = []
  return {
    add: input => {
      const { match, times, answer } = fault.parse(input)
      waiting.push({ method: match.method?.toUpperCase(), path: match.path ?? '/', left: times, answer })
    },
    take: (method, path) => {
      const found = waiting.find(one => (one.method ?? method) === method && path.startsWith(one.path))
      if (!found) return undefined
      found.left -= 1
      if (found.left === 0) waiting = waiting.filter(one => one !== found)
      return found.answer
    },
    clear: () => {
      waiting = []
    },
  }
}
