import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Webinar } from '../../../schemas/generated.ts'
import { minute, recorded, startReporting, webhooksOf } from './reporting.ts'

const ends = webhooksOf('webinar.ended')
const isSettled = (events: readonly Webinar[], run: string): boolean =>
  events.some(({ kind, instance }) => kind === 'SETTLED' && instance === run)

describe('after a run', () => {
  test('Z13 its report is told, then SETTLED with the actual start and end', async context => {
    const reporting = await startReporting(context)
    await reporting.start()
    await reporting.take(...webhooksOf('webinar.started', 'webinar.ended'))
    await reporting.until(async () => (await reporting.told('SETTLED')).length === 2, 'both runs settled')
    const settled = await reporting.told('SETTLED')
    assert.deepEqual(
      settled.map(({ instance, reported, startTime, endTime, topic }) => [
        instance,
        reported,
        startTime,
        endTime,
        topic,
      ]),
      [
        [recorded.runs[0], true, Date.parse('2026-10-14T15:01:07Z'), recorded.firstEnd, 'Tributary in Production'],
        [recorded.runs[1], true, Date.parse('2026-10-14T15:34:25Z'), recorded.end, 'Tributary in Production'],
      ],
    )
    const events = await reporting.events()
    for (const run of recorded.runs) {
      const last = events.findLastIndex(({ kind, instance }) => kind === 'REPORTED' && instance === run)
      const end = events.findIndex(({ kind, instance }) => kind === 'SETTLED' && instance === run)
      assert.ok(last >= 0 && last < end, 'SETTLED follows every row of its run')
    }
  })

  test('Z13 a row is a finished session of a person named as webhooks name them', async context => {
    const reporting = await startReporting(context)
    await reporting.start()
    await reporting.take(...webhooksOf('webinar.participant_left', 'webinar.ended'))
    await reporting.until(async () => (await reporting.told('SETTLED')).length === 2, 'both runs settled')
    const rows = await reporting.told('REPORTED')
    const leaves = await reporting.told('LEFT')
    for (const left of leaves) {
      const same = rows.filter(
        row =>
          row.instance === left.instance &&
          row.person === left.person &&
          row.participant?.host === left.participant?.host &&
          row.participant?.leftAt === left.participant?.leftAt,
      )
      assert.ok(same.length > 0, `no row for the leave ${left.eventId}`)
      assert.deepEqual(same[0]?.aliases, left.aliases)
    }
    for (const { participant, occurredAt, receivedAt } of rows) {
      assert.ok(participant && participant.joinedAt !== null && participant.leftAt !== null)
      assert.ok(participant.joinedAt <= participant.leftAt && participant.leftAt <= receivedAt)
      assert.equal(occurredAt, participant.leftAt)
      assert.match(participant.session, /^report:\d+:2026-10-14T1\d:\d\d:\d\d\.000Z$/)
    }
  })

  test('Z13 the host is marked, and telephones are guests', async context => {
    const reporting = await startReporting(context, {
      selection: { zoom: { default: { webinars: 'all', panelists: ['ada.lindgren@brightwater.example.com'] } } },
    })
    await reporting.start()
    await reporting.take(...ends)
    await reporting.until(async () => (await reporting.told('SETTLED')).length === 2, 'both runs settled')
    const rows = await reporting.told('REPORTED')
    const hosts = rows.filter(({ participant }) => participant?.host)
    assert.deepEqual([...new Set(hosts.map(({ participant }) => participant?.name))].sort(), [
      'Ada Lindgren',
      'Nadia Host',
    ])
    assert.ok(hosts.every(({ person, aliases }) => person === null && aliases.length === 0))
    const guests = rows.filter(({ person, participant }) => person === null && !participant?.host)
    assert.ok(guests.some(({ participant }) => /\d{3}/.test(participant?.name ?? '')))
  })

  test('Z13 every person reported is claimed, by id once, before the row is told', async context => {
    const reporting = await startReporting(context)
    await reporting.start()
    await reporting.take(...ends.slice(0, 1))
    await reporting.until(async () => isSettled(await reporting.events(), recorded.runs[0]), 'the run settled')
    const rows = (await reporting.told('REPORTED')).filter(({ person }) => person !== null)
    const claims = new Map((await reporting.claims()).map(claim => [claim.id, claim]))
    for (const row of rows) assert.deepEqual(claims.get(`${row.eventId}:seen`)?.aliases, row.aliases)
    assert.ok(rows.length > 100)
  })

  test('Z13 registrations that no webhook told are told with all answers; those that are known are not', async context => {
    const reporting = await startReporting(context)
    const registrations = webhooksOf('webinar.registration_created')
    const [lost = [], heard = []] = [registrations.slice(0, 20), registrations.slice(20)]
    const decisions = webhooksOf(
      'webinar.registration_approved',
      'webinar.registration_denied',
      'webinar.registration_cancelled',
    )
    await reporting.take(...heard, ...decisions)
    await reporting.start()
    await reporting.take(...ends)
    await reporting.until(async () => (await reporting.told('SETTLED')).length === 2, 'both runs settled')
    const told = (await reporting.events()).filter(
      ({ registrant, receivedAt }) => registrant !== null && receivedAt > recorded.end,
    )
    assert.ok(told.length > 0)
    const lostIds = lost.map(({ payload }) => (payload.object['registrant'] as { id: string }).id)
    const decidedIds = new Set(decisions.map(({ payload }) => (payload.object['registrant'] as { id: string }).id))
    assert.deepEqual(
      told.map(({ registrant }) => registrant?.id).sort(),
      [...new Set(lostIds.filter(id => !decidedIds.has(id)))].sort(),
    )
    // What they would have told, had they come.
    const other = await startReporting(context)
    await other.take(...lost)
    const wouldHaveTold = new Map((await other.events()).map(({ registrant, ...event }) => [event.person, registrant]))
    for (const { kind, person, registrant, occurredAt } of told) {
      assert.equal(kind, 'REGISTERED')
      assert.deepEqual(registrant, wouldHaveTold.get(person))
      assert.ok(occurredAt < Date.parse('2026-10-14T15:00:00Z'))
    }
  })

  test('Z13 decisions that no webhook told are told: approved, denied, and cancelled, which Zoom lists no more', async context => {
    const reporting = await startReporting(context)
    await reporting.take(...webhooksOf('webinar.registration_created'))
    reporting.clock.advance(20 * minute)
    await reporting.start()
    await reporting.take(...ends)
    await reporting.until(async () => (await reporting.told('SETTLED')).length === 2, 'both runs settled')
    for (const kind of ['APPROVED', 'DENIED', 'CANCELLED'] as const) {
      const ids = webhooksOf(`webinar.registration_${kind.toLowerCase()}`).map(
        ({ payload }) => (payload.object['registrant'] as { id: string }).id,
      )
      const told = await reporting.told(kind)
      assert.ok(ids.length > 0)
      assert.deepEqual(told.map(({ registrant }) => registrant?.id).sort(), [...new Set(ids)].sort())
    }
  })
})

describe('a webinar that is started again', () => {
  const [firstEnd] = ends.slice(0, 1)
  const starts = webhooksOf('webinar.started')

  test('Z13 within ZOOM_REPORT_AFTER has no run settled before, and each by itself', async context => {
    const reporting = await startReporting(context, { afterMs: 5 * minute })
    await reporting.start()
    assert.ok(firstEnd)
    const endedAt = reporting.clock.now()
    await reporting.take(firstEnd)
    await reporting.until(() => reporting.clock.now() >= endedAt + 3 * minute, 'three minutes')
    assert.deepEqual(await reporting.told('SETTLED'), [])
    await reporting.take(...starts.slice(1))
    await reporting.until(async () => isSettled(await reporting.events(), recorded.runs[0]), 'the first run settled')
    const [settled] = await reporting.told('SETTLED')
    const waited = (settled?.receivedAt ?? 0) - endedAt
    assert.ok(waited >= 5 * minute && waited < 6 * minute, `${waited} ms`)
    assert.equal((await reporting.told('SETTLED')).length, 1)
  })
})

describe('a report that is not there', () => {
  test('Z13 is looked for until it is', async context => {
    const reporting = await startReporting(context, { reportAfterMs: 12 * minute })
    const running = await reporting.start()
    await reporting.take(...ends.slice(-1))
    await reporting.until(() => running.status().waiting === 1, 'the run waits')
    await reporting.until(async () => isSettled(await reporting.events(), recorded.runs[1]), 'the run settled')
    const [settled] = await reporting.told('SETTLED')
    assert.equal(settled?.reported, true)
    assert.ok(settled !== undefined && settled.receivedAt >= recorded.end + 12 * minute)
    assert.equal(running.status().waiting, 0)
    const looks = (await reporting.asked()).filter(path => path.includes('/participants'))
    assert.ok(looks.length > 5 && looks.length < 25, `${looks.length} looks`)
  })

  test('Z13 is waited for no longer than ZOOM_REPORT_WAIT', async context => {
    const reporting = await startReporting(context, { reportAfterMs: 90 * minute })
    await reporting.start()
    await reporting.take(...ends.slice(-1))
    await reporting.until(async () => isSettled(await reporting.events(), recorded.runs[1]), 'the run settled')
    const [settled] = await reporting.told('SETTLED')
    assert.deepEqual([settled?.reported, settled?.endTime], [false, recorded.end])
    const waited = (settled?.receivedAt ?? 0) - recorded.end
    assert.ok(waited >= 30 * minute && waited < 31 * minute, `${waited} ms`)
    assert.deepEqual(await reporting.told('REPORTED'), [])
  })

  test('Z13 and cannot be read without credentials: the run is settled after the wait, with a warning at the start', async context => {
    const reporting = await startReporting(context, { credentials: false })
    await reporting.start()
    assert.match(reporting.logged.join(''), /Without OAuth credentials/)
    await reporting.take(...ends.slice(-1))
    await reporting.until(async () => isSettled(await reporting.events(), recorded.runs[1]), 'the run settled')
    assert.equal((await reporting.told('SETTLED'))[0]?.reported, false)
    assert.deepEqual(await reporting.asked(), [])
  })

  test('Z13 because Zoom fails is read later; the status says what does not work meanwhile', async context => {
    const reporting = await startReporting(context)
    await reporting.fault({ match: { path: '/v2/report' }, times: 12, answer: { status: 500, body: {} } })
    const running = await reporting.start()
    await reporting.take(...ends.slice(-1))
    await reporting.until(() => running.status().reason !== undefined, 'the status shows the problem')
    assert.match(running.status().reason ?? '', /^ZOOM_UNREACHABLE/)
    assert.equal(running.status().state, 'running')
    await reporting.until(async () => isSettled(await reporting.events(), recorded.runs[1]), 'the run settled')
    assert.equal((await reporting.told('SETTLED'))[0]?.reported, true)
    assert.equal(running.status().reason, undefined)
  })

  test('Z13 and is there without rows is not finished: somebody hosted', async context => {
    const reporting = await startReporting(context)
    const run = encodeURIComponent(encodeURIComponent(recorded.runs[1]))
    const body = { next_page_token: '', page_count: 1, page_size: 300, total_records: 0, participants: [] }
    await reporting.fault({ match: { path: `/v2/report/webinars/${run}/participants` }, answer: { status: 200, body } })
    await reporting.start()
    await reporting.take(...ends.slice(-1))
    await reporting.until(async () => isSettled(await reporting.events(), recorded.runs[1]), 'the run settled')
    assert.ok((await reporting.told('REPORTED')).length > 0)
  })

  test('Z13 because the app lacks a scope stops nothing', async context => {
    const reporting = await startReporting(context)
    const body = { code: 4711, message: 'Invalid access token, does not contain scopes:[report:read:admin].' }
    await reporting.fault({ match: { path: '/v2/report' }, times: 1_000, answer: { status: 400, body } })
    const running = await reporting.start()
    await reporting.take(...ends.slice(-1))
    await reporting.until(() => running.status().reason !== undefined, 'the status shows the problem')
    assert.match(running.status().reason ?? '', /^ZOOM_NOT_PERMITTED: .*report:read:admin/)
    await reporting.until(async () => isSettled(await reporting.events(), recorded.runs[1]), 'the run settled')
    assert.equal((await reporting.told('SETTLED'))[0]?.reported, false)
  })
})
