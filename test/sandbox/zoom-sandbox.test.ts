import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import type { Webhook } from '../../services/sandbox/zoom/webhooks.ts'
import { startZoomSandbox, type ZoomSandboxOptions } from '../../services/sandbox/zoom/zoom-sandbox.ts'
import { type Receiver, startReceiver, until } from './zoom-receiver.ts'
import { deviations } from './zoom-shapes.ts'

interface State {
  readonly webinar: { id: string; properties: Record<string, unknown> }[]
  readonly registrant: { id: string; properties: Record<string, unknown> }[]
  readonly participant: { id: string; properties: Record<string, unknown> }[]
}

const FILE = 'product-webinar'
/** A busy machine must not turn a slow answer into a second attempt. */
const PATIENCE_MS = 120_000

const start = async (context: TestContext, receiver: Receiver, options: Partial<ZoomSandboxOptions> = {}) => {
  const sandbox = await startZoomSandbox({ ingestUrl: receiver.url, retryScale: 0, timeoutMs: PATIENCE_MS, ...options })
  let open = true
  const close = async (): Promise<void> => {
    if (open) await sandbox.close()
    open = false
  }
  context.after(close)
  const post = async (path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${sandbox.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? undefined : JSON.parse(text) }
  }
  const state = async (): Promise<State> => (await (await fetch(`${sandbox.url}/_sandbox/state`)).json()) as State
  const page = async (query = ''): Promise<string> => await (await fetch(`${sandbox.url}/${query}`)).text()
  return { ...sandbox, close, post, state, page }
}

const folder = (context: TestContext): string => {
  const path = mkdtempSync(join(tmpdir(), 'zoom-sandbox-'))
  context.after(() => rmSync(path, { recursive: true }))
  return path
}

describe('the inspection interface', () => {
  test('plays the recording and shows what was played', async context => {
    const receiver = await startReceiver(context)
    const { post, state } = await start(context, receiver)
    const { status, body } = await post('/_sandbox/play', { file: FILE, speed: 100_000, wait: true })
    assert.deepEqual([status, body.total.failed, body.total.delivered], [200, 0, receiver.received.length])
    const { webinar, registrant, participant } = await state()
    assert.deepEqual([webinar.length, registrant.length, participant.length], [1, 200, 244])
    assert.deepEqual(webinar[0]?.properties['uuid'], '/Tr4c//9Rk2xHn5GfYdE8A==', 'the restart gave it another uuid')
    await post('/_sandbox/play', { file: FILE, speed: 100_000, wait: true })
    assert.deepEqual(await state(), { webinar, registrant, participant }, 'a second play changes nothing')
  })

  test('starts, changes and stops live traffic', async context => {
    const receiver = await startReceiver(context)
    const { post, state } = await start(context, receiver)
    assert.equal((await post('/_sandbox/play', { rate: 200 })).body.rate, 200)
    await until(() => receiver.received.length > 50, 'live webhooks')
    await post('/_sandbox/play', { rate: 300 })
    await until(() => receiver.received.length > 100, 'more live webhooks')
    assert.equal((await post('/_sandbox/play', { rate: 0 })).body.rate, 0)
    const { webinar } = await state()
    assert.equal(webinar.length, 1, 'another rate goes on with the same webinar')
  })

  test('refuses what it does not know, saying what it expects', async context => {
    const { post } = await start(context, await startReceiver(context))
    for (const wrong of [{ file: 'unknown' }, { rate: -1 }, {}, { file: FILE, rate: 1 }]) {
      const { status, body } = await post('/_sandbox/play', wrong)
      assert.deepEqual([status, typeof body.message], [400, 'string'], JSON.stringify(wrong))
    }
  })

  test('forgets everything at a reset', async context => {
    const receiver = await startReceiver(context)
    const { post, state } = await start(context, receiver)
    await post('/_sandbox/play', { file: FILE })
    await until(() => receiver.received.length > 3, 'the first webhooks')
    assert.equal((await post('/_sandbox/reset', {})).status, 204)
    assert.deepEqual(await state(), { webinar: [], registrant: [], participant: [] })
  })
})

describe('an account', () => {
  test('that is named has its own path, account id and secret', async context => {
    const receiver = await startReceiver(context, { secret: 'other' })
    const options = { account: 'emea', accountId: 'EMEA', secret: 'other' }
    const { playRecording } = await start(context, receiver, options)
    const { failed } = await playRecording({ file: FILE, speed: Number.POSITIVE_INFINITY })
    assert.equal(failed, 0)
    assert.deepEqual([...new Set(receiver.received.map(({ path }) => path))], ['/webhooks/zoom/emea'])
    assert.deepEqual([...new Set(receiver.received.map(({ webhook }) => webhook.payload.account_id))], ['EMEA'])
  })
})

describe('a restart', () => {
  test('keeps the state and goes on with the recording, so that no webhook is lost', async context => {
    const receiver = await startReceiver(context)
    const journalFile = join(folder(context), 'zoom.jsonl')
    const first = await start(context, receiver, { journalFile })
    await first.post('/_sandbox/play', { file: FILE, speed: 20 })
    await until(() => receiver.received.length > 250, 'a part of the recording')
    await first.close()
    const before = receiver.received.length
    const second = await start(context, receiver, { journalFile })
    await second.playRecording({ file: FILE })
    const { registrant, participant } = await second.state()
    assert.deepEqual([registrant.length, participant.length], [200, 244])
    assert.equal(new Set(receiver.received.map(({ raw }) => raw)).size, 698, 'every distinct webhook arrived')
    assert.ok(receiver.received.length - before < 600, 'it did not begin anew')
  })
})

describe('the page', () => {
  test('lets a person make a webinar happen; every step is a signed webhook', async context => {
    const receiver = await startReceiver(context)
    const { post, state, page } = await start(context, receiver)
    const act = (action: string, input: Record<string, string>) => post(`/actions/${action}`, { webinar, ...input })
    let webinar = ''
    webinar = (await act('schedule', { topic: 'Office <hours>' })).body.webinar
    await act('register', { name: 'Ada Lovelace', email: 'ada@example.com' })
    const registrant = (await state()).registrant[0]?.id ?? ''
    assert.equal((await act('join', { registrant })).status, 409, 'nobody joins before the start')
    await act('start', {})
    await act('join', { registrant })
    assert.match(await page(), /Ada Lovelace[\s\S]*in the room/)
    assert.match(await page(), /Office &lt;hours&gt;/)
    const presences = (await state()).participant[0]?.id ?? ''
    await act('leave', { presences })
    assert.equal((await act('leave', { presences })).status, 409)
    await act('join', { registrant })
    await act('end', {})
    await until(() => receiver.received.length === 8, 'the last webhook')
    const sent: Webhook[] = receiver.received.map(one => one.webhook)
    assert.deepEqual(sent.flatMap(deviations), [])
    const name = ({ event }: Webhook): string => event.slice('webinar.'.length)
    const expected = ['created', 'registration_created', 'started', 'participant_joined', 'participant_left']
    assert.deepEqual(sent.slice(0, 5).map(name), expected)
    assert.deepEqual(sent.slice(5).map(name).sort(), ['ended', 'participant_joined', 'participant_left'])
  })

  test('answers an impossible action with a message for people', async context => {
    const { post } = await start(context, await startReceiver(context))
    for (const [action, input] of [
      ['fly', {}],
      ['start', { webinar: '1' }],
      ['register', {}],
    ] as const) {
      const { status, body } = await post(`/actions/${action}`, input)
      assert.deepEqual([status, typeof body.message], [409, 'string'])
    }
  })
})
