import { z } from 'zod'
import { parsed } from '../bodies.ts'
import { badRequest } from '../errors.ts'
import { isAnonymous } from '../ids.ts'
import type { Subscription } from '../model/subscription.ts'
import { assertPath, compileFilter, type Row, valueAt } from './expression.ts'
import { rowsOf, sourceShape } from './sources.ts'

const requestShape = z.object({
  response: z.object({ mimeType: z.literal('application/json') }),
  request: z.object({
    requestId: z.string().optional(),
    name: z.string().optional(),
    pipeline: z.array(z.record(z.string(), z.unknown())).min(1),
    /** tap-pendo sorts here when it does not in the pipeline. */
    sort: z.array(z.string()).optional(),
  }),
})

type Stage = (rows: readonly Row[], said: unknown) => readonly Row[]

const STAGES: Readonly<Record<string, Stage>> = {
  identified: (rows, said) => {
    const path = assertPath(said, 'identified')
    return rows.filter(row => {
      const id = valueAt(row, path)
      return typeof id === 'string' && id !== '' && !isAnonymous(id)
    })
  },
  filter: (rows, said) => rows.filter(compileFilter(parsed(z.string(), said, 'filter'))),
  sort: (rows, said) => sorted(rows, parsed(z.array(z.string()).min(1), said, 'sort')),
  select: (rows, said) => {
    const columns = Object.entries(parsed(z.record(z.string(), z.unknown()), said, 'select'))
    const paths = columns.map(([name, path]) => [name, assertPath(path, 'select')] as const)
    return rows.map(row => Object.fromEntries(paths.map(([name, path]) => [name, valueAt(row, path)])))
  },
  limit: (rows, said) => rows.slice(0, parsed(z.number().int().nonnegative(), said, 'limit')),
  /** As tap-pendo asks before it pages. */
  count: (rows, said) => [{ count: parsed(z.null(), said, 'count') ?? rows.length }],
}

/** Answers an aggregation with its rows. Refuses with 400, in words, a pipeline of which a part is not emulated. */
export const aggregate = (subscription: Subscription, body: unknown, now: number): readonly Row[] => {
  const { request } = parsed(requestShape, body, 'aggregation')
  const [first = {}, ...rest] = request.pipeline
  const { source, ...others } = first
  if (source === undefined) throw badRequest('pipeline: the first stage must be a source')
  const rows = rowsOf(parsed(sourceShape, source, 'source'), subscription, now)
  const stages = [others, ...rest].flatMap(stage => Object.entries(stage))
  const result = stages.reduce((before, [name, said]) => {
    const stage = Object.hasOwn(STAGES, name) ? STAGES[name] : undefined
    if (!stage)
      throw badRequest(
        `pipeline: the stage ${name} is not emulated. There are: source, ${Object.keys(STAGES).join(', ')}.`,
      )
    return stage(before, said)
  }, rows)
  return request.sort ? sorted(result, request.sort) : result
}

/** By one field after the other; a name after a minus goes down. */
const sorted = (rows: readonly Row[], names: readonly string[]): readonly Row[] => {
  const keys = names.map(name => ({
    path: assertPath(name.replace(/^-/, ''), 'sort'),
    sign: name.startsWith('-') ? -1 : 1,
  }))
  return [...rows].sort((a, b) => {
    for (const { path, sign } of keys) {
      const order = compared(valueAt(a, path), valueAt(b, path))
      if (order !== 0) return order * sign
    }
    return 0
  })
}

const compared = (a: unknown, b: unknown): number => {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [a ?? '', b ?? ''].map(String)
  return (left ?? '') < (right ?? '') ? -1 : left === right ? 0 : 1
}
