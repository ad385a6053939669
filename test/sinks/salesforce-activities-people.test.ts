import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { ownersForMs } from '../../services/sinks/salesforce/limits.ts'
import { adjustmentsOf, copy, kinds } from './salesforce-activities.ts'
import { activityOf, changeOf, type Org, openOrg, paths, putActivities, wholeActivity } from './salesforce-org.ts'

const ada = { LastName: 'Lovelace', Email: 'ada@example.com' }

const taskIn = async (org: Org, key = copy) => {
  const [task = {}] = await org.query(
    `SELECT Id, OwnerId, WhoId, Subject FROM Task WHERE IsDeleted = false AND Tributary_Id__c = '${key}'`,
  )
  return task
}

describe('whom shared tasks are of', () => {
  const whoOf = (WhoId: string) => ({ ...wholeActivity, WhoId })

  it('T8 is the contact that the lead became, also when it was converted between two writes', async context => {
    const org = await openOrg(context)
    const lead = await org.add('Lead', { ...ada, Company: 'Analytical' })
    await putActivities(org, activityOf(copy, whoOf(lead)))
    assert.equal((await taskIn(org))['WhoId'], lead)
    const { contact } = await org.call('POST', '/_sandbox/convert', { lead })
    const results = await putActivities(
      org,
      changeOf(copy, { WhoId: lead, Subject: 'b' }),
      activityOf('hubspot:task:2', whoOf(lead)),
    )
    assert.deepEqual(adjustmentsOf(results), [[], []])
    assert.deepEqual([(await taskIn(org))['WhoId'], (await taskIn(org))['Subject']], [contact, 'b'])
    assert.equal((await taskIn(org, 'hubspot:task:2'))['WhoId'], contact)
  })

  it('T8 is the winner of a merge, also of a winner that was merged again', async context => {
    const org = await openOrg(context)
    const [first, second, third] = [
      await org.add('Contact', ada),
      await org.add('Contact', ada),
      await org.add('Contact', ada),
    ]
    await org.call('POST', '/_sandbox/merge', { master: second, losers: [first] })
    await org.call('POST', '/_sandbox/merge', { master: third, losers: [second] })
    const keys = ['hubspot:task:1', 'hubspot:task:2', 'hubspot:task:3']
    const writes = keys.map((key, index) => activityOf(key, whoOf([first, second, third][index] ?? '')))
    assert.deepEqual(kinds(await putActivities(org, ...writes)), ['put', 'put', 'put'])
    for (const key of keys) assert.equal((await taskIn(org, key))['WhoId'], third)
  })

  it('T8 is nobody when they were deleted, which the receipt tells; the rest is written', async context => {
    const org = await openOrg(context)
    const [one, other] = [await org.add('Contact', ada), await org.add('Contact', ada)]
    await org.remove('Contact', one)
    const id = await org.add('Task', { Subject: 'a', WhoId: other })
    const results = await putActivities(
      org,
      activityOf(copy, whoOf(one)),
      changeOf(`salesforce:task:${id}`, { WhoId: '003000000000009AAA', Subject: 'b' }),
    )
    assert.deepEqual(adjustmentsOf(results), [['WHO_GONE'], ['WHO_GONE']])
    assert.equal((await taskIn(org))['WhoId'], null)
    const [own] = await org.query(`SELECT WhoId, Subject FROM Task WHERE Id = '${id}'`)
    assert.deepEqual([own?.['WhoId'], own?.['Subject']], [other, 'b'])
  })

  it('T8 is cleared by null', async context => {
    const org = await openOrg(context)
    const who = await org.add('Contact', ada)
    await putActivities(org, activityOf(copy, whoOf(who)))
    await putActivities(org, changeOf(copy, { WhoId: null }))
    assert.equal((await taskIn(org))['WhoId'], null)
  })

  it('T8 is followed for a task that was deleted as well', async context => {
    const org = await openOrg(context)
    const lead = await org.add('Lead', { ...ada, Company: 'Analytical' })
    const { contact } = await org.call('POST', '/_sandbox/convert', { lead })
    const id = await org.add('Task', { Subject: 'a' })
    await org.remove('Task', id)
    const key = `salesforce:task:${id}`
    assert.deepEqual(kinds(await putActivities(org, changeOf(key, whoOf(lead)))), ['put'])
    assert.equal((await taskIn(org, key))['WhoId'], contact)
  })

  it('is asked again when nobody can say what became of them', async context => {
    const org = await openOrg(context)
    const who = await org.add('Contact', ada)
    await org.remove('Contact', who)
    await org.disturb(paths.query, 'reset')
    assert.deepEqual(kinds(await putActivities(org, activityOf(copy, whoOf(who)))), ['retry'])
    assert.deepEqual(kinds(await putActivities(org, { ...activityOf(copy, whoOf(who)), repeated: true })), ['put'])
  })
})

describe('to whom shared tasks are assigned', () => {
  const user = (org: Org, name: string, fields: Readonly<Record<string, unknown>> = {}): Promise<string> =>
    org.add('User', { Username: name, Email: name, LastName: 'User', ...fields })
  const ownedBy = (OwnerId: string | null) => ({ ...wholeActivity, OwnerId })
  /** Who assigns when nobody else is named. */
  const integrationUser = async (org: Org): Promise<unknown> => {
    const id = await org.add('Task', { Subject: 'x' })
    const [task] = await org.query(`SELECT OwnerId FROM Task WHERE Id = '${id}'`)
    return task?.['OwnerId']
  }
  const opened = async (context: TestContext) => {
    let now = Date.now()
    const clock = { now: () => now, sleep: () => new Promise<void>(() => undefined) }
    const org = await openOrg(context, { client: { clock } })
    return { org, pass: (ms: number) => (now += ms) }
  }

  it('T6 is the first address that an active user has, in any case of letters', async context => {
    const org = await openOrg(context)
    await user(org, 'gone@example.com', { IsActive: false })
    const rep = await user(org, 'rep@example.com', { Email: 'Rep@Example.com' })
    await user(org, 'other@example.com')
    const made = await putActivities(
      org,
      activityOf(copy, ownedBy('never@example.com gone@example.com REP@example.com other@example.com')),
    )
    assert.deepEqual(adjustmentsOf(made), [[]])
    assert.equal((await taskIn(org))['OwnerId'], rep)
  })

  it('T6 of several users with one address is who is named like it, else who was there first', async context => {
    const org = await openOrg(context)
    const [first, , , named] = [
      await user(org, 'one@example.com', { Email: 'rep@example.com' }),
      await user(org, 'two@example.com', { Email: 'rep@example.com' }),
      await user(org, 'three@example.com', { Email: 'lead@example.com' }),
      await user(org, 'Lead@example.com', { Email: 'lead@example.com' }),
    ]
    const keys = ['hubspot:task:1', 'hubspot:task:2'] as const
    await putActivities(
      org,
      activityOf(keys[0], ownedBy('rep@example.com')),
      activityOf(keys[1], ownedBy('lead@example.com')),
    )
    assert.deepEqual([(await taskIn(org, keys[0]))['OwnerId'], (await taskIn(org, keys[1]))['OwnerId']], [first, named])
  })

  it('T6 is the integration user when nobody has an address, which the receipt tells', async context => {
    const org = await openOrg(context)
    const made = await putActivities(org, activityOf(copy, ownedBy('never@example.com')))
    assert.deepEqual(adjustmentsOf(made), [['OWNER_UNKNOWN']])
    assert.equal((await taskIn(org))['OwnerId'], await integrationUser(org))
  })

  it('T6 stays who it is when nobody has an address, and is the integration user when no address is given', async context => {
    const org = await openOrg(context)
    const rep = await user(org, 'rep@example.com')
    await putActivities(org, activityOf(copy, ownedBy('rep@example.com')))
    const kept = await putActivities(org, changeOf(copy, { OwnerId: 'never@example.com' }))
    assert.deepEqual(adjustmentsOf(kept), [['OWNER_UNKNOWN']])
    assert.equal((await taskIn(org))['OwnerId'], rep)
    const cleared = await putActivities(org, changeOf(copy, { OwnerId: null }))
    assert.deepEqual(adjustmentsOf(cleared), [[]])
    assert.equal((await taskIn(org))['OwnerId'], await integrationUser(org))
  })

  it('T6 is asked in one request for many, and not again for minutes', async context => {
    const { org, pass } = await opened(context)
    await user(org, 'rep@example.com')
    const asked = async (): Promise<number> =>
      (await org.requests(paths.query)).filter(({ path }) => path.includes('User')).length
    const keys = Array.from({ length: 50 }, (_, n) => `hubspot:task:${n}`)
    await putActivities(org, ...keys.map((key, n) => activityOf(key, ownedBy(`rep@example.com ${n}@example.com`))))
    assert.equal(await asked(), 1)
    pass(ownersForMs - 1)
    await putActivities(org, activityOf(copy, ownedBy('3@example.com REP@example.com')))
    assert.equal(await asked(), 1)
    const late = await user(org, '3@example.com')
    pass(1)
    await putActivities(org, changeOf(copy, ownedBy('3@example.com rep@example.com')))
    assert.equal(await asked(), 2)
    assert.equal((await taskIn(org))['OwnerId'], late)
  })

  it('T6 is somebody else when Salesforce says that the user left', async context => {
    const org = await openOrg(context)
    const rep = await user(org, 'rep@example.com')
    const lead = await user(org, 'lead@example.com')
    const write = activityOf(copy, ownedBy('rep@example.com lead@example.com'))
    await putActivities(org, write)
    assert.equal((await taskIn(org))['OwnerId'], rep)
    await org.call('PATCH', `/services/data/v60.0/sobjects/User/${rep}`, { IsActive: false })
    const next = activityOf('hubspot:task:2', write.fields)
    assert.deepEqual(kinds(await putActivities(org, next)), ['put'])
    assert.equal((await taskIn(org, next.key))['OwnerId'], lead)
    // Who has it may keep it.
    assert.deepEqual(kinds(await putActivities(org, changeOf(copy, { Subject: 'b' }))), ['put'])
    assert.equal((await taskIn(org))['OwnerId'], rep)
  })

  it('T6 is left to Salesforce when the login does not tell who the integration user is', async context => {
    const org = await openOrg(context)
    const body = { access_token: 'sandbox', instance_url: org.url, id: `${org.url}/id/unknown`, token_type: 'Bearer' }
    await org.disturb(paths.token, { status: 200, body })
    const made = await putActivities(org, activityOf(copy, ownedBy(null)))
    assert.deepEqual(adjustmentsOf(made), [[]])
    assert.equal((await taskIn(org))['OwnerId'], await integrationUser(org))
  })

  it('is asked again later when nobody can say who has the addresses; other tasks go on', async context => {
    const org = await openOrg(context)
    await org.disturb(paths.query, 'reset')
    const { OwnerId: _, ...unowned } = wholeActivity
    const writes = [activityOf(copy, ownedBy('rep@example.com')), activityOf('hubspot:task:2', unowned)]
    assert.deepEqual(kinds(await putActivities(org, ...writes)), ['retry', 'put'])
  })
})
