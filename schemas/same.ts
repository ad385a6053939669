import { isDeepStrictEqual } from 'node:util'

/** Whether two values of a record say the same. What was decoded has classes of avsc where a handler makes plain objects; that is no difference. */
export const isSame = (a: unknown, b: unknown): boolean => isDeepStrictEqual(a, b, { skipPrototype: true })
