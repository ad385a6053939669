import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startZoomSandbox } from '../../services/sandbox/zoom/zoom-sandbox.ts'

const RUN = 'Kq7mP0ZsQ1y9uW3nVbT4Lw=='
const DAY = 86_400_000

/** The recording, played on a machine whose clock shows this date. */
const playedOn = async (context: TestContext, date: string) => {
  const folder = mkdtempSync(join(tmpdir(), 'zoom-reports-date-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const journalFile = join(folder, 'zoom.jsonl')
  let now = Date.parse(date)
  const clock = { now: () => now, sleep: () => Promise.resolve() }
  const start = () => startZoomSandbox({ ingestUrl: 'http://127.0.0.1:9', clock, journalFile, reportAfterMs: 60_000 })
  let sandbox = await start()
  context.after(() => sandbox.close())
  await sandbox.playRecording({ file: 'product-webinar', speed: Number.POSITIVE_INFINITY, drop: 'all' })
  return {
    pass: (ms: number): void => {
      now += ms
    },
    report: async (): Promise<number> => {
      const url = `${sandbox.url}/v2/report/webinars/${encodeURIComponent(RUN)}/participants`
      return (await fetch(url, { headers: { authorization: 'Bearer sandbox' } })).status
    },
    restart: async (journal: (text: string) => string = text => text): Promise<void> => {
      await sandbox.close()
      writeFileSync(journalFile, journal(readFileSync(journalFile, 'utf8')))
      sandbox = await start()
    },
  }
}

for (const date of ['2025-03-01T12:00:00Z', '2026-10-14T16:10:00Z', '2031-06-30T12:00:00Z']) {
  test(`Z13 played on ${date.slice(0, 10)} the recording's report is there a while later, and for six months`, async context => {
    const { pass, report, restart } = await playedOn(context, date)
    pass(59_000)
    assert.equal(await report(), 404, 'not at once')
    pass(1_000)
    assert.equal(await report(), 200)
    await restart()
    assert.equal(await report(), 200, 'the journal knows when the end was learned of')
    pass(184 * DAY)
    assert.equal(await report(), 404, 'expired')
  })
}

test('Z13 a journal that does not know when an end was learned of has the reports by the recorded end', async context => {
  const { pass, report, restart } = await playedOn(context, '2026-12-01T12:00:00Z')
  const forgetful = (journal: string): string => journal.replaceAll(/,"end_known_at":\d+/g, '')
  await restart(journal => {
    assert.notEqual(forgetful(journal), journal)
    return forgetful(journal)
  })
  assert.equal(await report(), 200, 'ended in October')
  pass(160 * DAY)
  assert.equal(await report(), 404, 'more than six months after October')
})
