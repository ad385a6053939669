import assert from 'node:assert/strict'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, type TestContext } from 'node:test'
import { type Clock, systemClock } from '../../services/runtime/clock.ts'
import { startZoomSandbox } from '../../services/sandbox/zoom/zoom-sandbox.ts'
import { startReceiver } from './zoom-receiver.ts'

/** The recorded webinar, when it ended for good, and the evening after. */
export const ID = '93498765432'
const ENDED = Date.parse('2026-10-14T16:04:20Z')
export const EVENING = Date.parse('2026-10-14T20:00:00Z')

interface List {
  readonly next_page_token: string
  readonly page_count: number
  readonly page_size: number
  readonly total_records: number
  readonly registrants: { id: string; email: string; status: string; first_name: string; join_url?: string }[]
  readonly participants: Record<string, unknown>[]
  readonly webinars: Record<string, unknown>[]
}

/** Plays the recorded webinar once for all tests of the file. Gives what opens a sandbox on whose clock it is the evening, and which has played it. */
export const afterTheWebinar = () => {
  const folder = mkdtempSync(join(tmpdir(), 'zoom-rest-'))
  const playedJournal = join(folder, 'played.jsonl')
  before(async () => {
    const context = { after: (end: () => void) => after(end) } as TestContext
    const receiver = await startReceiver(context)
    const clock: Clock = { now: () => ENDED, sleep: systemClock.sleep }
    const sandbox = await startZoomSandbox({
      ingestUrl: receiver.url,
      journalFile: playedJournal,
      timeoutMs: 120_000,
      clock,
    })
    await sandbox.playRecording({ file: 'product-webinar', speed: Number.POSITIVE_INFINITY })
    await sandbox.close()
  })
  after(() => rmSync(folder, { recursive: true }))
  return async (context: TestContext, { played = true }: { played?: boolean } = {}) => {
    const journalFile = join(folder, `${context.name.replaceAll(/\W/g, '-')}-${played}.jsonl`)
    if (played) copyFileSync(playedJournal, journalFile)
    return await openSandbox(context, journalFile)
  }
}

const openSandbox = async (context: TestContext, journalFile: string) => {
  let now = EVENING
  const clock: Clock = { now: () => now, sleep: () => Promise.resolve() }
  const receiver = await startReceiver(context)
  const sandbox = await startZoomSandbox({ ingestUrl: receiver.url, clock, journalFile })
  context.after(sandbox.close)
  const call = async (method: string, path: string, body?: unknown, token = 'sandbox') => {
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const text = body === undefined ? null : JSON.stringify(body)
    const answer = await fetch(`${sandbox.url}${path}`, { method, headers, body: text })
    const content = await answer.text()
    return { status: answer.status, headers: answer.headers, body: content === '' ? undefined : JSON.parse(content) }
  }
  const get = (path: string): ReturnType<typeof call> => call('GET', `/v2${path}`)
  const pass = (ms: number): void => {
    now += ms
  }
  return { receiver, sandbox, call, get, pass }
}

/** Every page of a list, by the tokens that it gives. */
export const everyPage = async (
  get: (path: string) => Promise<{ status: number; body: List }>,
  path: string,
): Promise<{ pages: List[] }> => {
  const pages: List[] = []
  let token = ''
  do {
    const { status, body } = await get(`${path}${token === '' ? '' : `&next_page_token=${token}`}`)
    assert.equal(status, 200)
    pages.push(body)
    token = body.next_page_token
  } while (token !== '')
  return { pages }
}
