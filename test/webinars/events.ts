import type { Webinar } from '../../schemas/generated.ts'

const minute = 60_000
/** The webinar of the tests begins here; times of events are minutes from it. */
export const webinarStart = Date.UTC(2026, 9, 14, 9)
export const atMinute = (minutes: number): number => webinarStart + minutes * minute

export const webinarNumber = '93498765432'

interface EventFacts extends Partial<Webinar> {
  readonly kind: Webinar['kind']
  /** Minutes from the start of the webinar. */
  readonly minute?: number
}

let events = 0

/** An event of the webinar of the tests; each has an id of its own unless one is given. */
export const webinarEvent = ({ minute: minutes = -1_000, ...facts }: EventFacts): Webinar => {
  events += 1
  return {
    eventId: `zoom:${facts.kind}:${events}`,
    source: 'zoom:default',
    occurredAt: atMinute(minutes),
    receivedAt: atMinute(minutes) + 500,
    account: 'default',
    number: webinarNumber,
    recurring: false,
    instance: null,
    topic: 'Tributary in Production',
    startTime: webinarStart,
    endTime: null,
    reported: null,
    timezone: 'Europe/Berlin',
    occurrences: [],
    person: null,
    aliases: [],
    registrant: null,
    participant: null,
    ...facts,
  }
}

/** Who is meant: aliases, the strongest first. */
export type Aliases = readonly [string, ...string[]]

export const registered = (
  aliases: Aliases,
  over: Partial<EventFacts> & { readonly status?: 'APPROVED' | 'PENDING' | 'CANCELLED' | 'DENIED' } = {},
): Webinar => {
  const { status = 'APPROVED', ...facts } = over
  return webinarEvent({
    kind: 'REGISTERED',
    person: aliases[0],
    aliases,
    registrant: {
      id: aliases[0],
      email: aliases.find(alias => alias.startsWith('email:'))?.slice('email:'.length) ?? 'nobody@example.com',
      firstName: 'Ada',
      lastName: 'Lindgren',
      status,
      joinUrl: 'https://zoom.example/j/1',
      answers: {},
      customAnswers: {},
    },
    ...facts,
  })
}

const presence = (kind: 'JOINED' | 'LEFT', aliases: readonly string[], session: string, minutes: number): Webinar =>
  webinarEvent({
    kind,
    minute: minutes,
    eventId: `zoom:${kind}:${session}`,
    instance: 'run-1',
    person: aliases[0] ?? null,
    aliases,
    participant: {
      session,
      boundSession: null,
      name: 'Ada Lindgren',
      host: false,
      joinedAt: kind === 'JOINED' ? atMinute(minutes) : null,
      leftAt: kind === 'LEFT' ? atMinute(minutes) : null,
    },
  })

export const joined = (aliases: readonly string[], session: string, minutes: number): Webinar =>
  presence('JOINED', aliases, session, minutes)
export const left = (aliases: readonly string[], session: string, minutes: number): Webinar =>
  presence('LEFT', aliases, session, minutes)
export const started = (): Webinar => webinarEvent({ kind: 'STARTED', minute: 0, instance: 'run-1' })
export const ended = (minutes = 60): Webinar =>
  webinarEvent({ kind: 'ENDED', minute: minutes, instance: 'run-1', endTime: atMinute(minutes) })

/** A row of the run's participant report: one finished session, from and to in minutes. */
export const reported = (
  aliases: readonly string[],
  user: string,
  from: number,
  to: number,
  over: Partial<EventFacts> = {},
): Webinar => {
  const session = `report:${user}:${new Date(atMinute(from)).toISOString()}`
  return webinarEvent({
    kind: 'REPORTED',
    minute: to,
    eventId: `zoom:REPORTED:${session}`,
    receivedAt: atMinute(90),
    instance: 'run-1',
    person: aliases[0] ?? null,
    aliases,
    participant: {
      session,
      boundSession: null,
      name: 'Ada Lindgren',
      host: false,
      joinedAt: atMinute(from),
      leftAt: atMinute(to),
    },
    ...over,
  })
}

/** The run's report was read; or, with `reported: false`, waited for in vain. */
export const settled = (over: Partial<EventFacts> = {}): Webinar =>
  webinarEvent({
    kind: 'SETTLED',
    minute: 90,
    instance: 'run-1',
    endTime: atMinute(60),
    reported: true,
    ...over,
  })
