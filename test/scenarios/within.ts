import assert from 'node:assert/strict'
import { setTimeout as delay } from 'node:timers/promises'

/** What the promise gives; fails when it takes longer. @param what as in "Waited in vain until …" */
export const within = async <Result>(ms: number, what: string, work: Promise<Result>): Promise<Result> => {
  const over = new AbortController()
  const inVain = delay(ms, undefined, { signal: over.signal }).then(() =>
    assert.fail(`Waited ${ms} ms in vain until ${what}`),
  )
  inVain.catch(() => undefined)
  try {
    return await Promise.race([work, inVain])
  } finally {
    over.abort()
  }
}
