import { readFileSync } from 'node:fs'

/** The scenario of the recorded webinar: `webinar.json` (when it ran) and `people.csv` (one row a person; see README.md here). */
export interface Scenario {
  readonly webinar: ScenarioWebinar
  readonly people: readonly Person[]
}

export interface ScenarioWebinar {
  readonly account: string
  readonly id: number
  readonly topic: string
  readonly type: number
  readonly created: string
  readonly scheduled: string
  readonly durationMinutes: number
  readonly timezone: string
  readonly host: { readonly id: string; readonly name: string; readonly email: string }
  /** The webinar was restarted: two instances, each with its own uuid. */
  readonly instances: readonly { readonly uuid: string; readonly start: string; readonly end: string }[]
}

export interface Person {
  readonly number: number
  readonly firstName: string
  readonly lastName: string
  readonly email: string
  readonly org: string
  readonly jobTitle: string
  readonly country: string
  readonly city: string
  /** Epoch milliseconds; undefined for who never registered. */
  readonly registeredAt: number | undefined
  /** What was decided about the registration later, and when. */
  readonly decision: { readonly kind: 'approved' | 'cancelled' | 'denied'; readonly at: number } | undefined
  /** The address that Zoom shows in the room; empty when it shows none. */
  readonly joinsAs: string
  readonly zoomUser: string
  readonly sessions: readonly Session[]
  readonly deliveries: readonly DeliveryOddity[]
  readonly story: string
}

/** From join to leave, epoch milliseconds; `left` is undefined when no leave is ever sent. */
export interface Session {
  readonly joined: number
  readonly left: number | undefined
  readonly phone: boolean
}

/** What goes wrong on the way: a webhook that is sent again, or one that is sent late. `session` counts from 1. */
export interface DeliveryOddity {
  readonly kind: 'repeat' | 'delay'
  readonly what: 'registration' | 'join' | 'leave'
  readonly session: number
  readonly seconds: number
}

/** Reads the scenario from the two files beside this one. Throws when a cell is not what README.md says. */
export const readScenario = (): Scenario => {
  const webinar = JSON.parse(readBeside('webinar.json')) as ScenarioWebinar
  const [header = [], ...rows] = csvRows(readBeside('people.csv'))
  const day = webinar.scheduled.slice(0, 10)
  return { webinar, people: rows.map(row => person(new Map(header.map((name, at) => [name, row[at] ?? ''])), day)) }
}

const readBeside = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8')

const person = (cells: ReadonlyMap<string, string>, day: string): Person => {
  const cell = (name: string): string => cells.get(name) ?? ''
  const email = cell('email')
  return {
    number: Number(cell('person')),
    firstName: cell('first_name'),
    lastName: cell('last_name'),
    email,
    org: cell('org'),
    jobTitle: cell('job_title'),
    country: cell('country'),
    city: cell('city'),
    registeredAt: cell('registered_at') === '' ? undefined : Date.parse(cell('registered_at')),
    decision: decision(cell('registration')),
    joinsAs: cell('joins_as') === '(none)' ? '' : cell('joins_as') || email,
    zoomUser: cell('zoom_user'),
    sessions: list(cell('sessions')).map(text => session(text, day)),
    deliveries: list(cell('deliveries')).map(oddity),
    story: cell('story'),
  }
}

const list = (cell: string): string[] => (cell === '' ? [] : cell.split('; '))

const decision = (cell: string): Person['decision'] => {
  const found = /^(approved|cancelled|denied) (\S+)$/.exec(cell)
  return found ? { kind: found[1] as 'approved' | 'cancelled' | 'denied', at: Date.parse(found[2] ?? '') } : undefined
}

const session = (text: string, day: string): Session => {
  const found = /^(\d\d:\d\d:\d\d)-(\d\d:\d\d:\d\d|\?)( phone)?$/.exec(text)
  if (!found) throw new Error(`people.csv: expected a session like 15:02:00-15:31:52, found "${text}"`)
  const time = (clock: string): number => Date.parse(`${day}T${clock}Z`)
  return {
    joined: time(found[1] ?? ''),
    left: found[2] === '?' ? undefined : time(found[2] ?? ''),
    phone: found[3] !== undefined,
  }
}

const oddity = (text: string): DeliveryOddity => {
  const found = /^(repeat|delay) (registration|join|leave)(?: (\d+))?(?: (\d+))?$/.exec(text)
  if (!found) throw new Error(`people.csv: expected a delivery like "delay leave 1 85", found "${text}"`)
  return {
    kind: found[1] as 'repeat' | 'delay',
    what: found[2] as 'registration' | 'join' | 'leave',
    session: Number(found[3] ?? 1),
    seconds: Number(found[4] ?? 0),
  }
}

/** Rows of cells; a cell in double quotes may contain commas. */
const csvRows = (text: string): string[][] =>
  text
    .trimEnd()
    .split('\n')
    .map(line =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain]) => {
        return quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"')
      }),
    )
