import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { connectZoom } from '../../../services/producers/zoom/rest/connect.ts'
import { createZoomLimits } from '../../../services/producers/zoom/rest/limits.ts'
import { createMetrics } from '../../../services/runtime/metrics.ts'
import { errorsIn, problemOf, problemOfRow } from '../../../services/sinks/salesforce/answers.ts'
import { manualClock } from '../../clock.ts'
import { type Scripted, scriptedFetch } from '../targets/scripted-answers.ts'
import { openTarget, type TargetName } from '../targets/targets.ts'

const dayMs = 86_400_000
const run = async (target: TargetName, answers: readonly Scripted[]): Promise<void> =>
  await (await openTarget(target)).run(Buffer.from(JSON.stringify(answers)))

const token = {
  status: 200,
  body: { access_token: 't', instance_url: 'http://127.0.0.1:1', id: 'http://127.0.0.1:1/id/1/2' },
}

describe('answers of Salesforce', () => {
  for (const [what, answers] of [
    ['an address of the org that is no text', [{ status: 200, body: { access_token: 't', instance_url: { a: 1 } } }]],
    ['an error whose fields are a text', [token, { status: 400, body: [{ errorCode: 'X', fields: 'Subject' }] }]],
    ['an error whose code is a list', [token, { status: 400, body: [{ errorCode: ['AB'] }] }]],
    [
      'a row that is a number, and errors that are one',
      [token, { status: 200, body: [{ success: false, errors: 5 }, 5] }],
    ],
    [
      'a record without an id',
      [token, { status: 200, body: { records: [{ Id: 'x', Email: 'ada@example.com' }, null] } }],
    ],
    [
      'a task whose id is none',
      [
        token,
        {
          status: 200,
          body: [
            { success: true, id: 7 },
            { success: true, id: 'x' },
          ],
        },
      ],
    ],
  ] as const) {
    it(`${what} broke the sink, which then set writes aside that it should have tried again`, async () => {
      await run('salesforce-answers', answers)
    })
  }

  it('a page that leads to itself was read for ever', async () => {
    const page = { records: [], done: false, nextRecordsUrl: '/services/data/v60.0/query/again' }
    await run('salesforce-answers', [token, { status: 200, body: page }])
  })

  it('a refusal is told by its status when nothing in it has the right type', () => {
    const errors = errorsIn([{ errorCode: 5, message: {}, fields: 'x' }, null, 'text'])
    const answer = { status: 400, correlationId: null }
    assert.equal(problemOf({ ...answer, errors }).code, 'SALESFORCE_400')
    const problem = problemOfRow(errors, answer)
    assert.ok(problem.kind === 'rejected' && problem.code === 'SALESFORCE_ROW_REFUSED')
  })
})

describe('answers of HubSpot', () => {
  for (const [what, answers] of [
    ['a definition that was made without a name', [{ status: 200, body: { results: [], fullyQualifiedName: null } }]],
    ['results that are nothing', [{ status: 200, body: { results: [null] } }]],
    ['a contact without properties', [{ status: 200, body: { results: [{ id: '501' }], errors: {} } }]],
    [
      'addresses that are numbers',
      [{ status: 200, body: { results: [{ id: '501', properties: { email: 5, hs_additional_emails: [] } }] } }],
    ],
    [
      'codes that are numbers',
      [{ status: 400, body: { message: 'Property values were not valid: [{"error":["A"],"name":5}]' } }],
    ],
  ] as const) {
    it(`${what} broke the sink, which then set writes aside that it should have tried again`, async () => {
      await run('hubspot-answers', answers)
    })
  }

  for (const after of ['9007199254740992', '99999999999999999999', 'Fri, 31 Dec 9999 23:59:59 GMT']) {
    it(`Retry-After: ${after} kept a sink from its work for longer than any limit lasts, and made timers overflow`, async () => {
      await run('hubspot-answers', [{ status: 429, headers: { 'retry-after': after }, body: {} }])
    })
  }
})

describe('answers of Zoom', () => {
  it('a daily limit until the end of all dates kept reports from being read until a restart', () => {
    const clock = manualClock()
    const limits = createZoomLimits(clock)
    const headers = new Headers({ 'x-ratelimit-type': 'Daily-limit', 'retry-after': '+275760-09-13T00:00:00Z' })
    assert.equal(limits.refused('Heavy', headers, ''), dayMs)
    assert.ok(limits.waitMs('Heavy') <= dayMs)
  })

  it('a page that leads to itself was read for ever, and all of it was kept', async () => {
    const granted = { status: 200, body: { access_token: 't', expires_in: 3_600 } }
    const { fetch, signal, assertBounded } = scriptedFetch([
      granted,
      { status: 200, body: { next_page_token: 'again', users: [] } },
    ])
    let now = 0
    const calls = connectZoom(
      {
        ...{ name: 'default', accountId: 'a', oauth: { clientId: 'c', clientSecret: 's' } },
        ...{ baseUrl: 'http://127.0.0.1:1', tokenUrl: 'http://127.0.0.1:1/token' },
      },
      {
        ...{ metrics: createMetrics(), random: () => 0, fetch },
        clock: {
          now: () => now,
          sleep: (ms, until) => {
            if (ms === 60_000) return new Promise(resolve => until?.addEventListener('abort', () => resolve()))
            now += ms
            return Promise.resolve()
          },
        },
      },
    )
    await assert.rejects(async () => await calls?.users(signal), { code: 'ZOOM_ANSWER_UNREADABLE' })
    assertBounded()
  })
})
