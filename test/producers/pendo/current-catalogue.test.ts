import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { openCatalogue, refreshedEveryMs } from '../../../services/producers/pendo/current-catalogue.ts'
import type { PendoClient, Row } from '../../../services/producers/pendo/rest/client.ts'
import { PendoError } from '../../../services/producers/pendo/rest/problems.ts'
import { createLogger } from '../../../services/runtime/log.ts'
import { manualClock } from '../../clock.ts'

/** A Pendo whose one page is a Core Event or not, or that cannot be reached. */
const open = (context: TestContext) => {
  const clock = manualClock()
  const state = { core: true, reachable: true, reads: 0 }
  const client: PendoClient = {
    aggregate: operation => {
      state.reads += 1
      if (!state.reachable) return Promise.reject(new PendoError('PENDO_UNREACHABLE', 'gone'))
      const row: Row = { id: 'p1', name: 'Reports', isCoreEvent: state.core }
      return Promise.resolve(operation === 'read-pages' ? [row] : [])
    },
  }
  const lines: string[] = []
  const log = createLogger({ level: 'trace', write: line => lines.push(line) })
  const start = () => {
    const catalogue = openCatalogue({ client, clock, log })
    context.after(catalogue.close)
    return { catalogue, isCore: async () => (await catalogue.get()).byName('PAGE', 'Reports')?.core }
  }
  /** Everything that can go on without the clock has. */
  const settle = () => new Promise(resolve => setTimeout(resolve, 20))
  return { clock, state, lines, start, settle }
}

describe('what the product consists of', () => {
  it('P4 is read at the start and every five minutes', async context => {
    const { clock, state, start, settle } = open(context)
    const { isCore } = start()
    assert.equal(await isCore(), true)
    state.core = false
    await settle()
    assert.equal(await isCore(), true)
    clock.advance(refreshedEveryMs)
    await settle()
    assert.equal(await isCore(), false)
    assert.equal(state.reads, 6)
  })

  it('P4 stays as it was while Pendo cannot be reached, which is logged once', async context => {
    const { clock, state, lines, start, settle } = open(context)
    const { isCore } = start()
    await isCore()
    state.reachable = false
    for (let times = 0; times < 3; times++) {
      await settle()
      clock.advance(refreshedEveryMs)
    }
    await settle()
    assert.equal(await isCore(), true)
    assert.equal(lines.length, 1)
  })

  it('P4 is waited for a moment, and said to be unknown after it', async context => {
    const { clock, state, start, settle } = open(context)
    state.reachable = false
    const { catalogue, isCore } = start()
    const asked = assert.rejects(catalogue.get(), { code: 'PENDO_CATALOGUE_UNKNOWN', errorClass: 'retryable' })
    await settle()
    clock.advance(3_000)
    await asked
    state.reachable = true
    clock.advance(5_000)
    const waiting = isCore()
    await settle()
    clock.advance(2_000)
    await settle()
    assert.equal(await waiting, true)
  })

  it('P4 that nobody waits for any more is given up at the end', async context => {
    const { state, start } = open(context)
    state.reachable = false
    const { catalogue } = start()
    const asked = assert.rejects(catalogue.get(), { code: 'PENDO_CATALOGUE_UNKNOWN' })
    await catalogue.close()
    await asked
  })
})
