import assert from 'node:assert/strict'
import type { AppliedWrite } from '../../services/sandbox/store.ts'
import type { Progress } from '../../services/sandbox/zoom/delivery/courier.ts'
import type { TrafficStatus } from '../../services/sandbox/zoom/traffic.ts'
import { eventually } from './eventually.ts'

/** A contact as the emulated HubSpot holds it. */
export interface Contact {
  readonly id: string
  readonly properties: Readonly<Record<string, string>>
}

export interface EmulatedHubSpot {
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
  const call: EmulatedHubSpot['call'] = (method, path, body) =>
    request(url + path, { method, body, headers: { authorization: 'Bearer sandbox' } })
  const contacts = async (): Promise<readonly Contact[]> =>
    ((await call('GET', '/_sandbox/state')) as { contacts: Contact[] }).contacts
  return {
    call,
    contacts,
    contact: async email => (await contacts()).find(({ properties }) => properties['email'] === email),
    writes: async () =>
      ((await call('GET', '/_sandbox/writes')) as AppliedWrite[]).filter(({ object }) => object === 'contacts'),
  }
}

export interface EmulatedZoom {
  /** Plays the recorded webinar and resolves when every webhook is delivered or given up. `speed`: 1 takes a minute. */
  play(speed: number): Promise<void>
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
    play: async speed => void (await play({ file: 'product-webinar', speed, wait: true })),
    beginToPlay: async speed => void (await play({ file: 'product-webinar', speed })),
    progress: async () => (await status()).total,
    isPlaying,
    played: () => eventually(async () => assert.equal(await isPlaying(), false, 'the recording plays on'), 180_000),
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
