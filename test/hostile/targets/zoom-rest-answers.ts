import assert from 'node:assert/strict'
import { readRun } from '../../../services/producers/zoom/reports/reading.ts'
import { connectZoom } from '../../../services/producers/zoom/rest/connect.ts'
import { isZoomError } from '../../../services/producers/zoom/rest/problems.ts'
import type { Clock } from '../../../services/runtime/clock.ts'
import { silentLogger } from '../../../services/runtime/log.ts'
import { createMetrics } from '../../../services/runtime/metrics.ts'
import { identityClaims, webinars } from '../../../topology/topics.ts'
import { type Scripted, scriptedFetch, scriptIn } from './scripted-answers.ts'
import type { Target } from './target.ts'
import { webhookCodec } from './zoom-webhook.ts'

const token = { status: 200, body: { access_token: 't', token_type: 'bearer', expires_in: 3600, scope: '' } }
const participants = {
  status: 200,
  headers: { 'x-ratelimit-limit': '10', 'x-ratelimit-remaining': '9' },
  body: {
    next_page_token: '',
    participants: [
      {
        ...{ user_id: '1', id: 'ABC', participant_user_id: 'DEF', registrant_id: 'r1', name: 'jchill' },
        ...{ user_email: 'jchill@example.com', join_time: '2021-07-13T21:45:00Z', leave_time: '2021-07-13T22:00:00Z' },
        ...{ status: 'in_meeting', duration: 900 },
      },
    ],
  },
}
const run = {
  status: 200,
  body: {
    start_time: '2021-07-13T21:44:51Z',
    end_time: '2021-07-13T23:00:00Z',
    topic: 'T',
    user_email: 'h@example.com',
  },
}
const webinar = {
  status: 200,
  body: {
    ...{
      id: 1234567890,
      host_id: 'h',
      host_email: 'h@example.com',
      topic: 'T',
      type: 9,
      start_time: '2021-07-13T21:44:51Z',
    },
    ...{ timezone: 'UTC', duration: 60, occurrences: [{ occurrence_id: '1', start_time: '2021-07-13T21:44:51Z' }] },
  },
}
const registrants = (status: string): Scripted => ({
  status: 200,
  body: {
    next_page_token: '',
    registrants: [
      {
        ...{
          id: `r-${status}`,
          email: `${status}@example.com`,
          first_name: 'Jill',
          status,
          create_time: '2021-07-01T00:00:00Z',
        },
        custom_questions: [{ title: 'Why?', value: 'Because' }],
      },
    ],
  },
})
const whole: readonly Scripted[] = [
  ...[token, participants, run, webinar],
  ...[registrants('approved'), registrants('pending'), registrants('denied')],
]
const refusals: readonly Scripted[] = [
  { status: 401, body: { code: 124, message: 'Invalid access token.' } },
  { status: 400, body: { code: 4711, message: 'does not contain scopes:[report:read:admin].' } },
  { status: 400, body: { code: 300, message: 'The next page token is invalid or expired.' } },
  { status: 404, body: { code: 3001, message: 'Webinar does not exist: 1.' } },
  { status: 429, headers: { 'x-ratelimit-type': 'QPS' }, body: { code: 429, message: 'per-second rate limit' } },
  {
    ...{ status: 429, headers: { 'x-ratelimit-type': 'Daily-limit', 'retry-after': '2021-07-16T00:00:00Z' } },
    body: { code: 429, message: 'You have reached the maximum daily rate limit for this API.' },
  },
  { status: 500, body: '<html>' },
]

/** Answers of Zoom's REST API to whoever reads the report of a run: a list of `{status, headers, body}`, the last one again and again. */
export const open = async (): Promise<Target> => {
  const codec = await webhookCodec()
  const metrics = createMetrics()
  return {
    seeds: [whole, ...refusals.map(refusal => [token, refusal, ...whole.slice(1)]), whole.slice(0, 1)].map(script =>
      Buffer.from(JSON.stringify(script)),
    ),
    dictionary: [
      'next_page_token',
      'registrants',
      'participants',
      'in_waiting_room',
      'retry-after',
      'x-ratelimit-limit',
      'denied',
    ],
    covers: ['/services/producers/zoom/', '/services/identity/aliases', '/services/delivery/requests/rate-limit'],
    run: async input => {
      const clock = hastyClock()
      const fetched = scriptedFetch(scriptIn(input))
      const account = {
        ...{ name: 'default', accountId: 'a', oauth: { clientId: 'c', clientSecret: 's' } },
        ...{ baseUrl: 'http://127.0.0.1:1/v2', tokenUrl: 'http://127.0.0.1:1/token' },
      }
      const calls = connectZoom(account, { clock, metrics, random: () => 0.5, fetch: fetched.fetch })
      assert.ok(calls)
      const told = await readRun(
        { name: 'default', calls, panelists: new Set() },
        facts,
        reading(clock),
        fetched.signal,
      ).catch(error => {
        assert.ok(isZoomError(error), error as Error)
      })
      fetched.assertBounded()
      for (const record of told?.records ?? []) {
        codec.encode(webinars, record)
        assert.ok(record.occurredAt <= record.receivedAt, 'happened later than it came')
        for (const at of [record.participant?.joinedAt, record.participant?.leftAt])
          assert.ok(at == null || at <= record.receivedAt, 'came or went later than we know of it')
      }
      for (const claim of told?.claims ?? []) codec.encode(identityClaims, claim)
    },
  }
}

const facts = {
  ...{ account: 'default', number: '1234567890', recurring: true, instance: '4444AAAiAAAAAiAiAiiAii==', topic: null },
  ...{ startTime: Date.parse('2021-07-13T21:44:51Z'), endTime: Date.parse('2021-07-13T23:00:00Z'), timezone: null },
}

const reading = (clock: Clock) => ({ clock, logger: silentLogger, known: () => Promise.resolve(undefined) })

/** Time passes at once, except for who waits for an answer that comes anyway. */
const hastyClock = (): Clock => {
  let now = Date.parse('2021-07-15T12:00:00Z')
  const answerPatienceMs = 60_000
  return {
    now: () => now,
    sleep: (ms, signal) => {
      if (ms === answerPatienceMs && signal)
        return new Promise(resolve => signal.addEventListener('abort', () => resolve()))
      now += Math.min(ms, answerPatienceMs)
      return Promise.resolve()
    },
  }
}
