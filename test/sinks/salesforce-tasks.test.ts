import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PutResult } from '../../services/delivery/destination.ts'
import { contact, lead, openOrg, paths, put, signal, taskOf } from './salesforce-org.ts'

const kinds = (results: readonly PutResult[]): string[] => results.map(({ kind }) => kind)
const ada = { LastName: 'Lovelace', Email: 'ada@example.com' }
const adaAsLead = { ...ada, Company: 'Analytical' }

describe('tasks in Salesforce', () => {
  it('Z12 are made once, and updated afterwards', async context => {
    const org = await openOrg(context)
    const who = await org.add('Contact', ada)
    const [made] = await put(org, taskOf(contact(who), 'attended:1:ada'))
    assert.ok(made?.kind === 'put')
    assert.equal(made.created, true)
    const [updated] = await put(
      org,
      taskOf(contact(who), 'attended:1:ada', { Subject: 'Attended: all', ActivityDate: null }),
    )
    assert.ok(updated?.kind === 'put')
    assert.deepEqual([updated.created, updated.record], [false, made.record])
    assert.deepEqual(
      (await org.tasks()).map(({ attributes: _, ...task }) => task),
      [
        {
          ...{ Id: made.record, Subject: 'Attended: all', Status: 'Completed', ActivityDate: null },
          ...{ WhoId: who, Tributary_Id__c: 'attended:1:ada' },
        },
      ],
    )
  })

  it('Z12 go by 200 in one request, with results in their order; one bad row rejects only itself', async context => {
    const org = await openOrg(context)
    const who = contact(await org.add('Contact', ada))
    const inputs = Array.from({ length: 200 }, (_, n) =>
      taskOf(who, `attended:${n}:ada`, n === 77 ? { Status: 'No such status' } : {}),
    )
    const results = await put(org, ...inputs)
    assert.equal((await org.requests(paths.upsert)).length, 1)
    assert.deepEqual(
      results.flatMap(({ kind }, n) => (kind === 'put' ? [] : [[n, kind]])),
      [[77, 'rejected']],
    )
    const bySubject = new Map((await org.tasks()).map(({ Id, Subject }) => [Subject, Id]))
    for (const [n, result] of results.entries())
      if (result.kind === 'put') assert.equal(result.record, bySubject.get(`Attended: attended:${n}:ada`))
    const refused = results[77]
    assert.ok(refused?.kind === 'rejected')
    assert.doesNotMatch(refused.message, /No such status/)
  })

  it('Z12 are not made twice when the connection was cut after they were made', async context => {
    const org = await openOrg(context)
    const task = taskOf(contact(await org.add('Contact', ada)), 'attended:1:ada')
    await org.disturb(paths.upsert, 'reset-after-apply')
    assert.deepEqual(kinds(await put(org, task)), ['retry'])
    const [again] = await put(org, { ...task, repeated: true })
    assert.ok(again?.kind === 'put')
    assert.equal(again.created, false)
    assert.equal((await org.tasks()).length, 1)
  })

  it('Z12 are tried again when another write locks the record', async context => {
    const org = await openOrg(context)
    const who = contact(await org.add('Contact', ada))
    await org.call('POST', '/_sandbox/rows', { externalId: 'attended:1:ada' })
    const tasks = [taskOf(who, 'attended:1:ada'), taskOf(who, 'attended:2:ada')]
    const results = await put(org, ...tasks)
    assert.deepEqual(kinds(results), ['retry', 'put'])
    assert.ok(results[0]?.kind === 'retry' && results[0].limited && results[0].code === 'UNABLE_TO_LOCK_ROW')
    assert.deepEqual(kinds(await put(org, ...tasks)), ['put', 'put'])
    assert.equal((await org.tasks()).length, 2)
  })

  it('Z12 of a lead that was converted lead to its contact', async context => {
    const org = await openOrg(context)
    const id = await org.add('Lead', adaAsLead)
    const { contact: became } = await org.call('POST', '/_sandbox/convert', { lead: id })
    const [orphaned] = await put(org, taskOf(lead(id), 'attended:1:ada'))
    assert.ok(orphaned?.kind === 'orphaned')
    assert.deepEqual(orphaned.survivor, { object: 'contact', id: became })
    assert.deepEqual(kinds(await put(org, taskOf(contact(became), 'attended:1:ada'))), ['put'])
  })

  it('Z12 of a merged contact lead to the winner, also of a winner that was merged again', async context => {
    const org = await openOrg(context)
    const [first, second, third] = [
      await org.add('Contact', ada),
      await org.add('Contact', ada),
      await org.add('Contact', ada),
    ]
    await org.call('POST', '/_sandbox/merge', { master: second, losers: [first] })
    await org.call('POST', '/_sandbox/merge', { master: third, losers: [second] })
    const results = await put(
      org,
      taskOf(contact(first), 'a'),
      taskOf(contact(second), 'b'),
      taskOf(contact(third), 'c'),
    )
    assert.deepEqual(
      results.map(result => (result.kind === 'orphaned' ? result.survivor : result.kind)),
      [contact(third), contact(third), 'put'],
    )
  })

  it('Z12 of a converted lead whose contact was merged lead to the winner', async context => {
    const org = await openOrg(context)
    const id = await org.add('Lead', adaAsLead)
    const { contact: became } = await org.call('POST', '/_sandbox/convert', { lead: id })
    const winner = await org.add('Contact', ada)
    await org.call('POST', '/_sandbox/merge', { master: winner, losers: [became] })
    const [orphaned] = await put(org, taskOf(lead(id), 'a'))
    assert.deepEqual(orphaned?.kind === 'orphaned' && orphaned.survivor, contact(winner))
  })

  it('Z12 of deleted records have nowhere to go', async context => {
    const org = await openOrg(context)
    const [one, other] = [await org.add('Contact', ada), await org.add('Lead', adaAsLead)]
    await org.remove('Contact', one)
    await org.remove('Lead', other)
    const never = contact('003000000000000AAA')
    const results = await put(org, taskOf(contact(one), 'a'), taskOf(lead(other), 'b'), taskOf(never, 'c'))
    assert.deepEqual(
      results.map(result => (result.kind === 'orphaned' ? result.survivor : result)),
      [null, null, null],
    )
  })

  it('Z12 fail for another reason when the record that they refer to is there', async context => {
    const org = await openOrg(context)
    const who = contact(await org.add('Contact', ada))
    for (const [statusCode, kind] of [
      ['INVALID_CROSS_REFERENCE_KEY', 'rejected'],
      ['ENTITY_IS_DELETED', 'retry'],
    ]) {
      await org.call('POST', '/_sandbox/rows', { externalId: 'a', statusCode, message: 'invalid cross reference id' })
      assert.deepEqual(kinds(await put(org, taskOf(who, 'a'))), [kind])
    }
  })

  it('are retried when nobody can say what became of the record', async context => {
    const org = await openOrg(context)
    const id = await org.add('Contact', ada)
    await org.remove('Contact', id)
    await org.disturb(paths.query, 'reset')
    assert.deepEqual(kinds(await put(org, taskOf(contact(id), 'a'))), ['retry'])
  })

  it('with a field that the org lacks are refused alone, in one more request', async context => {
    const org = await openOrg(context)
    const who = contact(await org.add('Contact', ada))
    const inputs = ['a', 'b', 'c'].map(key => taskOf(who, key, key === 'b' ? { Webinar__c: 'x' } : {}))
    const results = await put(org, ...inputs)
    assert.deepEqual(kinds(results), ['put', 'rejected', 'put'])
    assert.equal((await org.requests(paths.upsert)).length, 2)
  })

  it('that Salesforce cannot read are found among the others', async context => {
    const org = await openOrg(context)
    const who = contact(await org.add('Contact', ada))
    await org.disturb(paths.upsert, { status: 400, body: [{ errorCode: 'JSON_PARSER_ERROR', message: 'x' }] }, 2)
    const results = await put(org, ...['a', 'b', 'c', 'd'].map(key => taskOf(who, key)))
    assert.deepEqual(kinds(results), ['put', 'put', 'put', 'put'])
  })

  it('need a person when the field of their key is gone', async context => {
    const org = await openOrg(context)
    const who = contact(await org.add('Contact', ada))
    await org.call('DELETE', '/_sandbox/fields/Task/Tributary_Id__c')
    const [result] = await put(org, taskOf(who, 'a'))
    assert.ok(result?.kind === 'needs-person')
    assert.equal(result.code, 'SALESFORCE_TASK_FIELDS')
    const prepared = await org.destination.prepare(signal)
    assert.ok(prepared.kind === 'needs-person')
    assert.match(prepared.message, /Tributary_Id__c/)
    await org.call('POST', '/_sandbox/fields', {})
    assert.equal((await org.destination.prepare(signal)).kind, 'ready')
  })

  it('with keys that differ in nothing but case never meet in one request', async context => {
    const org = await openOrg(context)
    const who = contact(await org.add('Contact', ada))
    assert.deepEqual(kinds(await put(org, taskOf(who, 'a:X'), taskOf(who, 'a:x'))), ['put', 'put'])
    assert.equal((await org.requests(paths.upsert)).length, 2)
  })

  it('can be read by their keys, as a dry run does', async context => {
    const org = await openOrg(context)
    const who = contact(await org.add('Contact', ada))
    const long = 'attended:1:'.padEnd(400, 'x')
    await put(org, taskOf(who, "it's:1"), taskOf(who, long, { Description: 'joined 15:02' }))
    const { task } = org.destination.objects
    assert.ok(task && task.kind !== 'record' && task.of !== null && task.read)
    const targets = [
      { key: long, of: who },
      { key: 'never', of: who },
      { key: "it's:1", of: who },
    ]
    const results = await task.read(targets, ['Subject', 'ActivityDate', 'Description'], signal)
    assert.deepEqual(
      results.map(result => (result.kind === 'held' ? result.fields : result.kind)),
      [
        { Subject: `Attended: ${long}`.slice(0, 255), ActivityDate: '2026-10-14', Description: 'joined 15:02' },
        'missing',
        { Subject: "Attended: it's:1", ActivityDate: '2026-10-14', Description: null },
      ],
    )
  })
})
