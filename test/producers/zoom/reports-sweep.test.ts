import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Webinar } from '../../../schemas/generated.ts'
import { registrationCreated, type WebinarFacts, webinarCreated } from '../../../services/sandbox/zoom/webhooks.ts'
import { minute, type Reporting, recorded, recordedWebhooks, startReporting, webhooksOf } from './reporting.ts'

const hour = 60 * minute

const settledRuns = async (reporting: Reporting): Promise<readonly (string | null)[]> =>
  (await reporting.told('SETTLED')).filter(({ reported }) => reported).map(({ instance }) => instance)

const bothSettled = (reporting: Reporting): Promise<void> =>
  reporting.until(async () => new Set(await settledRuns(reporting)).size === 2, 'both runs settled')

/** What the webinar's result is made of: who was there from when to when, and whose registration stands. */
const substance = (events: readonly Webinar[]) => ({
  sessions: events
    .filter(({ kind, participant }) => kind === 'REPORTED' && !participant?.host)
    .map(({ instance, person, participant }) => [instance, person, participant?.joinedAt, participant?.leftAt].join())
    .sort(),
  registrations: [
    ...new Map(
      events
        .filter(({ registrant }) => registrant !== null)
        .sort((a, b) => a.occurredAt - b.occurredAt)
        .map(({ registrant }) => [registrant?.id, registrant?.status]),
    ),
  ]
    .filter(([, status]) => status === 'APPROVED' || status === 'PENDING')
    .map(([id]) => id)
    .sort(),
  settled: events
    .filter(({ kind }) => kind === 'SETTLED')
    .map(({ instance, startTime, endTime, reported }) => [instance, startTime, endTime, reported].join())
    .sort(),
})

test('Z13 a webinar whose every webhook was lost still ends right', async context => {
  const heard = await startReporting(context)
  await heard.start()
  await heard.take(...recordedWebhooks())
  await bothSettled(heard)

  const unheard = await startReporting(context, { sweepEveryMs: hour })
  await unheard.start()
  await bothSettled(unheard)
  const events = await unheard.events()
  assert.deepEqual(substance(events), substance(await heard.events()))
  assert.deepEqual([...new Set(events.map(({ kind }) => kind))].sort(), ['DENIED', 'REGISTERED', 'REPORTED', 'SETTLED'])
})

test('Z13 what a sweep has told the next one does not tell again, nor does another process', async context => {
  const reporting = await startReporting(context, { sweepEveryMs: 10 * minute })
  const running = await reporting.start()
  await bothSettled(reporting)
  const told = (await reporting.events()).length
  const sweeps = async (): Promise<number> =>
    (await reporting.asked()).filter(path => path.startsWith('/v2/users?')).length
  await reporting.until(async () => (await sweeps()) >= 3, 'another sweep, to its end')
  await running.close()
  const before = await sweeps()
  await reporting.start()
  await reporting.until(async () => (await sweeps()) >= before + 2, 'a sweep of another process, to its end')
  assert.equal((await reporting.events()).length, told)
})

test('Z13 a sweep leaves a run to whom its end was told, and mends one that was settled without a report', async context => {
  const reporting = await startReporting(context, { sweepEveryMs: hour, reportAfterMs: 40 * minute })
  await reporting.start()
  await reporting.take(...webhooksOf('webinar.ended').slice(-1))
  await reporting.until(
    async () => (await reporting.told('SETTLED')).some(({ reported }) => reported === false),
    'given up',
  )
  await reporting.until(async () => (await settledRuns(reporting)).includes(recorded.runs[1]), 'mended', 3 * hour)
})

test('Z13 a sweep goes on behind a run whose report Zoom refuses', async context => {
  const reporting = await startReporting(context, { sweepEveryMs: 10 * minute })
  const path = `/v2/report/webinars/${encodeURIComponent(recorded.runs[0])}`
  const body = { code: 300, message: 'Validation Failed.' }
  await reporting.fault({ match: { path }, times: 1_000, answer: { status: 400, body } })
  await reporting.start()
  await reporting.until(async () => (await settledRuns(reporting)).length > 0, 'the other run settled')
  assert.deepEqual(await settledRuns(reporting), [recorded.runs[1]])
  assert.match(reporting.logged.join(''), /ZOOM_REQUEST_REFUSED/)
})

test('Z7 a sweep looks only at selected webinars', async context => {
  const reporting = await startReporting(context, {
    sweepEveryMs: hour,
    selection: { zoom: { default: { webinars: { except: [recorded.number] } } } },
  })
  await reporting.start()
  const asked = async (): Promise<readonly string[]> => await reporting.asked()
  await reporting.until(async () => (await asked()).some(path => path.includes('type=upcoming')), 'a sweep')
  await reporting.until(async () => Promise.resolve(true), 'rest')
  assert.deepEqual(await reporting.events(), [])
  assert.deepEqual(
    (await asked()).filter(path => path.includes(recorded.number)),
    [],
  )
})

test('Z13 of a planned webinar the sweep tells title, time and who registered before it was selected, once', async context => {
  const reporting = await startReporting(context, { sweepEveryMs: 10 * minute })
  const { zoom, clock } = reporting
  const facts: WebinarFacts = {
    ...{ account: 'sandbox-account', id: 97_000_000_001, uuid: 'bGF0ZXIgdGhpcyB3ZWVrIQ==', type: 5 },
    ...{ hostId: 'x1yCzABCDEfg23HiJKl4mN', hostEmail: 'nadia@tributary.example.com', topic: 'Later this week' },
    ...{ startTime: clock.now() + 48 * hour, durationMinutes: 30, timezone: 'Europe/Berlin' },
  }
  const registrant = {
    ...{ id: 'r-early', first_name: 'Early', last_name: 'Bird', email: 'Early.Bird@example.com', custom_questions: [] },
    ...{ address: '', city: '', country: '', zip: '', state: '', phone: '', industry: '', org: 'Nest', job_title: '' },
    ...{ purchasing_time_frame: '', role_in_purchase_process: '', no_of_employees: '', comments: '' },
  }
  zoom.happened(webinarCreated(facts, clock.now()))
  zoom.happened(registrationCreated(facts, registrant, 'approved', clock.now()))
  await reporting.start()
  const ofIt = async (): Promise<readonly Webinar[]> =>
    (await reporting.events()).filter(({ number }) => number === String(facts.id))
  await reporting.until(async () => (await ofIt()).length === 2, 'plan and registration')
  const [plan, registration] = await ofIt()
  assert.deepEqual([plan?.kind, plan?.topic, plan?.startTime], ['CREATED', facts.topic, facts.startTime])
  assert.deepEqual(
    [registration?.kind, registration?.person, registration?.registrant?.answers],
    ['REGISTERED', 'zoom:registrant:r-early', { org: 'Nest' }],
  )
  const sweeps = async (): Promise<number> =>
    (await reporting.asked()).filter(path => path.startsWith('/v2/users?')).length
  const before = await sweeps()
  await reporting.until(async () => (await sweeps()) >= before + 2, 'another sweep, to its end')
  assert.equal((await ofIt()).length, 2)
  const lists = (await reporting.asked()).filter(path => path.includes(`/webinars/${facts.id}/registrants`))
  assert.equal(lists.length, 3, 'one list a status')
})
