import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { minute, type Sweeping, startSweeping } from './sweeping.ts'

const second = 1_000
const day = 24 * 60 * minute

/** What was told of tasks, in order, in short. */
const told = async ({ tasks }: Pick<Sweeping, 'tasks'>): Promise<readonly string[]> =>
  (await tasks())
    .toSorted((a, b) => a.receivedAt - b.receivedAt)
    .map(({ change, fields, ours }) => `${change} ${fields['Subject']}${ours ? ' (ours)' : ''}`)

const mergesOf = async ({ claims }: Sweeping) =>
  (await claims()).filter(({ kind }) => kind === 'MERGE').map(({ aliases }) => aliases)

describe('the sweep of Salesforce', () => {
  it('T2 begins with what changes after the first start, and tells an older task once it is changed', async context => {
    const sweeping = await startSweeping(context)
    const old = await sweeping.edit({ object: 'Task', fields: { Subject: 'Old' } })
    const sweep = await sweeping.start()
    assert.deepEqual(await told(sweeping), [])
    const order = (await sweeping.queries()).map(query => /FROM (\w+)/.exec(query)?.[1])
    assert.deepEqual(order, ['Task', 'Contact', 'Lead'], 'tasks do not begin only when all people are read')
    await sweeping.edit({ object: 'Task', fields: { Subject: 'New' } })
    await sweep.poll()
    sweeping.clock.advance(second)
    await sweeping.edit({ object: 'Task', id: old, fields: { Status: 'Completed' } })
    await sweep.poll()
    await sweep.poll()
    assert.deepEqual(await told(sweeping), ['CREATED New', 'UPDATED Old'])
    const [, last] = (await sweeping.tasks()).toSorted((a, b) => a.receivedAt - b.receivedAt)
    assert.deepEqual([last?.link, last?.fields['IsClosed'], last?.ours], [`salesforce:task:${old}`, true, false])
  })

  it('T2 is not begun anew by a later start: what changed while nothing ran is told, days later too', async context => {
    const sweeping = await startSweeping(context)
    const first = await sweeping.start()
    await first.close()
    sweeping.clock.advance(second)
    const task = await sweeping.edit({ object: 'Task', fields: { Subject: 'Meanwhile' } })
    sweeping.clock.advance(3 * day)
    await sweeping.add('Contact', { LastName: 'Lovelace', Email: 'ada@example.com' })
    const later = await sweeping.start()
    assert.deepEqual(await told(sweeping), ['CREATED Meanwhile'])
    assert.equal((await sweeping.tasks())[0]?.record, task)
    assert.equal((await sweeping.claims()).length, 1)
    await later.poll()
    await later.close()
    await sweeping.start()
    assert.equal((await sweeping.tasks()).length, 1)
    assert.equal((await sweeping.claims()).length, 1)
  })

  it('T1 tells each change of a task, deletion and restoration too, and none twice', async context => {
    const sweeping = await startSweeping(context)
    const contact = await sweeping.add('Contact', { LastName: 'Lovelace', Email: 'ada@example.com' })
    const sweep = await sweeping.start()
    const id = await sweeping.edit({ object: 'Task', fields: { Subject: 'Call', WhoId: contact } })
    await sweep.poll()
    for (const step of [{ fields: { Subject: 'Call Ada' } }, { operation: 'delete' }, { operation: 'restore' }]) {
      sweeping.clock.advance(2 * minute)
      await sweeping.edit({ object: 'Task', id, ...step })
      for (let poll = 0; poll < 3; poll++) await sweep.poll()
    }
    assert.deepEqual(await told(sweeping), [
      ...['CREATED Call', 'UPDATED Call Ada', 'DELETED Call Ada', 'RESTORED Call Ada'],
    ])
    for (const { person, owner } of await sweeping.tasks()) {
      assert.equal(person, `salesforce:contact:${contact}`)
      assert.equal(owner, 'email:alex.rivera@sandbox.example.com')
    }
    assert.equal(await sweeping.metrics.value('tributary_salesforce_swept_total', { what: 'tasks' }), 4)
  })

  it('T7 tells what Tributary wrote as ours, and nothing of tasks of webinars', async context => {
    const sweeping = await startSweeping(context)
    const sweep = await sweeping.start()
    await sweeping.add('Task', { Subject: 'Copy', Tributary_Id__c: 'hubspot:task:5012' })
    await sweeping.add('Task', { Subject: 'Attended', Tributary_Id__c: '81234567890:ada@example.com' })
    await sweep.poll()
    assert.deepEqual(await told(sweeping), ['CREATED Copy (ours)'])
    const [copy] = await sweeping.tasks()
    assert.deepEqual([copy?.link, copy?.owner], ['hubspot:task:5012', null])
    sweeping.clock.advance(second)
    await sweeping.edit({ object: 'Task', id: copy?.record, fields: { Status: 'Completed' } })
    await sweep.poll()
    assert.deepEqual(await told(sweeping), ['CREATED Copy (ours)', 'UPDATED Copy'])
  })

  it('T7 tells what a person set back over a write of ours that no poll saw, and not what Salesforce itself touched', async context => {
    const sweeping = await startSweeping(context)
    const sweep = await sweeping.start()
    const id = await sweeping.edit({ object: 'Task', fields: { Subject: 'Call' } })
    await sweep.poll()
    sweeping.clock.advance(second)
    await sweeping.ask('PATCH', `/services/data/v60.0/sobjects/Task/${id}`, { Subject: 'Meet' })
    sweeping.clock.advance(second)
    await sweeping.edit({ object: 'Task', id, fields: { Subject: 'Call' } })
    await sweep.poll()
    assert.deepEqual(await told(sweeping), ['CREATED Call', 'UPDATED Call'])
    sweeping.clock.advance(second)
    await sweeping.ask('POST', '/_sandbox/touch', { ids: [id] })
    await sweep.poll()
    assert.equal((await sweeping.tasks()).length, 2)
  })

  it('A1 claims who everybody is at first, page by page, and later who changed', async context => {
    const sweeping = await startSweeping(context, { queryPageSize: 3 })
    for (let n = 0; n < 8; n++) await sweeping.add('Contact', { LastName: `Person ${n}`, Email: `p${n}@example.com` })
    const lead = await sweeping.add('Lead', { LastName: 'Boole', Company: 'Acme', Email: 'bo@example.com' })
    sweeping.clock.advance(day)
    const sweep = await sweeping.start()
    const aliases = (await sweeping.claims()).flatMap(claim => claim.aliases)
    for (let n = 0; n < 8; n++) assert.ok(aliases.includes(`email:p${n}@example.com`))
    assert.ok(aliases.includes(`salesforce:lead:${lead}`))
    assert.equal(aliases.length, 18)
    assert.equal(await sweeping.metrics.value('tributary_salesforce_sweep_left'), 0)
    await sweeping.edit({ object: 'Lead', id: lead, fields: { Email: 'george@example.com' } })
    await sweep.poll()
    const claims = await sweeping.claims()
    assert.equal(claims.length, 10)
    assert.deepEqual(claims.at(-1)?.aliases, [`salesforce:lead:${lead}`, 'email:george@example.com'])
  })

  it('T8 A1 makes one person of merged contacts, and tells their tasks with the survivor', async context => {
    const sweeping = await startSweeping(context)
    const [ada, other] = [
      await sweeping.add('Contact', { LastName: 'Lovelace', Email: 'ada@example.com' }),
      await sweeping.add('Contact', { LastName: 'King', Email: 'ada@king.example' }),
    ]
    const sweep = await sweeping.start()
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Call', WhoId: other } })
    await sweep.poll()
    sweeping.clock.advance(second)
    await sweeping.ask('POST', '/_sandbox/merge', { master: ada, losers: [other] })
    await sweep.poll()
    assert.deepEqual(await mergesOf(sweeping), [[`salesforce:contact:${ada}`, `salesforce:contact:${other}`]])
    const people = (await sweeping.tasks()).toSorted((a, b) => a.receivedAt - b.receivedAt).map(task => task.person)
    assert.deepEqual(people, [`salesforce:contact:${other}`, `salesforce:contact:${ada}`])
  })

  it('T8 A1 makes one person of a converted lead and its contact, and tells its tasks with the contact', async context => {
    const sweeping = await startSweeping(context)
    const lead = await sweeping.add('Lead', { LastName: 'Boole', Company: 'Acme', Email: 'bo@example.com' })
    const sweep = await sweeping.start()
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Call', WhoId: lead } })
    await sweep.poll()
    sweeping.clock.advance(second)
    const { contact } = (await sweeping.ask('POST', '/_sandbox/convert', { lead })) as { readonly contact: string }
    await sweep.poll()
    assert.deepEqual(await mergesOf(sweeping), [[`salesforce:contact:${contact}`, `salesforce:lead:${lead}`]])
    const people = (await sweeping.tasks()).toSorted((a, b) => a.receivedAt - b.receivedAt).map(task => task.person)
    assert.deepEqual(people, [`salesforce:lead:${lead}`, `salesforce:contact:${contact}`])
    const seen = (await sweeping.claims()).flatMap(({ aliases }) => aliases)
    assert.ok(seen.includes(`salesforce:contact:${contact}`) && seen.includes('email:bo@example.com'))
  })

  it('A1 claims nothing of somebody who was deleted', async context => {
    const sweeping = await startSweeping(context)
    const contact = await sweeping.add('Contact', { LastName: 'Lovelace', Email: 'ada@example.com' })
    await sweeping.edit({ object: 'Contact', id: contact, operation: 'delete' })
    await sweeping.start()
    assert.deepEqual(await sweeping.claims(), [])
  })

  it('T1 tells within one look back what a long transaction changed minutes before it ended, and once', async context => {
    const sweeping = await startSweeping(context)
    const sweep = await sweeping.start()
    sweeping.clock.advance(4 * minute)
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Now' } })
    await sweep.poll()
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Late' }, begunMsAgo: 3.9 * minute })
    for (let at = 0; at < 12; at++) {
      sweeping.clock.advance(minute)
      await sweep.poll()
    }
    assert.deepEqual(await told(sweeping), ['CREATED Now', 'CREATED Late'])
  })

  it('T1 costs one request an object while nothing changes, and does not read again what was changed before', async context => {
    const sweeping = await startSweeping(context, { queryPageSize: 2 })
    const sweep = await sweeping.start()
    for (let n = 0; n < 7; n++) {
      await sweeping.edit({ object: 'Task', fields: { Subject: `Task ${n}` } })
      sweeping.clock.advance(second)
    }
    await sweep.poll()
    for (const [afterMs, requests] of [
      [0, 3],
      [minute, 3],
      [5 * minute, 6],
      [20 * minute, 6],
      [5 * minute, 3],
      [minute, 3],
    ] as const) {
      sweeping.clock.advance(afterMs)
      const before = (await sweeping.queries()).length
      await sweep.poll()
      assert.equal((await sweeping.queries()).length - before, requests, `after ${afterMs} ms`)
    }
    assert.equal((await sweeping.tasks()).length, 7)
  })

  it('T8 tells tasks of an org without the key column by their own link, and by their key once it is there', async context => {
    const sweeping = await startSweeping(context, { tributaryField: false })
    const sweep = await sweeping.start()
    const id = await sweeping.edit({ object: 'Task', fields: { Subject: 'Call' } })
    await sweep.poll()
    assert.deepEqual(
      (await sweeping.tasks()).map(({ link }) => link),
      [`salesforce:task:${id}`],
    )
    assert.equal(sweep.status().reason, undefined)
    await sweeping.ask('POST', '/_sandbox/fields', {})
    await sweeping.add('Task', { Subject: 'Copy', Tributary_Id__c: 'hubspot:task:5012' })
    sweeping.clock.advance(5 * minute)
    const unkeyed = (await sweeping.queries()).length
    await sweep.poll()
    const links = (await sweeping.tasks()).map(({ link }) => link).toSorted()
    assert.deepEqual(links, ['hubspot:task:5012', `salesforce:task:${id}`])
    assert.ok((await sweeping.queries()).slice(unkeyed).some(query => query.includes('Tributary_Id__c')))
  })

  it('T8 reads no task when the key column vanishes, so that no copy is taken for a task, and reads people all the same', async context => {
    const sweeping = await startSweeping(context)
    const sweep = await sweeping.start()
    await sweeping.ask('DELETE', '/_sandbox/fields/Task/Tributary_Id__c')
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Whose?' } })
    await sweeping.add('Contact', { LastName: 'Lovelace', Email: 'ada@example.com' })
    await sweep.poll()
    assert.match(String(sweep.status().reason), /^SALESFORCE_TASK_FIELDS: .*Tributary_Id__c/)
    await sweep.close()
    const next = await sweeping.start()
    assert.match(String(next.status().reason), /^SALESFORCE_TASK_FIELDS: .*Tributary_Id__c/)
    await next.close()
    assert.deepEqual(await sweeping.tasks(), [])
    assert.equal((await sweeping.claims()).length, 1)
    await sweeping.ask('POST', '/_sandbox/fields', {})
    await sweeping.start()
    assert.deepEqual(await told(sweeping), ['CREATED Whose?'])
  })

  it('T1 tells what a task relates to, by the account and its domain, and by the account alone where its web site may not be seen', async context => {
    const sweeping = await startSweeping(context)
    const account = await sweeping.add('Account', { Name: 'One', Website: 'https://www.one.example' })
    const sweep = await sweeping.start()
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Seen', WhatId: account } })
    await sweep.poll()
    const hidden = `ERROR at Row:1:Column:9\nNo such column 'Website' on entity 'Account'.`
    const answer = { status: 400, body: [{ errorCode: 'INVALID_FIELD', message: hidden }] }
    const match = {
      method: 'GET',
      path: '/services/data/v60.0/queryAll?q=SELECT%20Id%2C%20IsDeleted%2C%20CreatedDate%2C%20LastModifiedDate%2C%20SystemModstamp%2C%20Subject',
    }
    await sweeping.ask('POST', '/_sandbox/faults', { match, times: 1, answer })
    await sweeping.edit({ object: 'Task', fields: { Subject: 'Unseen', WhatId: account } })
    await sweep.poll()
    assert.equal(sweep.status().reason, undefined)
    assert.deepEqual(
      new Map((await sweeping.tasks()).map(({ fields, related }) => [fields['Subject'], related?.[0]?.names])),
      new Map([
        ['Seen', [`salesforce:account:${account}`, 'domain:one.example']],
        ['Unseen', [`salesforce:account:${account}`]],
      ]),
    )
  })

  it('A1 leaves out what the integration user may not see of people', async context => {
    const sweeping = await startSweeping(context)
    await sweeping.add('Contact', { LastName: 'Lovelace', Email: 'ada@example.com', Phone: '+44 20' })
    const hidden = `ERROR at Row:1:Column:9\nNo such column 'Phone' on entity 'Contact'.`
    await sweeping.ask('POST', '/_sandbox/faults', {
      match: {
        method: 'GET',
        path: '/services/data/v60.0/queryAll?q=SELECT%20Id%2C%20IsDeleted%2C%20CreatedDate%2C%20LastModifiedDate%2C%20SystemModstamp%2C%20Email',
      },
      ...{ times: 1, answer: { status: 400, body: [{ errorCode: 'INVALID_FIELD', message: hidden }] } },
    })
    const sweep = await sweeping.start()
    assert.equal(sweep.status().reason, undefined)
    const [claim] = await sweeping.claims()
    assert.deepEqual(claim?.attributes, { lastName: 'Lovelace' })
  })
})
