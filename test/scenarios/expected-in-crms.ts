import assert from 'node:assert/strict'
import { sampleOrg } from '../../services/commands/start/sample-org.ts'
import { readScenario } from '../../services/sandbox/zoom/recordings/scenario.ts'
import { expectedAttendance } from './expected-attendance.ts'
import type { SeenInCrms, Words } from './seen-in-crms.ts'

/** Fails unless both CRMs tell the recorded webinar as expected/README.md reckons it. The org must be the sample's. */
export const assertRecordedWebinar = ({ contacts, events, participations, tasks }: SeenInCrms): void => {
  assertContacts(contacts)
  const rows = expectedAttendance()
  const registered = readScenario().people.filter(({ registeredAt }) => registeredAt !== undefined)
  const attended = rows.filter(({ status }) => status === 'attended')
  const missed = rows.filter(({ status }) => status === 'missed')
  const known = new Set(rows.map(({ email }) => email))
  const cancelled = registered.map(({ email }) => email.toLowerCase()).filter(email => !known.has(email))
  const whoHas = (event: string): readonly unknown[] =>
    events.filter(row => row['event'] === event).map(({ contact }) => contact)
  assertSame(
    whoHas('zoom_webinar_registered'),
    registered.map(({ email }) => email.toLowerCase()),
  )
  assertSame(whoHas('zoom_webinar_missed'), emailsOf(missed))
  const whoIs = (state: string): readonly unknown[] =>
    participations.filter(({ attendanceState }) => attendanceState === state).map(({ contact }) => contact)
  assertSame(whoIs('ATTENDED'), emailsOf(attended))
  assertSame(whoIs('NO_SHOW'), emailsOf(missed))
  assertSame(whoIs('CANCELLED'), cancelled)
  assertSame(
    events
      .filter(({ event }) => event === 'zoom_webinar_joined')
      .map(({ contact, joined_at }) => `${contact} ${joined_at}`),
    attended.map(({ email, joinedAt }) => `${email} ${whole(joinedAt)}`),
  )
  assertSame(
    events.filter(({ event }) => event === 'zoom_webinar_attended').map(outcomeOf),
    attended.map(({ email, joinedAt, leftAt, minutes, percent }) =>
      [email, whole(joinedAt), whole(leftAt), minutes, percent].join(' '),
    ),
  )
  assertTasks(tasks, attended)
}

/** What the recorded webinar made of each contact. */
export const assertContacts = (contacts: SeenInCrms['contacts'], rows = expectedAttendance()): void => {
  const facts = ({ email, status, joinedAt, leftAt, minutes }: Row): readonly unknown[] =>
    status === 'attended' ? [email, status, '1', whole(joinedAt), whole(leftAt), String(minutes)] : [email, status, '0']
  assert.deepEqual(
    rows.map(({ email }) => {
      const found = contacts[email] ?? {}
      const names = ['status', 'joined_at', 'left_at', 'attended_minutes']
      const [status, ...times] = names.map(name => found[`zoom_webinar_last_${name}`])
      return [email, status, found['zoom_webinar_attendance_count'], ...times.filter(value => value !== undefined)]
    }),
    rows.map(facts),
  )
}

type Row = ReturnType<typeof expectedAttendance>[number]

/** One for each who came and is a contact or a lead. */
const assertTasks = (tasks: readonly Words[], attended: readonly Row[]): void => {
  const org = new Set(sampleOrg().people.map(({ email }) => email.toLowerCase()))
  assertSame(
    tasks.map(({ who, Subject, Status, ActivityDate, Description }) => {
      const [, minutes] = /^Minutes attended: (.*)$/m.exec(String(Description)) ?? []
      const [, percent] = /^Share of the webinar: (\d+) %$/m.exec(String(Description)) ?? []
      const address = String(who).replace(/^\S+ /, '').toLowerCase()
      return [address, Subject, Status, ActivityDate, minutes, percent].join(' ')
    }),
    attended
      .filter(({ email }) => org.has(email))
      .map(({ email, minutes, percent }) =>
        [email, `Attended: ${readScenario().webinar.topic}`, 'Completed', '2026-10-14', minutes, percent].join(' '),
      ),
  )
}

const outcomeOf = ({ contact, joined_at, left_at, attended_minutes, attended_percent }: Words): string =>
  [contact, joined_at, left_at, attended_minutes, attended_percent].join(' ')

const emailsOf = (rows: readonly Row[]): readonly string[] => rows.map(({ email }) => email)

/** HubSpot writes whole seconds without a fraction. */
const whole = (time: string | null): string | undefined => time?.replace('.000', '')

const assertSame = (found: readonly unknown[], expected: readonly unknown[]): void =>
  assert.deepEqual(found.toSorted(), expected.toSorted())
