import type { z } from 'zod'
import { invalidBody } from './errors.ts'

/** Parses a request's body, or refuses it as HubSpot refuses a body that does not fit the endpoint. */
export const parsed = <Shape extends z.ZodType>(shape: Shape, body: unknown): z.infer<Shape> => {
  const result = shape.safeParse(body)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw invalidBody(`${issue?.path.join('.') || 'body'}: ${issue?.message ?? 'not understood'}`)
}
