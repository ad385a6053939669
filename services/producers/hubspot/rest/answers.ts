import { z } from 'zod'
import { unreadable } from './problems.ts'

/** What a shape makes of an answer of JSON. Throws `HUBSPOT_ANSWER_UNREADABLE`. @param expected what the answer should hold, as a noun */
export const readAs = <Shape extends z.ZodType>(
  shape: Shape,
  answer: string,
  { operation, expected }: { readonly operation: string; readonly expected: string },
): z.infer<Shape> => {
  const { data } = shape.safeParse(jsonIn(answer))
  if (!data) throw unreadable(operation, expected)
  return data
}

/** Where the next page begins; what cannot be read says that there is none. */
export const paging = z
  .object({ next: z.object({ after: z.string() }).nullish() })
  .nullish()
  .catch(null)

/** The value of a text of JSON; undefined for what is none. */
const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
