import assert from 'node:assert/strict'
import type { Clock } from '../../../services/runtime/clock.ts'
import { requestTimeoutMs as hubSpotTimeoutMs } from '../../../services/sinks/hubspot/limits.ts'
import { requestTimeoutMs as salesforceTimeoutMs } from '../../../services/sinks/salesforce/limits.ts'
import { type Scripted, scriptedFetch } from './scripted-answers.ts'

/** Runs something while every request of this process gets the scripted answers, and time passes at once. */
export const during = async (
  script: readonly Scripted[],
  act: (parts: { readonly clock: Clock; readonly signal: AbortSignal }) => Promise<void>,
): Promise<void> => {
  const scripted = scriptedFetch(script)
  const real = globalThis.fetch
  globalThis.fetch = scripted.fetch
  try {
    await act({ clock: hastyClock(), signal: scripted.signal })
  } finally {
    globalThis.fetch = real
  }
  scripted.assertBounded()
}

/** A pause of which nobody can say when it ends keeps a sink from all its work. */
const longestPauseMs = 25 * 60 * 60 * 1000

/** Whoever waits for a limit waits no time; whoever gives up on an answer waits for ever, since it comes at once. */
const hastyClock = (): Clock => {
  let now = Date.parse('2021-07-15T12:00:00Z')
  return {
    now: () => now,
    sleep: async (ms, signal) => {
      assert.ok(ms <= longestPauseMs, `waits for ${ms} ms`)
      if (signal && answerPatienceMs.has(ms)) await abortOf(signal)
      else now += ms
    },
  }
}

/** For so long a sink waits for an answer. */
const answerPatienceMs: ReadonlySet<number> = new Set([hubSpotTimeoutMs, salesforceTimeoutMs])

const abortOf = (signal: AbortSignal): Promise<void> =>
  new Promise(resolve => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

/** Kinds of results that a destination may give (services/delivery/destination.ts). */
const kinds: ReadonlySet<string> = new Set([
  ...[
    'ready',
    'retry',
    'needs-person',
    'rejected',
    'found',
    'missing',
    'skipped',
    'accepted',
    'gone',
    'put',
    'orphaned',
    'held',
  ],
])

/** Fails unless each result is of a kind that the seam knows, and what becomes part of a receipt has the type that it must have. */
export const assertStated = (results: readonly object[]): void => {
  for (const result of results) {
    const { kind, status, correlationId, code, message, afterMs, record, survivor, alias } = result as Record<
      string,
      unknown
    >
    assert.ok(kinds.has(String(kind)), `result of kind ${String(kind)}`)
    assert.ok(status == null || typeof status === 'number', 'the status is no number')
    assert.ok(correlationId == null || typeof correlationId === 'string', 'the correlation id is no text')
    for (const text of [code, message])
      assert.ok(text === undefined || typeof text === 'string', 'code or message is no text')
    assert.ok(
      afterMs === undefined || (Number(afterMs) >= 0 && Number(afterMs) <= longestPauseMs),
      `waits for ${String(afterMs)}`,
    )
    const id = typeof record === 'object' && record !== null ? (record as { id?: unknown }).id : record
    assert.ok(id == null || typeof id === 'string', 'the id of a record is no text')
    const kept = typeof survivor === 'object' && survivor !== null ? (survivor as { id?: unknown }).id : survivor
    assert.ok(kept == null || typeof kept === 'string', 'the id of a survivor is no text')
    assert.ok(alias == null || typeof alias === 'string', 'the alias is no text')
  }
}
