import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startSweeping } from './sweeping.ts'

/** The query by which tasks are read. */
const path =
  '/services/data/v60.0/queryAll?q=SELECT%20Id%2C%20IsDeleted%2C%20CreatedDate%2C%20LastModifiedDate%2C%20SystemModstamp%2C%20Subject'

describe('a task that relates to an account', () => {
  for (const [what, message] of [
    ['accounts of tasks', `No such column 'AccountId' on entity 'Task'.`],
    ['accounts', `Didn't understand relationship 'Account' in field path.`],
    ['web sites of accounts', `No such column 'Website' on entity 'Account'.`],
  ] as const)
    it(`T1 is told by the account alone where the integration user may not see ${what}, and no trouble`, async context => {
      const sweeping = await startSweeping(context)
      const account = await sweeping.add('Account', { Name: 'One', Website: 'https://www.one.example' })
      const sweep = await sweeping.start()
      const answer = {
        status: 400,
        body: [{ errorCode: 'INVALID_FIELD', message: `ERROR at Row:1:Column:9\n${message}` }],
      }
      await sweeping.ask('POST', '/_sandbox/faults', { match: { method: 'GET', path }, times: 1, answer })
      await sweeping.edit({ object: 'Task', fields: { Subject: 'Call', WhatId: account } })
      await sweep.poll()
      assert.equal(sweep.status().reason, undefined)
      const [task, ...others] = await sweeping.tasks()
      assert.deepEqual([task?.related?.[0]?.names, others], [[`salesforce:account:${account}`], []])
    })
})
