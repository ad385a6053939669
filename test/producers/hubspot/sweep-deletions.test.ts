import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { HubSpotError } from '../../../services/producers/hubspot/rest/problems.ts'
import { deletionsEveryMs } from '../../../services/producers/hubspot/sweep/limits.ts'
import { recordNotices } from '../../../topology/topics.ts'
import { startSweeping } from './sweeping.ts'

/** A portal whose activities were asked for once already, and no webhooks. */
const begun = async (context: TestContext, before: (tasks: Tasks) => Promise<void> = () => Promise.resolve()) => {
  const sweeping = await startSweeping(context, { limits: { burst: 10_000 } })
  const tasks: Tasks = {
    make: async () =>
      ((await sweeping.ask('POST', path, { properties: { hs_timestamp: '2026-10-14T09:00:00Z' } })) as { id: string })
        .id,
    delete: async id => void (await sweeping.ask('DELETE', `${path}/${id}`)),
  }
  await before(tasks)
  sweeping.clock.advance(1_000)
  await sweeping.sweep({ activities: true })
  sweeping.clock.advance(1_000)
  return {
    ...sweeping,
    ...tasks,
    /** The next sweep that looks for deletions. */
    look: async (options: Parameters<typeof sweeping.sweep>[0] = {}): Promise<void> => {
      sweeping.clock.advance(deletionsEveryMs)
      await sweeping.sweep({ activities: true, ...options })
    },
    /** Records that were noticed as deleted, and when they were. */
    gone: async () =>
      (await sweeping.decoded(recordNotices)).flatMap(({ gone, object, record, occurredAt }) =>
        gone ? [`${object} ${record} ${occurredAt}`] : [],
      ),
    lists: async () => {
      const requests = (await sweeping.ask('GET', '/_sandbox/requests')) as readonly { path: string }[]
      return requests.filter(request => request.path.startsWith(`${path}?archived=true`)).length
    },
  }
}

interface Tasks {
  /** Makes a task and gives its id. */
  make(): Promise<string>
  delete(id: string): Promise<void>
}

const path = '/crm/v3/objects/tasks'

describe('tasks that were deleted in HubSpot without a webhook', () => {
  it('T8 are noticed once, as of when they were, and those not that were deleted before tasks were shared', async context => {
    const sweeping = await begun(context, async tasks => tasks.delete(await tasks.make()))
    const [first, second] = [await sweeping.make(), await sweeping.make()]
    const deletedAt = sweeping.clock.now()
    await sweeping.delete(second)
    for (const _ of [1, 2]) await sweeping.look()
    assert.deepEqual(await sweeping.gone(), [`task ${second} ${deletedAt}`])
    await sweeping.delete(first)
    const later = sweeping.clock.now()
    await sweeping.look()
    assert.deepEqual(await sweeping.gone(), [`task ${second} ${deletedAt}`, `task ${first} ${later}`])
  })

  it('T8 are noticed again when they were restored meanwhile', async context => {
    const sweeping = await begun(context)
    const id = await sweeping.make()
    const times: string[] = []
    for (const _ of [1, 2]) {
      await sweeping.delete(id)
      times.push(`task ${id} ${sweeping.clock.now()}`)
      await sweeping.look()
      const restored = { method: 'POST', redirect: 'manual' } as const
      assert.equal((await fetch(`${sweeping.url}/records/tasks/${id}/restore`, restored)).status, 303)
      sweeping.clock.advance(1_000)
    }
    assert.deepEqual(await sweeping.gone(), times)
  })

  it('T8 are all noticed, however many pages they are on, also when one of these could not be read at first', async context => {
    const sweeping = await begun(context)
    const ids: string[] = []
    for (let made = 0; made < 130; made++) ids.push(await sweeping.make())
    for (const id of ids) await sweeping.delete(id)
    const broken = new HubSpotError('HUBSPOT_UNREACHABLE', 'gone')
    await sweeping.look({
      fails: true,
      reader: own => ({
        ...own,
        deleted: async (...given) => (given[1] === null ? await own.deleted(...given) : await Promise.reject(broken)),
      }),
    })
    assert.equal((await sweeping.gone()).length, 100)
    await sweeping.look()
    const gone = await sweeping.gone()
    assert.deepEqual(gone.map(text => text.split(' ')[1]).toSorted(), ids.toSorted())
  })

  it('T8 are looked for every six hours, and never while Salesforce is off', async context => {
    const sweeping = await begun(context)
    assert.equal(await sweeping.lists(), 0)
    await sweeping.look()
    assert.equal(await sweeping.lists(), 1)
    sweeping.clock.advance(deletionsEveryMs - 60_000)
    await sweeping.sweep({ activities: true })
    assert.equal(await sweeping.lists(), 1)
    sweeping.clock.advance(60_000)
    await sweeping.sweep()
    assert.equal(await sweeping.lists(), 1)
    await sweeping.sweep({ activities: true })
    assert.equal(await sweeping.lists(), 2)
  })
})
