import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { IdentityClaim, Webinar } from '../../schemas/generated.ts'
import { zoomAliases } from '../../services/producers/zoom/aliases.ts'
import { type EventAccount, mapWebhook } from '../../services/producers/zoom/events.ts'
import { isRecorded, readWebhook } from '../../services/producers/zoom/webhook.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { openStore } from '../../services/sandbox/store.ts'
import { createZoomModel, leaveOf, type ParticipantRow } from '../../services/sandbox/zoom/model.ts'
import { readRecording } from '../../services/sandbox/zoom/recording.ts'
import { type AttendanceRow, attendanceRows } from '../../services/webinars/report.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { identityClaims, webinarHistories, webinars } from '../../topology/topics.ts'
import { expectedAttendance } from '../scenarios/expected-attendance.ts'
import { startTestSystem } from '../system.ts'
import { webinarEvent } from './events.ts'

const account: EventAccount = { name: 'default', panelists: new Set() }
const recorded = readRecording('product-webinar').map(({ body }) => body)
const receivedAt = Date.UTC(2026, 9, 14, 17)

interface Told {
  readonly records: readonly Webinar[]
  readonly claims: readonly IdentityClaim[]
}

/** What the producer makes of the webhooks, without those lost on the way. */
const webhooks = (lost: readonly string[] = []): Told => {
  const told = recorded.flatMap(body => {
    if (!isRecorded(body.event) || lost.includes(body.event.replace('webinar.', ''))) return []
    const webhook = readWebhook(body.event, body)
    assert.ok(!('broken' in webhook))
    return [mapWebhook(webhook, account, receivedAt)]
  })
  return { records: told.flatMap(({ records }) => records), claims: told.flatMap(({ claims }) => claims) }
}

/** What the reports of both runs tell; Zoom has them whatever webhooks were lost. */
const reports = (): Told => {
  const model = createZoomModel(openStore({ vendor: 'zoom', clock: systemClock }), systemClock)
  for (const body of recorded) model.apply(body)
  const [webinar] = model.webinars()
  assert.ok(webinar)
  const records = webinar.instances.flatMap(({ uuid, start_time, end_time }) => {
    const run = {
      number: webinar.id,
      instance: uuid,
      topic: webinar.topic,
      startTime: Date.parse(start_time),
      receivedAt,
    }
    const presences = [...model.participants(webinar.id).values()].filter(presence => presence.uuid === uuid)
    const rows = presences.flatMap(presence =>
      presence.id === webinar.host_id ? [] : [rowOf(presence, Date.parse(leaveOf(webinar, presence) ?? ''), run)],
    )
    const endTime = Date.parse(end_time ?? '')
    return [...rows, webinarEvent({ kind: 'SETTLED', ...run, occurredAt: endTime, endTime, reported: true })]
  })
  const claims = records.flatMap(({ eventId: id, aliases, occurredAt: time, source }): readonly IdentityClaim[] =>
    aliases.length === 0 ? [] : [{ id, time, kind: 'SEEN', aliases, attributes: {}, source }],
  )
  return { records, claims }
}

const rowOf = (presence: ParticipantRow, leftAt: number, run: Partial<Webinar>): Webinar => {
  const { user_id, registrant_id: registrantId, email, id: userId, user_name: name } = presence
  const aliases = zoomAliases({ registrantId, email, userId })
  const joinedAt = Date.parse(presence.join_time ?? '')
  const session = `report:${user_id}:${presence.join_time}`
  const participant = { session, boundSession: null, name, host: false, joinedAt, leftAt }
  const person = aliases[0] ?? null
  return webinarEvent({ kind: 'REPORTED', ...run, occurredAt: leftAt, person, aliases, participant })
}

/** The rows that `tributary start --once --json` prints after all of this was told. */
const rowsAfter = async (...told: readonly Told[]): Promise<readonly AttendanceRow[]> => {
  const system = await startTestSystem(pipeline)
  try {
    for (const { claims, records } of told) {
      await system.given(identityClaims, ...claims)
      await system.given(webinars, ...records)
    }
    const histories = [...(await system.rows(webinarHistories))].flatMap(([id, history]) => {
      const lookup = system.pipeline.directory.find(`person:${id}`)
      return lookup.status === 'known' && lookup.person.id === id ? [{ history, person: lookup.person }] : []
    })
    return attendanceRows(histories)
  } finally {
    await system.close()
  }
}

const differences = (rows: readonly AttendanceRow[], expected: readonly AttendanceRow[]): readonly unknown[] => {
  const byEmail = new Map(rows.map(row => [row.email, row]))
  return [
    ...expected.flatMap(row => {
      const found = byEmail.get(row.email)
      return JSON.stringify(found) === JSON.stringify(row) ? [] : [{ expected: row, found }]
    }),
    ...rows.filter(({ email }) => !expected.some(row => row.email === email)),
  ]
}

/** Without BOUND nobody can say that the telephone is hers, so it ends with the computer: 15:04:10 to 15:20:30 are 980 of 3640 seconds. */
const withoutItsTelephone = (row: AttendanceRow): AttendanceRow =>
  row.email === 'sebnem.yildiz@hanseatic.example.com'
    ? { ...row, leftAt: '2026-10-14T15:20:30.000Z', minutes: 16.3, percent: 27 }
    : row

describe('the recorded webinar', () => {
  const reported = reports()
  const presence = ['participant_joined', 'participant_left', 'participant_bind', 'started', 'ended']
  const cases: { name: string; told: readonly Told[]; expected?: readonly AttendanceRow[] }[] = [
    { name: 'Z3 by its webhooks', told: [webhooks()] },
    { name: 'Z13 by its webhooks and the reports', told: [webhooks(), reported] },
    { name: 'Z13 by the reports and then its webhooks', told: [reported, webhooks()] },
    { name: 'Z13 when every leave was lost', told: [webhooks(['participant_left']), reported] },
    { name: 'Z13 when every join was lost', told: [webhooks(['participant_joined']), reported] },
    { name: 'Z13 when every start and end was lost', told: [webhooks(['started', 'ended']), reported] },
    {
      name: 'Z13 when all but the registrations was lost: as it was, but for a telephone that nobody bound to its owner',
      told: [webhooks(presence), reported],
      expected: expectedAttendance().map(withoutItsTelephone),
    },
  ]
  for (const { name, told, expected = expectedAttendance() } of cases) {
    it(`${name}: comes to the expected rows`, async () => {
      assert.deepEqual(differences(await rowsAfter(...told), expected), [])
    })
  }
})
