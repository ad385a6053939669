import { readFileSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { fuzz } from '../coverage-guided.ts'
import { openTarget } from '../targets/targets.ts'
import type { FromWorker, Job } from './job.ts'

/** Fuzzes in a thread of its own, so that an input that does not end, or takes all memory, can be told. */
const { target, seed, endsAt, corpus, shared } = workerData as Job
const tell = (message: FromWorker): void => parentPort?.postMessage(message)
const counters = new Int32Array(shared, 0, 2)
const current = new Uint8Array(shared, 8)
let toldAt = 0

const fuzzed = await fuzz({
  target: await openTarget(target),
  seed,
  corpus: corpus.map(path => readFileSync(path)),
  isOver: () => Date.now() >= endsAt,
  onInput: input => {
    current.set(input.subarray(0, current.length))
    counters[1] = Math.min(input.length, current.length)
    Atomics.add(counters, 0, 1)
  },
  onFinding: ({ symptom, stack, input }) => tell({ kind: 'finding', symptom, stack, input: input.toString('base64') }),
  onProgress: progress => {
    if (Date.now() - toldAt < 10_000) return
    toldAt = Date.now()
    tell({ kind: 'progress', ...progress })
  },
})
const { kept, ...reached } = fuzzed
tell({ kind: 'done', ...reached, kept: kept.map(input => input.toString('base64')) })
