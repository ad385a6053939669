import type { z } from 'zod'
import { invalid, invalidBody, type StandardError } from './errors.ts'

/** Parses a request's body, or refuses it as HubSpot refuses a body that does not fit the endpoint. */
export const parsed = <Shape extends z.ZodType>(shape: Shape, body: unknown): z.infer<Shape> => {
  const result = shape.safeParse(body)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw invalidBody(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not understood'}`)
}

/** The body of a batch's answer. @param at the time in ISO 8601 */
export const batchBody = (at: string, results: readonly object[], errors: readonly StandardError[] = []): object => ({
  status: 'COMPLETE',
  results,
  startedAt: at,
  completedAt: at,
  ...(errors.length > 0 ? { numErrors: errors.length, errors } : {}),
})

/** Refuses a batch that is empty or holds more than the endpoint takes. */
export const assertInputs = (inputs: readonly unknown[], most: number): void => {
  if (inputs.length === 0 || inputs.length > most)
    throw invalid(`Expected from 1 to ${most} inputs, but there are ${inputs.length}.`)
}

/** A part of a list and where the next one starts, as HubSpot's paged answers hold them. */
export const page = (
  all: readonly object[],
  { limit, after, most }: { limit: number; after?: string | undefined; most: number },
): { results: readonly object[]; paging?: { next: { after: string; link: string } } } => {
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= most)) throw invalid(`limit must be from 1 to ${most}`)
  const start = after === undefined ? 0 : Number(Buffer.from(after, 'base64url').toString())
  if (!(Number.isInteger(start) && start >= 0)) throw invalid('after must be the value that a page before gave')
  const results = all.slice(start, start + limit)
  if (start + limit >= all.length) return { results }
  const next = Buffer.from(String(start + limit)).toString('base64url')
  return { results, paging: { next: { after: next, link: `?after=${next}` } } }
}
