import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { SalesforceSandboxOptions } from '../../../services/sandbox/salesforce/start.ts'
import { eventually } from '../../scenarios/eventually.ts'
import { type Sweeping, startSweeping } from './sweeping.ts'

interface PubSubState {
  readonly streams: number
  readonly calls: Readonly<Record<string, number>>
}

const state = async ({ ask }: Sweeping) => (await ask('GET', '/_sandbox/change-events')) as PubSubState
const disturb = ({ ask }: Sweeping, faults: object) => ask('POST', '/_sandbox/change-events', faults)
const isFollowed = (sweeping: Sweeping, streams = 3) =>
  eventually(async () => assert.equal((await state(sweeping)).streams, streams))

/** What was told of tasks, in whatever order: those of several tasks have none. */
const told = async (sweeping: Sweeping): Promise<readonly string[]> =>
  (await sweeping.tasks()).map(({ change, fields }) => `${change} ${fields['Subject']}`).toSorted()

const isTold = (sweeping: Sweeping, ...expected: readonly string[]) =>
  eventually(async () => assert.deepEqual(await told(sweeping), expected.toSorted()))

const logins = async ({ ask }: Sweeping): Promise<number> => {
  const requests = (await ask('GET', '/_sandbox/requests')) as readonly { readonly path: string }[]
  return requests.filter(({ path }) => path === '/services/oauth2/token').length
}

const events = ({ metrics }: Sweeping, what: string): Promise<number> =>
  metrics.value('tributary_salesforce_change_events_total', { what })

/** A process that follows the channels, over an org of which nothing is to be told yet. */
const startFollowing = async (context: TestContext, options: SalesforceSandboxOptions = {}) => {
  const sweeping = await startSweeping(context, options)
  const sweep = await sweeping.start(undefined, { follows: true })
  await isFollowed(sweeping)
  return { sweeping, sweep }
}

describe('change events of Salesforce', () => {
  it('T1 T8 tell a task that is made, changed, deleted and restored without a poll, and the next polls tell nothing more', async context => {
    const { sweeping, sweep } = await startFollowing(context)
    const id = await sweeping.edit({ object: 'Task', fields: { Subject: 'Call' } })
    await isTold(sweeping, 'CREATED Call')
    sweeping.clock.advance(1_000)
    await sweeping.edit({ object: 'Task', id, fields: { Subject: 'Call back' } })
    await isTold(sweeping, 'CREATED Call', 'UPDATED Call back')
    sweeping.clock.advance(1_000)
    await sweeping.edit({ object: 'Task', id, operation: 'delete' })
    await isTold(sweeping, 'CREATED Call', 'UPDATED Call back', 'DELETED Call back')
    sweeping.clock.advance(1_000)
    await sweeping.edit({ object: 'Task', id, operation: 'restore' })
    const all = ['CREATED Call', 'UPDATED Call back', 'DELETED Call back', 'RESTORED Call back']
    await isTold(sweeping, ...all)
    await sweep.poll()
    sweeping.clock.advance(6 * 60_000)
    await sweep.poll()
    assert.deepEqual(await told(sweeping), all.toSorted())
    assert.equal(sweep.status().reason, undefined)
  })

  it('T7 tell a write of our own as ours, and what a person changes over it as none', async context => {
    const { sweeping } = await startFollowing(context)
    const id = await sweeping.add('Task', { Subject: 'Copy', Tributary_Id__c: 'hubspot:task:5012' })
    await isTold(sweeping, 'CREATED Copy')
    sweeping.clock.advance(1_000)
    await sweeping.edit({ object: 'Task', id, fields: { Subject: 'Edited' } })
    await isTold(sweeping, 'CREATED Copy', 'UPDATED Edited')
    assert.deepEqual(
      (await sweeping.tasks()).map(({ ours, link }) => [ours, link]),
      [
        [true, 'hubspot:task:5012'],
        [false, 'hubspot:task:5012'],
      ],
    )
  })

  it('T8 A1 tell of a converted lead and of a merged contact at once, and their tasks with who they are now', async context => {
    const sweeping = await startSweeping(context)
    const lead = await sweeping.add('Lead', { LastName: 'Boole', Company: 'Acme', Email: 'bo@example.com' })
    const other = await sweeping.add('Contact', { LastName: 'Boole', Email: 'boole@example.com' })
    await sweeping.start(undefined, { follows: true })
    await isFollowed(sweeping)
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Call', WhoId: lead } })
    await isTold(sweeping, 'CREATED Call')
    sweeping.clock.advance(1_000)
    const { contact } = (await sweeping.ask('POST', '/_sandbox/convert', { lead })) as { readonly contact: string }
    await eventually(async () => assert.equal((await sweeping.tasks()).at(-1)?.person, `salesforce:contact:${contact}`))
    sweeping.clock.advance(1_000)
    await sweeping.ask('POST', '/_sandbox/merge', { master: other, losers: [contact] })
    await eventually(async () => assert.equal((await sweeping.tasks()).at(-1)?.person, `salesforce:contact:${other}`))
    // Who a lead became, and which contact is another, is told in no order.
    const merges = [
      `salesforce:contact:${contact} salesforce:lead:${lead}`,
      `salesforce:contact:${other} salesforce:contact:${contact}`,
    ]
    await eventually(async () => {
      const claims = (await sweeping.claims()).filter(({ kind }) => kind === 'MERGE')
      assert.deepEqual(claims.map(({ aliases }) => aliases.join(' ')).toSorted(), merges.toSorted())
    })
    assert.equal((await sweeping.tasks()).length, 3)
  })

  it('T1 read a record once that many events name, and tell it once', async context => {
    const { sweeping, sweep } = await startFollowing(context)
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Call' } })
    await isTold(sweeping, 'CREATED Call')
    const before = (await sweeping.queries()).length
    await disturb(sweeping, { repeat: 1 })
    await disturb(sweeping, { repeat: 1 })
    await eventually(async () => assert.equal(await events(sweeping, 'repeated'), 2))
    assert.equal((await sweeping.queries()).length, before)
    await sweep.poll()
    assert.deepEqual(await told(sweeping), ['CREATED Call'])
  })

  it('T1 lose nothing and tell nothing twice when the process ended: they go on with the event after the last one', async context => {
    const { sweeping, sweep } = await startFollowing(context)
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Before' } })
    await isTold(sweeping, 'CREATED Before')
    await sweep.close()
    await isFollowed(sweeping, 0)
    const subject = { Subject: 'Meanwhile' }
    for (let n = 0; n < 3; n++) await sweeping.edit({ object: 'Task', fields: subject })
    const next = await sweeping.start(undefined, { follows: true })
    await eventually(async () => assert.equal(await events(sweeping, 'tasks'), 4))
    await next.poll()
    assert.deepEqual(await told(sweeping), ['CREATED Before', ...Array(3).fill('CREATED Meanwhile')])
  })

  it('T1 go on after the stream was cut, with what was changed meanwhile', async context => {
    const { sweeping, sweep } = await startFollowing(context)
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Before' } })
    await isTold(sweeping, 'CREATED Before')
    await disturb(sweeping, { cut: true })
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Meanwhile' } })
    await isTold(sweeping, 'CREATED Before', 'CREATED Meanwhile')
    await isFollowed(sweeping)
    await sweeping.edit({ object: 'Task', fields: { Subject: 'After' } })
    await isTold(sweeping, 'CREATED Before', 'CREATED Meanwhile', 'CREATED After')
    assert.equal(sweep.status().reason, undefined)
  })

  it('T1 begin anew when they are not kept any more from where they were left off: the sweep finds what was missed, and the log says so', async context => {
    const { sweeping, sweep } = await startFollowing(context)
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Before' } })
    await isTold(sweeping, 'CREATED Before')
    await sweep.close()
    await isFollowed(sweeping, 0)
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Missed' } })
    await disturb(sweeping, { expire: true })
    const next = await sweeping.start(undefined, { follows: true })
    await isFollowed(sweeping)
    await isTold(sweeping, 'CREATED Before', 'CREATED Missed')
    assert.equal(sweeping.lines.filter(line => line.includes('SALESFORCE_CHANGE_EVENTS_LOST')).length, 1)
    await sweeping.edit({ object: 'Task', fields: { Subject: 'After' } })
    await isTold(sweeping, 'CREATED Before', 'CREATED Missed', 'CREATED After')
    await next.poll()
    assert.equal((await sweeping.tasks()).length, 3)
  })

  it('T1 renew a session that is over once, whatever number of channels is refused', async context => {
    const { sweeping, sweep } = await startFollowing(context)
    assert.equal(await logins(sweeping), 1)
    await disturb(sweeping, { refuse: 3 })
    await disturb(sweeping, { cut: true })
    await eventually(async () => assert.equal(await logins(sweeping), 2))
    await isFollowed(sweeping)
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Call' } })
    await isTold(sweeping, 'CREATED Call')
    await sweep.poll()
    assert.equal(await logins(sweeping), 2)
    assert.equal(sweep.status().reason, undefined)
  })

  for (const [what, event] of [
    ['that more was changed than is told', { changeType: 'GAP_OVERFLOW', recordIds: ['000000000000000AAA'] }],
    ['of changes without their records', { changeType: 'GAP_UPDATE', recordIds: ['00T*'] }],
  ] as const)
    it(`T1 have all swept at once when one says ${what}`, async context => {
      const { sweeping, sweep } = await startFollowing(context)
      await sweeping.edit({ object: 'Task', fields: { Subject: 'Named' } })
      await isTold(sweeping, 'CREATED Named')
      await sweep.poll()
      await disturb(sweeping, { lose: 1 })
      // As old as a long transaction leaves it: only a look back finds it.
      await sweeping.edit({ object: 'Task', fields: { Subject: 'Unnamed' }, begunMsAgo: 240_000 })
      await disturb(sweeping, { publish: { entity: 'Task', ...event } })
      await isTold(sweeping, 'CREATED Named', 'CREATED Unnamed')
    })

  it('T1 have a record read of which only is told that something was changed', async context => {
    const { sweeping } = await startFollowing(context)
    await disturb(sweeping, { lose: 1 })
    const id = await sweeping.edit({ object: 'Task', fields: { Subject: 'Gap' } })
    await disturb(sweeping, { publish: { entity: 'Task', changeType: 'GAP_CREATE', recordIds: [id] } })
    await isTold(sweeping, 'CREATED Gap')
  })

  it('T1 need not come: the next poll tells what no event named', async context => {
    const { sweeping, sweep } = await startFollowing(context)
    await disturb(sweeping, { lose: 1 })
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Lost' } })
    await sweep.poll()
    assert.deepEqual(await told(sweeping), ['CREATED Lost'])
  })

  it('T1 keep what they name until it can be read', async context => {
    const { sweeping, sweep } = await startFollowing(context)
    const match = { method: 'GET', path: '/services/data/v60.0/query' }
    const body = [{ message: 'Server Unavailable', errorCode: 'SERVER_UNAVAILABLE' }]
    await sweeping.ask('POST', '/_sandbox/faults', { match, times: 1, answer: { status: 503, body } })
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Call' } })
    await isTold(sweeping, 'CREATED Call')
    await sweep.poll()
    assert.deepEqual(await told(sweeping), ['CREATED Call'])
  })

  it('T1 say what an admin has to do when the org does not send them, and the others come all the same', async context => {
    const sweeping = await startSweeping(context, { changeDataCapture: ['Task'] })
    const sweep = await sweeping.start(undefined, { follows: true })
    await isFollowed(sweeping, 1)
    await eventually(() =>
      assert.match(String(sweep.status().reason), /^SALESFORCE_CHANGE_EVENTS_OFF: .*Setup under Change Data Capture/),
    )
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Call' } })
    await isTold(sweeping, 'CREATED Call')
    await sweeping.add('Contact', { LastName: 'Lovelace', Email: 'ada@example.com' })
    await sweep.poll()
    assert.equal((await sweeping.claims()).length, 1)
    assert.match(sweeping.lines.join(''), /SALESFORCE_CHANGE_EVENTS_OFF/)
  })
})
