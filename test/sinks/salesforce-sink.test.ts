import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { DeliverySettings } from '../../services/delivery/settings.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { salesforceTask } from '../../services/sinks/salesforce/objects.ts'
import { delivering, type WriteFacts } from '../delivery/delivering.ts'
import { openOrg, paths } from './salesforce-org.ts'

/** The Salesforce sink over Kafka in memory and an emulated org that knows Ada as a contact and Bob as a lead. */
const opened = async (context: TestContext, settings: Partial<DeliverySettings> = {}) => {
  const org = await openOrg(context)
  const ada = await org.add('Contact', { LastName: 'Lovelace', Email: 'ada@example.com' })
  const bob = await org.add('Lead', { LastName: 'Bob', Company: 'Analytical', Email: 'bob@example.com' })
  const harness = await delivering(() => org.destination, {
    clock: systemClock,
    settings: { retry: { firstMs: 5, longestMs: 50 }, ...settings },
  })
  for (const name of ['ada', 'bob', 'carol']) harness.know(name, `email:${name}@example.com`)
  const running = await harness.start()
  context.after(() => running.close())
  return { ...harness, org, running, ids: { ada, bob } }
}

const attended = (name: string, facts: Partial<WriteFacts> & { readonly webinar?: number } = {}): WriteFacts => {
  const { webinar = 1, ...others } = facts
  const write = salesforceTask.set(`attended:${webinar}:${name}`, {
    ...{ Subject: `Attended: ${webinar}`, Status: 'Completed', ActivityDate: '2026-10-14', Description: null },
  })
  const { key, fields } = write
  return { person: name, object: 'task', key: key ?? '', fields, revision: 1, createIfMissing: false, ...others }
}

describe('attendance in Salesforce', () => {
  it('Z12 is a task of the contact or the lead, and none for who is neither', async context => {
    const { write, done, org, ids, outcomes } = await opened(context)
    await write(attended('ada', { id: 'a' }), attended('bob', { id: 'b' }), attended('carol', { id: 'c' }))
    await done()
    assert.deepEqual(await outcomes(), { a: 'CREATED', b: 'CREATED', c: 'SKIPPED' })
    const tasks = await org.tasks()
    assert.deepEqual(new Set(tasks.map(({ WhoId }) => WhoId)), new Set([ids.ada, ids.bob]))
  })

  it('Z12 is changed at each leave, and nothing is sent when nothing is new', async context => {
    const { write, done, org, outcomes } = await opened(context)
    await write(attended('ada', { id: 'joined' }))
    await done()
    const left = { ...attended('ada').fields, Description: 'left 15:31' }
    await write(
      attended('ada', { id: 'left', revision: 2, fields: left }),
      attended('ada', { id: 'late', revision: 1 }),
    )
    await done()
    const requests = (await org.requests(paths.upsert)).length
    await write(attended('ada', { id: 'again', revision: 2, fields: left }))
    await done()
    assert.equal((await org.requests(paths.upsert)).length, requests)
    const { joined, again } = await outcomes()
    assert.deepEqual([joined, again], ['CREATED', 'UNCHANGED'])
    const [task, ...more] = await org.query('SELECT Description FROM Task')
    assert.deepEqual([task?.['Description'], more], ['left 15:31', []])
  })

  it('Z12 asks two requests for who is neither, however many writes there are', async context => {
    const { write, done, org, outcomes } = await opened(context)
    for (const webinar of [1, 2, 3, 4]) {
      await write(attended('carol', { webinar, id: `${webinar}` }))
      await done()
    }
    assert.deepEqual(new Set(Object.values(await outcomes())), new Set(['SKIPPED']))
    assert.equal((await org.requests(paths.query)).length, 2)
  })

  it('Z12 follows a lead that is converted between two writes, with one task in the end', async context => {
    const { write, done, org, ids } = await opened(context)
    await write(attended('bob'))
    await done()
    const { contact } = await org.call('POST', '/_sandbox/convert', { lead: ids.bob })
    await write(attended('bob', { revision: 2, fields: { ...attended('bob').fields, Subject: 'Attended: more' } }))
    await done()
    const tasks = await org.tasks()
    assert.deepEqual(
      tasks.map(({ WhoId, Subject }) => [WhoId, Subject]),
      [[contact, 'Attended: more']],
    )
  })

  it('Z12 follows a contact that was merged, and skips one that was deleted', async context => {
    const { write, done, org, ids, outcomes, know } = await opened(context)
    know('ada', 'email:ada@example.com', `salesforce:contact:${ids.ada}`)
    know('bob', 'email:bob@example.com', `salesforce:lead:${ids.bob}`)
    await write(attended('ada'), attended('bob'))
    await done()
    const winner = await org.add('Contact', { LastName: 'King', Email: 'king@example.com' })
    await org.call('POST', '/_sandbox/merge', { master: winner, losers: [ids.ada] })
    await org.remove('Lead', ids.bob)
    await write(attended('ada', { webinar: 2, id: 'merged' }), attended('bob', { webinar: 2, id: 'deleted' }))
    await done()
    assert.deepEqual([(await outcomes())['merged'], (await outcomes())['deleted']], ['CREATED', 'SKIPPED'])
    const tasks = await org.tasks()
    assert.deepEqual(
      tasks.map(({ WhoId }) => WhoId),
      [winner, winner],
    )
  })

  it('Z12 comes through locks and lost answers, once each', async context => {
    const { write, done, org, deadLetters } = await opened(context)
    await write(attended('ada', { webinar: 0 }))
    await done()
    for (const webinar of [1, 2, 3])
      await org.call('POST', '/_sandbox/rows', { externalId: `attended:${webinar}:ada`, times: 3 })
    await org.disturb(paths.upsert, 'reset-after-apply', 2)
    await write(...[1, 2, 3, 4, 5].map(webinar => attended('ada', { webinar })))
    await done()
    assert.equal((await org.tasks()).length, 6)
    const writes: { operation: string; object: string }[] = await org.call('GET', '/_sandbox/writes')
    assert.equal(writes.filter(({ operation, object }) => operation === 'create' && object === 'Task').length, 6)
    assert.deepEqual(await deadLetters(), [])
  })

  it('Z12 goes on when one of 200 is refused', async context => {
    const { write, done, org, deadLetters, outcomes } = await opened(context)
    const bad = { id: 'bad', webinar: 77, fields: { ...attended('ada').fields, Status: 'No such status' } }
    const writes = Array.from({ length: 200 }, (_, webinar) => attended('ada', webinar === 77 ? bad : { webinar }))
    await write(...writes)
    await done()
    assert.equal((await org.tasks()).length, 199)
    assert.equal((await outcomes())['bad'], 'REJECTED')
    assert.equal((await deadLetters()).length, 1)
  })

  it('Z12 waits while the allowance of requests is used up, and says why', async context => {
    const { write, done, until, org, running } = await opened(context, {
      pause: { failuresToOpen: 3, firstPauseMs: 50, longestPauseMs: 50 },
    })
    const usedUp = [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }]
    await org.disturb(paths.api, { status: 403, body: usedUp }, 3)
    await write(attended('ada'))
    await until('it pauses', () => running.status().state === 'paused')
    assert.match(running.status().reason ?? '', /^SALESFORCE_ALLOWANCE_USED_UP: .*next hours/)
    await done()
    assert.equal((await org.tasks()).length, 1)
  })
})
