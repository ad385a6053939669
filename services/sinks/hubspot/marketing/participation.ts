import type { PutInput } from '../../../delivery/destination.ts'
import type { MarketingEvent } from './marketing-events.ts'

/** One person's part in a marketing event, ready to be sent. */
export interface Participation {
  readonly input: PutInput
  readonly event: MarketingEvent
  /** The state's name in HubSpot's paths. */
  readonly verb: string
  readonly subscriber: {
    readonly vid: number
    /** In milliseconds since the epoch. */
    readonly interactionDateTime: number
    readonly properties: Record<string, string>
  }
}

const verbs: Readonly<Record<string, string>> = { registered: 'register', attended: 'attend', cancelled: 'cancel' }

/** Null when the write says too little of the participation. */
export const participationOf = (input: PutInput): Participation | null => {
  const text = (name: string): string | null => {
    const value = input.fields[name]
    return typeof value === 'string' ? value : null
  }
  const moment = (name: string): string | null => {
    const value = text(name)
    return value === null || Number.isNaN(Date.parse(value)) ? null : value
  }
  const [webinar, account, verb] = [text('webinar_id'), text('account'), verbs[text('state') ?? '']]
  const interactionDateTime = Date.parse(text('interaction_at') ?? '')
  if (webinar === null || account === null || verb === undefined || Number.isNaN(interactionDateTime)) return null
  const times = { joinedAt: moment('joined_at'), leftAt: moment('left_at') }
  const properties = Object.fromEntries(
    Object.entries(times).flatMap(([name, at]) => (verb === 'attend' && at !== null ? [[name, at]] : [])),
  )
  return {
    input,
    event: { webinar, account, topic: text('topic'), start: moment('start_time'), end: moment('end_time') },
    verb,
    subscriber: { vid: Number(input.of.id), interactionDateTime, properties },
  }
}

/** What the participations of one webinar say of it: of each fact the last that is known. */
export const eventOf = (participations: readonly Participation[]): MarketingEvent =>
  participations
    .map(({ event }) => event)
    .reduce((before, event) => ({
      ...event,
      topic: event.topic ?? before.topic,
      start: event.start ?? before.start,
      end: event.end ?? before.end,
    }))

/** Those of one webinar each. */
export const byWebinar = (participations: readonly Participation[]): readonly (readonly Participation[])[] =>
  grouped(participations, ({ event }) => JSON.stringify([event.account, event.webinar]))

/** Those that one request can carry: the same state, and no contact twice. */
export const byRequest = (participations: readonly Participation[]): readonly (readonly Participation[])[] => {
  const seen = new Map<string, number>()
  return grouped(participations, ({ verb, subscriber }) => {
    const place = `${verb}:${subscriber.vid}`
    const times = seen.get(place) ?? 0
    seen.set(place, times + 1)
    return `${verb}:${times}`
  })
}

const grouped = <Value>(values: readonly Value[], keyOf: (value: Value) => string): readonly (readonly Value[])[] => [
  ...Map.groupBy(values, keyOf).values(),
]
