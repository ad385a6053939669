import assert from 'node:assert/strict'
import { type TestContext, test } from 'node:test'
import { serviceNames } from '../../services/commands/start/services.ts'
import { readRecording } from '../../services/sandbox/zoom/recording.ts'
import type { Webhook } from '../../services/sandbox/zoom/webhooks.ts'
import { startZoomSandbox } from '../../services/sandbox/zoom/zoom-sandbox.ts'
import { startTestKafka } from '../kafka.ts'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'
import { expectedAttendance } from './expected-attendance.ts'
import { assertContacts } from './expected-in-crms.ts'
import { startServices } from './program.ts'
import { seenInCrms } from './seen-in-crms.ts'
import { openSystem, type System } from './system.ts'

const DAY_MS = 86_400_000
const RECORDED_DAY = Date.parse('2026-10-14')

test('Z13 a webinar of which every leave was lost ends as the participant report says', async context => {
  const system = await systemOnItsOwn(context)
  await startServices(context, [], system.settings)
  await system.zoom.play(20, { drop: ['webinar.participant_left'] })
  await system.cluster.quiet()
  assertContacts((await seenInCrms(system)).contacts)
})

test('Z13 a webinar of which every webhook was lost is found and ends right', async context => {
  const system = await systemOnItsOwn(context)
  const { settings, zoom, cluster } = system
  // Zoom's account is looked through for a week, so the webinar was yesterday.
  const shiftMs = Math.floor(Date.now() / DAY_MS - 1) * DAY_MS - RECORDED_DAY
  const ingestUrl = `http://127.0.0.1:${settings['INGEST_PORT']}`
  const held = await startZoomSandbox({ port: Number(settings['SANDBOX_PORT_BASE']) + 2, ingestUrl })
  atEnd(context, () => held.close())
  for (const { body } of readRecording('product-webinar')) held.happened(shifted(body, shiftMs))
  // Of the emulated vendors this one is here, and Pendo is off.
  const others = serviceNames.filter(name => !['platform', 'sandbox-zoom', 'sandbox-pendo'].includes(name))
  await startServices(context, others, settings)

  const expected = expectedAttendance()
    .map(withoutItsTelephone)
    .map(row => shifted(row, shiftMs))
  await eventually(async () => assertContacts((await seenInCrms(system)).contacts, expected))
  await cluster.quiet()
  assertContacts((await seenInCrms(system)).contacts, expected)
  assert.equal((await zoom.progress()).sent, 0, 'no webhook was sent')
})

const systemOnItsOwn = async (context: TestContext): Promise<System> => {
  const kafka = await startTestKafka()
  atEnd(context, () => kafka.stop())
  return await openSystem(context, kafka)
}

type Row = ReturnType<typeof expectedAttendance>[number]

/** Which telephone is whose is told by a webhook alone (expected/README.md). */
const withoutItsTelephone = (row: Row): Row =>
  row.email === 'sebnem.yildiz@hanseatic.example.com'
    ? { ...row, leftAt: '2026-10-14T15:20:30.000Z', minutes: 16.3, percent: 27 }
    : row

/** The same with all of its times later, or earlier, by this. */
const shifted = <Told extends Webhook | Row>(told: Told, byMs: number): Told =>
  JSON.parse(
    JSON.stringify(told)
      .replace(/"event_ts":(\d+)/g, (_, time: string) => `"event_ts":${Number(time) + byMs}`)
      .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z/g, (time, fraction?: string) => {
        const moved = new Date(Date.parse(time) + byMs).toISOString()
        return fraction === undefined ? moved.replace('.000', '') : moved
      }),
  )
