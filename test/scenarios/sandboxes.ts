import assert from 'node:assert/strict'
import { fillSampleOrg } from '../../services/commands/start/sample-org.ts'
import type { LoggedRequest } from '../../services/sandbox/request-log.ts'
import { type SeededPerson, seedPeople } from '../../services/sandbox/salesforce/seed-people.ts'
import type { AppliedWrite } from '../../services/sandbox/store.ts'
import type { Progress } from '../../services/sandbox/zoom/delivery/courier.ts'
import type { WantedPlay } from '../../services/sandbox/zoom/recording-plays.ts'
import type { TrafficStatus } from '../../services/sandbox/zoom/traffic.ts'
import { eventually } from './eventually.ts'

/** What every emulated vendor shows and does under `/_sandbox` (interfaces.md, Sandbox inspection). */
export interface EmulatedVendor {
  /** All objects that exist, by type. */
  state(): Promise<Readonly<Record<string, readonly EmulatedObject[]>>>
  /** Every change that took effect, oldest first. */
  applied(): Promise<readonly AppliedWrite[]>
  /** Every request, oldest first. */
  requests(): Promise<readonly LoggedRequest[]>
  /** Does what the next request of this kind asks for, and cuts the connection instead of answering. @param path where the request's path begins */
  loseAnswer(method: string, path: string): Promise<void>
  /** Answers requests so, each time one of this kind comes, instead of doing what they ask for. */
  disturb(fault: Fault): Promise<void>
}

/** A fault on demand (interfaces.md, Sandbox inspection). */
export interface Fault {
  /** Any when not given. */
  readonly method?: string
  /** Where the request's path begins. */
  readonly path: string
  /** Once when not given. */
  readonly times?: number
  readonly answer:
    | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown }
    | { readonly delayMs: number }
    | 'reset'
    | 'reset-after-apply'
}

/** An object of an emulated CRM. */
export interface EmulatedObject {
  readonly id: string
  readonly properties: Readonly<Record<string, unknown>>
}

/** A contact as the emulated HubSpot holds it. */
export interface Contact {
  readonly id: string
  readonly properties: Readonly<Record<string, string>>
}

export interface EmulatedHubSpot extends EmulatedVendor {
  /** Those that exist, in no order. */
  contacts(): Promise<readonly Contact[]>
  /** The contact with this main address. */
  contact(email: string): Promise<Contact | undefined>
  /** Every change of contacts that took effect, oldest first. */
  writes(): Promise<readonly AppliedWrite[]>
  /** HubSpot's own API. Gives the body of a 2xx, else throws. */
  call(method: string, path: string, body?: unknown): Promise<unknown>
}

/** @param url of the sandbox, without a slash at its end */
export const emulatedHubSpot = (url: string): EmulatedHubSpot => {
  const vendor = emulatedVendor(url)
  const contacts = async (): Promise<readonly Contact[]> => ((await vendor.state())['contacts'] ?? []) as Contact[]
  return {
    ...vendor,
    call: (method, path, body) => request(url + path, { method, body, headers: { authorization: 'Bearer sandbox' } }),
    contacts,
    contact: async email => (await contacts()).find(({ properties }) => properties['email'] === email),
    writes: async () => (await vendor.applied()).filter(({ object }) => object === 'contacts'),
  }
}

export interface EmulatedSalesforce extends EmulatedVendor {
  /** Makes the contacts and leads of the sample: a third each of the recorded webinar's people. */
  fill(): Promise<void>
  /** Makes contacts, and leads of those who have a company. */
  seed(people: readonly SeededPerson[]): Promise<void>
  /** What users and administrators do, under `/_sandbox`: `merge`, `convert`, `edit`, errors of single `rows`. */
  act(deed: 'merge' | 'convert' | 'edit' | 'rows', body: object): Promise<unknown>
  /** Salesforce's own API, from behind `/services/data/v60.0`. Gives the body of a 2xx, else throws. */
  call(method: string, path: string, body?: unknown): Promise<unknown>
}

/** @param url of the sandbox, without a slash at its end */
export const emulatedSalesforce = (url: string): EmulatedSalesforce => ({
  ...emulatedVendor(url),
  fill: () => fillSampleOrg(url),
  seed: async people => void (await seedPeople(url, people)),
  act: (deed, body) => request(`${url}/_sandbox/${deed}`, { method: 'POST', body, headers: {} }),
  call: (method, path, body) =>
    request(`${url}/services/data/v60.0${path}`, { method, body, headers: { authorization: 'Bearer sandbox' } }),
})

export interface EmulatedZoom {
  /** Plays the recorded webinar and resolves when every webhook is delivered or given up. `speed`: 1 takes a minute. */
  play(speed: number, how?: Pick<WantedPlay, 'drop'>): Promise<void>
  /** The same without waiting. */
  beginToPlay(speed: number): Promise<void>
  /** All webhooks since its start. */
  progress(): Promise<Progress>
  isPlaying(): Promise<boolean>
  /** Resolves when every webhook of the recording is delivered or given up. */
  played(): Promise<void>
}

/** @param url of the sandbox, without a slash at its end */
export const emulatedZoom = (url: string): EmulatedZoom => {
  const play = async (body: object): Promise<TrafficStatus> =>
    (await request(`${url}/_sandbox/play`, { method: 'POST', body, headers: {} })) as TrafficStatus
  // Live traffic at rate 0 is what there is already; the answer tells how all traffic stands.
  const status = (): Promise<TrafficStatus> => play({ rate: 0 })
  const isPlaying = async (): Promise<boolean> => (await status()).recordings.length > 0
  return {
    play: async (speed, how = {}) => void (await play({ file: 'product-webinar', speed, wait: true, ...how })),
    beginToPlay: async speed => void (await play({ file: 'product-webinar', speed })),
    progress: async () => (await status()).total,
    isPlaying,
    played: () => eventually(async () => assert.equal(await isPlaying(), false, 'the recording plays on'), 180_000),
  }
}

/** @param url of the sandbox, without a slash at its end */
export const emulatedVendor = (url: string): EmulatedVendor => {
  const inspect = (path: string, body?: unknown): Promise<unknown> =>
    request(`${url}/_sandbox/${path}`, { method: body === undefined ? 'GET' : 'POST', body, headers: {} })
  const disturb = async ({ method, path, times = 1, answer }: Fault): Promise<void> =>
    void (await inspect('faults', { match: { ...(method ? { method } : {}), path }, times, answer }))
  return {
    state: async () => (await inspect('state')) as Awaited<ReturnType<EmulatedVendor['state']>>,
    applied: async () => (await inspect('writes')) as AppliedWrite[],
    requests: async () => (await inspect('requests')) as LoggedRequest[],
    loseAnswer: (method, path) => disturb({ method, path, answer: 'reset-after-apply' }),
    disturb,
  }
}

const request = async (
  url: string,
  { method, body, headers }: { method: string; body: unknown; headers: Record<string, string> },
): Promise<unknown> => {
  const answer = await fetch(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`${method} ${url} was answered with ${answer.status}: ${text}`)
  return text === '' ? undefined : JSON.parse(text)
}
