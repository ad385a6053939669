import type { TestContext } from 'node:test'
import type { DeliverySettings } from '../../services/delivery/settings.ts'
import { type Clock, systemClock } from '../../services/runtime/clock.ts'
import type { HubSpotSandboxOptions } from '../../services/sandbox/hubspot/start.ts'
import {
  type HubSpotDestinationOptions,
  type HubSpotDestinations,
  hubSpotDestinations,
} from '../../services/sinks/hubspot/destination.ts'
import { hubspotContact } from '../../services/sinks/hubspot/objects.ts'
import { delivering } from '../delivery/delivering.ts'
import { type Account, openAccount } from '../sandbox/hubspot.ts'

const startedAt = Date.now()

/** Ten times as fast as the real one: the burst limit's ten seconds are one. */
export const tenfold: Clock = {
  now: () => startedAt + (Date.now() - startedAt) * 10,
  sleep: (ms, signal) => systemClock.sleep(ms / 10, signal),
}

/** The HubSpot sink over Kafka in memory and an emulated account. */
export const opened = async (
  context: TestContext,
  options: {
    readonly burst?: number
    /** Behind the account's address. */
    readonly path?: string
    /** Of the account and the sink alike. */
    readonly clock?: Clock
    readonly destination?: Partial<HubSpotDestinationOptions>
    readonly sandbox?: HubSpotSandboxOptions
    readonly sink?: keyof HubSpotDestinations
    readonly settings?: Partial<DeliverySettings>
  } = {},
) => {
  const burst = options.burst ?? 10_000
  const clock = options.clock ?? systemClock
  const account = await openAccount(context, { limits: { burst }, clock, eventLagMs: 0, ...options.sandbox })
  const harness = await delivering(
    () =>
      hubSpotDestinations({
        accessToken: 'sandbox',
        baseUrl: account.url + (options.path ?? ''),
        clock,
        limit: { requests: burst, windowMs: 10_000 },
        ...options.destination,
      })[options.sink ?? 'hubspot'],
    { clock, settings: { retry: { firstMs: 5, longestMs: 50 }, ...options.settings } },
  )
  const running = await harness.start()
  context.after(() => running.close())
  return { ...harness, account, running }
}

export interface Applied {
  readonly operation: string
  readonly id: string
  readonly properties: Readonly<Record<string, string>>
}

/** The changes that the account applied. */
export const writesOf = async (account: Account): Promise<Applied[]> =>
  (await account.call('GET', '/_sandbox/writes')).body
/** The contacts as they are. */
export const contactsOf = async (account: Account): Promise<Omit<Applied, 'operation'>[]> =>
  (await account.call('GET', '/_sandbox/state')).body.contacts
export const requestsOf = async (account: Account): Promise<{ method: string; path: string; status: number }[]> =>
  (await account.call('GET', '/_sandbox/requests')).body
export const addContact = async (account: Account, properties: Record<string, string>): Promise<string> =>
  (await account.call('POST', '/crm/v3/objects/contacts', { properties })).body.id
export const disturb = (account: Account, path: string, answer: unknown, times = 1): Promise<unknown> =>
  account.call('POST', '/_sandbox/faults', { match: { path }, times, answer })

/** What a webinar's first join asks for. */
export const { fields, fieldsOnCreate } = hubspotContact.set(
  {
    zoom_webinar_attendance_count: 1,
    zoom_webinar_last_status: 'attending',
    zoom_webinar_last_joined_at: '2026-03-04T15:00:00.000Z',
  },
  { createIfMissing: true, fieldsOnCreate: { tributary_source: 'zoom' } },
)
