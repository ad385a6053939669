import type { FieldValue } from '../../../../topology/define.ts'
import type { Fitted, StandaloneInput, StandaloneObject, StandaloneResult } from '../../../delivery/destination.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { PendoClient } from '../client.ts'
import { ageMarginMs, oldestEventMs } from '../limits.ts'
import type { NamesInUse } from './names-in-use.ts'
import { fitProperties } from './properties.ts'

type Fields = Readonly<Record<string, FieldValue>>

/** Why an event is not sent at all, by the code in its receipt. */
export const trackRefusals = {
  PENDO_EVENT_TOO_OLD: 'The event is more than 7 days old: Pendo takes such ones and drops them.',
  PENDO_EVENT_NAMES_FULL:
    'The name of the event would be the 5,001st of the app: Pendo takes such ones and drops them.',
} as const satisfies Readonly<Record<string, string>>

type Refusal = keyof typeof trackRefusals

/**
 * Track events, one a request: Pendo has no batch. It knows neither a key by which it would drop a repeated event nor a way to ask for one, so an event whose answer
 * is lost may come to be there twice: at least once after an ambiguous answer.
 */
export const trackObject = (client: PendoClient, names: NamesInUse, clock: Clock): StandaloneObject => ({
  kind: 'appended',
  of: null,
  batchSize: 1,
  rememberedForMs: oldestEventMs,
  fit: (fields, at) => fitTrack(fields, at, names, clock),
  put: (inputs, signal) => Promise.all(inputs.map(input => send(client, names, input, signal))),
})

const fitTrack = (fields: Fields, at: number | null, names: NamesInUse, clock: Clock): Fitted => {
  const refusal = refusalOf(fields, at, names, clock)
  if (refusal) return { fields, adjustments: [], refusal }
  const { properties, codes } = fitProperties(propertiesIn(fields), name => names.takesProperty(name))
  const { event, visitorId, accountId } = partsOf(fields)
  const placed = Object.entries(properties).map(([name, value]) => [prefix + name, value] as const)
  return { fields: { event, visitorId, accountId, ...Object.fromEntries(placed) }, adjustments: codes }
}

const refusalOf = (fields: Fields, at: number | null, names: NamesInUse, clock: Clock): Refusal | undefined => {
  if ((at ?? 0) < clock.now() - oldestEventMs + ageMarginMs) return 'PENDO_EVENT_TOO_OLD'
  return names.takesEvent(partsOf(fields).event) ? undefined : 'PENDO_EVENT_NAMES_FULL'
}

const send = async (
  client: PendoClient,
  names: NamesInUse,
  { fields, at }: StandaloneInput,
  signal: AbortSignal,
): Promise<StandaloneResult> => {
  const { event, visitorId, accountId } = partsOf(fields)
  const properties = propertiesIn(fields)
  const account = accountId === null ? {} : { accountId }
  const body = { type: 'track', event, visitorId, ...account, timestamp: at, properties, context: {} }
  const answer = await client.call({ operation: 'track', method: 'POST', path: '/data/track', body }, signal)
  if (answer.kind !== 'success') return answer
  names.sent(event, Object.keys(properties))
  return { kind: 'put', record: null, created: true, status: answer.status, correlationId: null }
}

const prefix = 'properties.'

const propertiesIn = (fields: Fields): Fields =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) =>
      name.startsWith(prefix) ? [[name.slice(prefix.length), value] as const] : [],
    ),
  )

const partsOf = (fields: Fields): { event: string; visitorId: string; accountId: string | null } => {
  const { event, visitorId, accountId = null } = fields
  return {
    event: String(event),
    visitorId: String(visitorId),
    accountId: accountId === null ? null : String(accountId),
  }
}
