import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { examineChangeEvents } from '../../services/doctor/salesforce-events.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { createSalesforceClient } from '../../services/sinks/salesforce/api/client.ts'
import { openOrg } from '../sinks/salesforce-org.ts'

const never = new AbortController().signal
const privateKey = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()

const found = async (
  context: TestContext,
  options: {
    readonly selected?: readonly string[]
    readonly answer?: { readonly status: number; readonly body: unknown }
  } = {},
) => {
  const { selected: changeDataCapture = ['Task', 'Lead', 'Contact'], answer } = options
  const org = await openOrg(context, { sandbox: { changeDataCapture } })
  if (answer) await org.disturb('/services/data/v60.0/tooling', answer)
  const login = { loginUrl: org.url, clientId: 'sandbox', username: 'integration@example.com', privateKey }
  return await examineChangeEvents(createSalesforceClient({ ...login, clock }), ['Contact', 'Lead', 'Task'], never)
}

describe('the doctor on what Salesforce tells changes of', () => {
  it('T2 finds nothing amiss when all objects are selected', async context => {
    assert.deepEqual(
      (await found(context)).map(({ level, code }) => [level, code]),
      [['fine', 'CHANGE_EVENTS_SELECTED']],
    )
  })

  it('T2 names the objects that are not selected', async context => {
    const [finding, ...more] = await found(context, { selected: ['Lead', 'Account'] })
    assert.deepEqual([finding?.level, finding?.code, more], ['warning', 'CHANGE_EVENTS_NOT_SELECTED', []])
    assert.match(finding?.message ?? '', /Expected Contact and Task to be selected/)
  })

  it('T2 says what to do when the user may not see it', async context => {
    const body = [{ errorCode: 'INVALID_TYPE', message: "sObject type 'PlatformEventChannelMember' is not supported." }]
    const [finding] = await found(context, { answer: { status: 400, body } })
    assert.deepEqual([finding?.level, finding?.code], ['warning', 'CHANGE_EVENTS_UNSEEN'])
    assert.match(finding?.message ?? '', /View Setup and Configuration/)
  })

  it('finds nothing while Salesforce is out of order, or lets nobody ask any more today', async context => {
    const unavailable = [{ errorCode: 'SERVER_UNAVAILABLE', message: '' }]
    const usedUp = [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests Limit exceeded.' }]
    assert.deepEqual(await found(context, { answer: { status: 503, body: unavailable } }), [])
    assert.deepEqual(await found(context, { answer: { status: 403, body: usedUp } }), [])
  })
})
