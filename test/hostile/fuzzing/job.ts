import type { Progress } from '../coverage-guided.ts'
import type { TargetName } from '../targets/targets.ts'

/** What the thread that fuzzes is told. */
export interface Job {
  readonly target: TargetName
  readonly seed: number
  /** Milliseconds since the epoch. */
  readonly endsAt: number
  /** Files of inputs kept by earlier runs. */
  readonly corpus: readonly string[]
  /** A count of executions and the length of the input under way (32 bits each), then that input. */
  readonly shared: SharedArrayBuffer
}

export type FromWorker =
  | { readonly kind: 'finding'; readonly symptom: string; readonly stack: string; readonly input: string }
  | (Progress & { readonly kind: 'progress' })
  | (Progress & { readonly kind: 'done'; readonly kept: readonly string[] })
