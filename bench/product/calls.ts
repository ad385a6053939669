import { batchInputs as contactsInABatch, eventInputs } from '../../services/sinks/hubspot/limits.ts'
import { batchInputs as profilesInABatch } from '../../services/sinks/pendo/limits.ts'

/** What was to be told to a vendor. */
export interface Told {
  readonly people: number
  readonly accounts: number
  readonly events: number
  /** Names of events that the vendor had not heard before. */
  readonly newNames: number
}

/**
 * The fewest requests with which a vendor's API can be told: each request full, nothing asked twice. Pendo takes visitors or accounts by the hundred, and one track event a
 * request. HubSpot takes events by the hundred, finds contacts by the hundred, and defines one event a request.
 */
export const fewestCalls = {
  pendo: ({ people, accounts, events }: Told): number =>
    Math.ceil(people / profilesInABatch) + Math.ceil(accounts / profilesInABatch) + events,
  hubspot: ({ people, events, newNames }: Told): number =>
    Math.ceil(people / contactsInABatch) + Math.ceil(events / eventInputs) + newNames,
} as const satisfies Readonly<Record<string, (told: Told) => number>>

export type Vendor = keyof typeof fewestCalls
