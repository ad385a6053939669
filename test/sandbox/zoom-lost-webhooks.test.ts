import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { startZoomSandbox } from '../../services/sandbox/zoom/zoom-sandbox.ts'
import { startReceiver, until } from './zoom-receiver.ts'

const ID = '93498765432'
const RUN = 'Kq7mP0ZsQ1y9uW3nVbT4Lw=='
const BEARER = { authorization: 'Bearer sandbox' }

const setUp = async (context: TestContext) => {
  const receiver = await startReceiver(context)
  const sandbox = await startZoomSandbox({ ingestUrl: receiver.url, reportAfterMs: 0 })
  context.after(sandbox.close)
  const play = async (request: unknown) => {
    const headers = { 'content-type': 'application/json' }
    return await fetch(`${sandbox.url}/_sandbox/play`, { method: 'POST', headers, body: JSON.stringify(request) })
  }
  const get = async (path: string): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${sandbox.url}/v2${path}`, { headers: BEARER })
    return (await answer.json()) as Record<string, unknown>
  }
  return { receiver, sandbox, play, get }
}

const run = { file: 'product-webinar', speed: 100_000, wait: true }

test('webhooks of some events get lost on demand; REST knows what they would have told', async context => {
  const { receiver, play, get } = await setUp(context)
  const lost = ['webinar.participant_left', 'webinar.ended']
  assert.equal((await play({ ...run, drop: lost })).status, 200)
  const events = new Set(receiver.received.map(({ webhook }) => webhook.event))
  assert.deepEqual(
    lost.filter(event => events.has(event)),
    [],
  )
  assert.ok(events.has('webinar.participant_joined') && events.has('webinar.registration_created'))
  const { participants } = await get(`/report/webinars/${encodeURIComponent(RUN)}/participants`)
  const rows = participants as { join_time: string; leave_time: string }[]
  assert.ok(rows.some(({ leave_time }) => leave_time < '2026-10-14T15:31:00'))
})

test('all webhooks get lost on demand, also when nobody listens', async context => {
  const sandbox = await startZoomSandbox({ ingestUrl: 'http://127.0.0.1:9' })
  context.after(sandbox.close)
  const played = await sandbox.playRecording({ file: run.file, speed: Number.POSITIVE_INFINITY, drop: 'all' })
  assert.deepEqual(played, { sent: 0, delivered: 0, failed: 0 })
  assert.ok(sandbox.hasPlayed(run.file))
})

test('what is to get lost is named by events that there are', async context => {
  const { play } = await setUp(context)
  const answer = await play({ ...run, drop: ['webinar.participant_gone'] })
  assert.equal(answer.status, 400)
  assert.match(await answer.text(), /Expected what interfaces\.md describes/)
})

test('the account’s users are the hosts of its webinars, in pages', async context => {
  const { play, get } = await setUp(context)
  await play({ ...run, drop: 'all' })
  const { users, ...frame } = await get('/users?status=active')
  assert.deepEqual(frame, { next_page_token: '', page_count: 1, page_size: 30, total_records: 1, page_number: 1 })
  const [host] = users as Record<string, unknown>[]
  assert.deepEqual(
    [host?.['id'], host?.['email'], host?.['type'], host?.['status']],
    ['x1yCzABCDEfg23HiJKl4mN', 'nadia@tributary.example.com', 2, 'active'],
  )
  assert.deepEqual((await get('/users?status=pending'))['users'], [])
})

test('the report of a run has its actual start and end, and is there only some time after it', async context => {
  const receiver = await startReceiver(context)
  let now = Date.parse('2026-10-14T15:31:52Z')
  const clock = { now: () => now, sleep: () => Promise.resolve() }
  const sandbox = await startZoomSandbox({ ingestUrl: receiver.url, clock, reportAfterMs: 60_000 })
  context.after(sandbox.close)
  await sandbox.playRecording({ file: run.file, speed: Number.POSITIVE_INFINITY, drop: 'all' })
  const report = () => fetch(`${sandbox.url}/v2/report/webinars/${encodeURIComponent(RUN)}`, { headers: BEARER })
  now += 59_000
  const early = await report()
  assert.deepEqual([early.status, ((await early.json()) as { code: number }).code], [404, 3001])
  now += 1_000
  await until(async () => (await report()).status === 200, 'the report')
  const { id, uuid, start_time, end_time, duration } = (await (await report()).json()) as Record<string, unknown>
  assert.deepEqual(
    [id, uuid, start_time, end_time, duration],
    [Number(ID), RUN, '2026-10-14T15:01:07Z', '2026-10-14T15:31:52Z', 31],
  )
})
