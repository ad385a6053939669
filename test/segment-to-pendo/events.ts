import type { Account, Track, Visitor } from '../../schemas/generated.ts'

const occurredAt = Date.UTC(2026, 9, 14, 12)
const facts = { source: 'segment:web', occurredAt, receivedAt: occurredAt + 500, destinations: {} }

/** As the ingest makes them of what SDKs send. */
export const visitor = (over: Partial<Visitor> = {}): Visitor => ({
  ...{ eventId: 'segment:m-visitor', ...facts, person: 'user:u-1', aliases: ['user:u-1', 'email:ada@example.com'] },
  ...{ account: null, traits: { plan: 'pro' } },
  ...over,
})

export const account = (over: Partial<Account> = {}): Account => ({
  ...{ eventId: 'segment:m-account', ...facts, account: 'acme', domain: null, traits: { name: 'Acme' } },
  ...over,
})

export const track = (over: Partial<Track> = {}): Track => ({
  ...{ eventId: 'segment:m-track', ...facts, kind: 'TRACK', name: 'Report exported' },
  ...{ person: 'user:u-1', aliases: ['user:u-1', 'anonymous:device-1'], account: 'acme', core: false },
  properties: { rows: 12, format: 'csv' },
  ...over,
})

/** Somebody who has not logged in. */
export const nameless = { person: 'anonymous:device-1', aliases: ['anonymous:device-1'] } as const
