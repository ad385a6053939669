import type { Track } from '../../schemas/generated.ts'

let events = 0

/** A track event of the person with this alias; each has an id of its own. */
export const trackEvent = (person: string, name: string): Track => {
  events += 1
  return {
    eventId: `track:${events}`,
    source: 'segment:test',
    occurredAt: Date.UTC(2026, 9, 14) + events,
    receivedAt: Date.UTC(2026, 9, 14) + events,
    kind: 'TRACK',
    name,
    person,
    aliases: [person],
    account: null,
    core: false,
    properties: {},
    destinations: {},
  }
}
