import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { SalesforceError } from '../../../services/producers/salesforce/rest/problems.ts'
import type { SalesforceReader } from '../../../services/producers/salesforce/rest/reader.ts'
import { eventually } from '../../scenarios/eventually.ts'
import { startSweeping } from './sweeping.ts'

/** A process that follows the channels, of which a test chooses whether it can read the records that events name. */
const startFollowing = async (context: TestContext) => {
  const sweeping = await startSweeping(context)
  const named = { fails: false, failed: 0 }
  const around = (own: SalesforceReader): SalesforceReader => ({
    page: (operation, address, signal) => {
      if (!named.fails || !operation.endsWith('.named')) return own.page(operation, address, signal)
      named.failed += 1
      return Promise.reject(
        new SalesforceError({ code: 'SERVER_UNAVAILABLE', message: 'Salesforce is busy.' }, 'retryable'),
      )
    },
  })
  const start = async () => {
    const sweep = await sweeping.start(around, { follows: true })
    await eventually(async () => {
      const { streams } = (await sweeping.ask('GET', '/_sandbox/change-events')) as { readonly streams: number }
      assert.equal(streams, 3)
    })
    return sweep
  }
  const told = async () => (await sweeping.tasks()).map(({ fields }) => String(fields['Subject'])).toSorted()
  return {
    ...{ ...sweeping, named, start, told },
    isTold: (...subjects: readonly string[]) =>
      eventually(async () => assert.deepEqual(await told(), subjects.toSorted())),
    /** Until a record that an event named could not be read. */
    hasFailed: () => eventually(() => assert.ok(named.failed > 0)),
    came: () => sweeping.metrics.value('tributary_salesforce_change_events_total', { what: 'tasks' }),
  }
}

describe('what change events name', () => {
  it('T1 is kept while it cannot be read, also where no poll would find it', async context => {
    const { edit, start, isTold, named, hasFailed } = await startFollowing(context)
    const sweep = await start()
    await edit({ object: 'Task', fields: { Subject: 'Recent' } })
    await isTold('Recent')
    await sweep.poll()
    named.fails = true
    // As old as a long transaction leaves it: a poll reads from the last change on.
    await edit({ object: 'Task', fields: { Subject: 'Late' }, begunMsAgo: 240_000 })
    await hasFailed()
    named.fails = false
    await isTold('Recent', 'Late')
  })

  it('T1 comes again to the next process when this one ended before it was told', async context => {
    const { edit, start, isTold, named, hasFailed, came } = await startFollowing(context)
    const sweep = await start()
    await edit({ object: 'Task', fields: { Subject: 'Before' } })
    await isTold('Before')
    named.fails = true
    await edit({ object: 'Task', fields: { Subject: 'Untold' } })
    await hasFailed()
    assert.equal(await came(), 2)
    await sweep.close()
    named.fails = false
    await start()
    await eventually(async () => assert.equal(await came(), 3))
    await isTold('Before', 'Untold')
  })

  it('T1 goes on beyond the hundred events that are asked for at once', async context => {
    const { edit, start, isTold, came } = await startFollowing(context)
    await start()
    const subjects = Array.from({ length: 105 }, (_, n) => `Call ${n}`)
    for (const Subject of subjects) await edit({ object: 'Task', fields: { Subject } })
    await isTold(...subjects)
    assert.equal(await came(), 105)
  })
})
