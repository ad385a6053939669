import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { salesforceDestination } from '../../../services/sinks/salesforce/destination.ts'
import { type Scripted, scriptIn } from './scripted-answers.ts'
import type { Target } from './target.ts'
import { assertStated, during } from './vendor-answers.ts'

const person = { id: 'p', aliases: ['email:ada@example.com'], emails: ['ada@example.com'], attributes: {} }
const of = { object: 'contact', id: '003000000000001AAA' }
const task = {
  ...{ key: 'task:1', of, person, at: null, known: false, repeated: false },
  fields: { Subject: 'Attended: Kafka', Status: 'Completed' },
}
const { of: _of, person: _person, ...activity } = task
const activities = [
  { ...activity, key: 'salesforce:task:00T000000000001EAA' },
  { ...activity, key: 'hubspot:task:1', fields: { WhoId: of.id, OwnerId: 'ada@example.com', Subject: 'S' } },
  { ...activity, key: 'hubspot:task:2', known: true },
  { ...activity, key: 'hubspot:task:3', fields: { IsDeleted: true } },
]
const token = {
  status: 200,
  body: { access_token: 't', instance_url: 'http://127.0.0.1:1', id: 'http://127.0.0.1:1/id/1/2' },
}
const usage = { 'sforce-limit-info': 'api-usage=18/5000' }
const people = {
  ...{ status: 200, headers: usage },
  body: {
    ...{ totalSize: 1, done: true },
    records: [
      {
        ...{ Id: of.id, Email: 'ada@example.com', CreatedDate: '2021-07-13T21:44:51.000+0000', IsDeleted: false },
        ...{
          MasterRecordId: null,
          IsConverted: false,
          ConvertedContactId: null,
          Tributary_Id__c: 'task:1',
          Subject: 'S',
        },
      },
    ],
  },
}
const row = {
  status: 200,
  headers: usage,
  body: [{ id: '00T000000000001AAA', success: true, created: true, errors: [] }],
}
const rowOf = (statusCode: string, message: string, fields: readonly string[] = []): Scripted => ({
  status: 200,
  body: [{ success: false, errors: [{ statusCode, message, fields }] }],
})
const refusal = (status: number, errorCode: string, message = 'm'): Scripted => ({
  status,
  body: [{ errorCode, message }],
})
const seeds: readonly Scripted[][] = [
  [token, people, row],
  [token, row],
  [token, rowOf('UNABLE_TO_LOCK_ROW', 'unable to obtain exclusive access')],
  [token, rowOf('DUPLICATE_VALUE', 'duplicate value found: Tributary_Id__c', ['Tributary_Id__c'])],
  [token, rowOf('INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id'), people],
  [token, refusal(400, 'INVALID_FIELD', "No such column 'Tributary_Id__c' on entity 'Task'")],
  [token, refusal(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')],
  [token, refusal(401, 'INVALID_SESSION_ID'), token, people],
  [
    token,
    { status: 200, body: { records: [], done: false, nextRecordsUrl: '/services/data/v60.0/query/1-2000' } },
    people,
  ],
  [{ status: 400, body: { error: 'invalid_grant', error_description: "user hasn't approved this consumer" } }],
  [token, { status: 503, body: '<html>' }],
]
const privateKey = generateKeyPairSync('rsa', { modulusLength: 1_024 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

/** Answers of Salesforce to everything that the sink asks it. */
export const open = (): Target => ({
  seeds: seeds.map(script => Buffer.from(JSON.stringify(script))),
  dictionary: [
    'errors',
    'fields',
    'errorCode',
    'statusCode',
    'nextRecordsUrl',
    'done',
    'records',
    'sforce-limit-info',
    'ENTITY_IS_DELETED',
  ],
  covers: ['/services/sinks/salesforce/', '/services/delivery/requests/rate-limit'],
  run: async bytes =>
    await during(scriptIn(bytes), async ({ clock, signal }) => {
      const login = { loginUrl: 'http://127.0.0.1:1', clientId: 'c', username: 'u', privateKey }
      const destination = salesforceDestination({ ...login, clock, pace: { requests: 100_000, windowMs: 1_000 } })
      const tasks = destination.objects['task']
      assert.ok(tasks && tasks.kind !== 'record' && tasks.of !== null)
      assertStated([await destination.prepare(signal)])
      assertStated(await destination.resolve(['contact', 'lead'], [person], signal))
      assertStated(await tasks.put([task, { ...task, key: 'task:2' }], signal))
      assertStated((await tasks.read?.([task], ['Subject'], signal)) ?? [])
      const shared = destination.objects['activity']
      assert.ok(shared && shared.kind !== 'record' && shared.of === null)
      assertStated(await shared.put(activities, signal))
      const keys = activities.map(({ key }) => key)
      assertStated((await shared.read?.(keys, ['Subject', 'OwnerId'], signal)) ?? [])
    }),
})
