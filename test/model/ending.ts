import type { Webinar } from '../../schemas/generated.ts'
import { identityClaims } from '../../topology/topics.ts'
import { type Participant, type Reckoned, reckoned, runsOf } from './reckoning.ts'
import type { Running } from './running.ts'
import { type Moment, WhoIsWho } from './who-is-who.ts'

/** A person as the model has them at the end. */
export interface Person {
  /** The earliest claimed first. */
  readonly aliases: readonly string[]
  readonly webinars: readonly Reckoned[]
  readonly participants: readonly (Participant & { readonly webinar: string })[]
  /** Whether at some time somebody else was one person with them who is not any more. */
  readonly wasSplit: boolean
  /** Whether they were several persons at some time. */
  readonly wasMerged: boolean
  /** Whether one of their aliases was forgotten at some time. */
  readonly wasForgotten: boolean
}

/** What the model makes of all that was told and claimed. */
export interface Ending {
  readonly now: Moment
  readonly persons: readonly Person[]
  /** Events that count, whoever they are of. */
  readonly events: readonly Webinar[]
  /** Who was who before the claim at an offset, and ever after. */
  since(claim: number): readonly Moment[]
}

export const endingOf = async (running: Running): Promise<Ending> => {
  const who = new WhoIsWho()
  const moments: { readonly offset: number; readonly moment: Moment }[] = [{ offset: -1, moment: who.now() }]
  for (const { offset, value } of await running.values(identityClaims)) {
    if (value === null || !value.aliases.every(alias => alias.includes(':'))) continue
    who.take(value)
    moments.push({ offset, moment: who.now() })
  }
  const now = who.now()
  const since = (claim: number): readonly Moment[] => {
    const first = moments.findLastIndex(({ offset }) => offset < claim)
    return moments.slice(Math.max(0, first)).map(({ moment }) => moment)
  }
  const events = running.told
    .filter(({ event, claimsBefore }) => {
      if (event.aliases.length === 0) return true
      // What happened before an erasure was lifted stays forgotten, also when it is told later.
      if (event.occurredAt <= (now.lifted.get(event.person ?? '') ?? -1)) return false
      return !since(claimsBefore).some(({ erased }) => event.aliases.some(alias => erased.has(alias)))
    })
    .map(({ event }) => event)
  const all = moments.map(({ moment }) => moment)
  const persons = [...new Set(now.persons.values())].map(aliases => personOf(aliases, events, all))
  return { now, persons, events, since }
}

const personOf = (aliases: readonly string[], events: readonly Webinar[], moments: readonly Moment[]): Person => {
  const participants = participantsOf(events.filter(({ person }) => person !== null && aliases.includes(person)))
  const webinars = [...new Set(participants.map(({ webinar }) => webinar))].map(webinar =>
    reckoned(
      webinar,
      participants.filter(each => each.webinar === webinar),
      runsOf(events, webinar),
    ),
  )
  const own = new Set(aliases)
  const groups = moments.flatMap(({ persons }) => aliases.flatMap(alias => [persons.get(alias) ?? []]))
  return {
    ...{ aliases, webinars, participants },
    wasSplit: groups.some(group => group.some(alias => !own.has(alias))),
    wasMerged: moments.some(
      ({ persons }) => new Set(aliases.flatMap(alias => (persons.has(alias) ? [persons.get(alias)] : []))).size > 1,
    ),
    wasForgotten: moments.some(({ erased }) => aliases.some(alias => erased.has(alias))),
  }
}

const participantsOf = (events: readonly Webinar[]): Person['participants'] => {
  const byKey = new Map<string, { webinar: string; key: string; aliases: readonly string[]; events: Webinar[] }>()
  for (const event of events) {
    const key = event.person ?? ''
    const place = `${event.number} ${key}`
    const known = byKey.get(place)
    if (known) known.events.push(event)
    else byKey.set(place, { webinar: event.number, key, aliases: event.aliases, events: [event] })
  }
  return [...byKey.values()]
}
