import type { z } from 'zod'
import { badRequest } from './errors.ts'

/** What was said, as the shape describes it, or a refusal that names the first place where it does not fit. */
export const parsed = <Shape extends z.ZodType>(shape: Shape, said: unknown, where = 'body'): z.infer<Shape> => {
  const result = shape.safeParse(said)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw badRequest(`${[where, ...(issue?.path ?? [])].join('.')}: ${issue?.message ?? 'not understood'}`)
}
