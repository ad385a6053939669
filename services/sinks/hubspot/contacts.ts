import type { Person } from '../../../topology/define.ts'
import type {
  Accepted,
  Destination,
  Gone,
  Prepared,
  Problem,
  Resolution,
  SendResult,
  SetInput,
} from '../../delivery/destination.ts'
import type { PublishedLimit } from '../../delivery/requests/rate-limit.ts'
import type { Clock } from '../../runtime/clock.ts'
import { type Logger, silentLogger } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { apiMissing, namesUnknownProperty, problemOfInput } from './answers.ts'
import { createHubSpotClient, type HubSpotAnswer, type HubSpotClient, type Success } from './client.ts'
import {
  addressesOf,
  type Batch,
  type BatchAnswer,
  type ContactResult,
  errorsOf,
  formerValue,
  propertiesOf,
  resultOf,
  type Traced,
  update,
  upsert,
  wavesOf,
} from './contact-batches.ts'
import { batchInputs, concurrentRequests } from './limits.ts'
import { prepareProperties } from './properties.ts'

export interface HubSpotDestinationOptions {
  readonly accessToken: string
  /** Without a slash at its end. */
  readonly baseUrl: string
  readonly clock: Clock
  readonly metrics?: Metrics
  readonly logger?: Logger
  /** The account's burst limit; that of Professional and Enterprise unless given. */
  readonly limit?: PublishedLimit
  readonly timeoutMs?: number
}

/** HubSpot contacts as the delivery engine sees them. */
export const hubSpotDestination = (options: HubSpotDestinationOptions): Destination => {
  const client = createHubSpotClient(options)
  return new Contacts(client, options.clock, options.logger ?? silentLogger)
}

/** Unknown properties make HubSpot be prepared again, not more often than this. */
const prepareAgainAfterMs = 60_000

class Contacts implements Destination {
  readonly name = 'hubspot'
  readonly settable = ['contact']
  readonly batchSize = batchInputs
  readonly concurrency = concurrentRequests
  readonly #client: HubSpotClient
  readonly #clock: Clock
  readonly #logger: Logger
  #preparedAgainAt = Number.NEGATIVE_INFINITY

  constructor(client: HubSpotClient, clock: Clock, logger: Logger) {
    this.#client = client
    this.#clock = clock
    this.#logger = logger
  }

  waitMs(): number {
    return this.#client.waitMs()
  }

  prepare(signal: AbortSignal): Promise<Prepared> {
    return prepareProperties(this.#client, this.#logger, signal)
  }

  async resolve(_object: string, persons: readonly Person[], signal: AbortSignal): Promise<readonly Resolution[]> {
    const addresses = [...new Set(persons.flatMap(({ emails }) => emails))]
    const holders = new Map<string, string>()
    let last: Success<unknown> | undefined
    for (let start = 0; start < addresses.length; start += batchInputs) {
      const answer = await this.#lookUp(addresses.slice(start, start + batchInputs), holders, signal)
      if (answer.kind !== 'success') return persons.map(() => answer)
      last = answer
    }
    const seen = { status: last?.status ?? null, correlationId: last?.correlationId ?? null }
    return persons.map(({ emails }): Resolution => {
      const address = emails.find(email => holders.has(email.toLowerCase()))
      const record = address === undefined ? undefined : holders.get(address.toLowerCase())
      if (address === undefined || record === undefined) return { kind: 'missing', ...seen }
      return { kind: 'found', record, alias: `email:${address}`, ...seen }
    })
  }

  async send(_object: string, inputs: readonly SetInput[], signal: AbortSignal): Promise<readonly SendResult[]> {
    const results = await this.#sendOnce(inputs, signal)
    const unknown = [...results.keys()].filter(index => namesUnknownProperty(results[index] ?? { kind: '' }))
    if (unknown.length === 0 || !(await this.#preparedAgain(signal))) return results
    const again = await this.#sendOnce(
      unknown.flatMap(index => inputs[index] ?? []),
      signal,
    )
    const mended = new Map(unknown.map((index, place) => [index, again[place]]))
    return results.map((result, index) => mended.get(index) ?? result)
  }

  #sendOnce(inputs: readonly SetInput[], signal: AbortSignal): Promise<readonly SendResult[]> {
    return inputs[0]?.record === null ? this.#create(inputs, signal) : this.#update(inputs, signal)
  }

  /** Finds who holds the addresses, as their main or an additional one: the answer does not say which input led to a contact. */
  async #lookUp(
    addresses: readonly string[],
    holders: Map<string, string>,
    signal: AbortSignal,
  ): Promise<Success<unknown> | Problem> {
    const answer: HubSpotAnswer<BatchAnswer<ContactResult>> = await this.#client.call(
      'contacts.read',
      ({ contacts }) =>
        contacts.batchApi.readWithHttpInfo({
          idProperty: 'email',
          inputs: addresses.map(id => ({ id })),
          properties: ['email', 'hs_additional_emails'],
          propertiesWithHistory: [],
        }),
      signal,
    )
    if (answer.kind === 'rejected' && addresses.length > 1) {
      const middle = Math.ceil(addresses.length / 2)
      const first = await this.#lookUp(addresses.slice(0, middle), holders, signal)
      return first.kind === 'success' ? await this.#lookUp(addresses.slice(middle), holders, signal) : first
    }
    // One address that HubSpot refuses to look for is nobody's.
    if (answer.kind === 'rejected' && answer.status !== 404) {
      const { status, correlationId } = answer
      return { kind: 'success', status: status ?? 400, correlationId, data: undefined }
    }
    if (answer.kind !== 'success') return answer.kind === 'rejected' ? apiMissing(answer) : answer
    for (const { id, properties } of answer.data.results)
      for (const address of addressesOf(properties)) holders.set(address, id)
    return answer
  }

  async #update(inputs: readonly SetInput[], signal: AbortSignal): Promise<readonly SendResult[]> {
    const traced = inputs.map((input, index) => ({ input, traceId: String(index), address: '' }))
    const filled = traced.filter(({ input }) => Object.keys(propertiesOf(input)).length > 0)
    const results = new Map<string, SendResult>()
    for (const { input, traceId } of traced) results.set(traceId, accepted(input, null))
    await this.#batch(filled, update, results, signal, (one, found) => this.#updated(one, found, signal))
    return traced.map(({ input, traceId }) => results.get(traceId) ?? accepted(input, null))
  }

  async #create(inputs: readonly SetInput[], signal: AbortSignal): Promise<readonly SendResult[]> {
    const results = new Map<string, SendResult>()
    const traced = inputs.flatMap((input, index): Traced[] => {
      const [address] = input.person.emails
      const traceId = String(index)
      if (address !== undefined) return [{ input, traceId, address: address.toLowerCase() }]
      results.set(traceId, { kind: 'skipped', code: 'NO_ADDRESS', status: null, correlationId: null })
      return []
    })
    for (const wave of wavesOf(traced))
      await this.#batch(wave, upsert, results, signal, (one, found) => this.#upserted(one, found, signal))
    return inputs.map((_, index) => results.get(String(index)) ?? noResult(null, null))
  }

  /** Sends a batch and settles each input; a refusal of the whole is split until its cause is alone. */
  async #batch(
    traced: readonly Traced[],
    request: Batch,
    results: Map<string, SendResult>,
    signal: AbortSignal,
    settle: (one: Traced, found: Found) => Promise<SendResult>,
  ): Promise<void> {
    if (traced.length === 0) return
    const answer = await request(this.#client, traced, signal)
    if (answer.kind === 'rejected' && traced.length > 1 && answer.status !== 404) {
      const middle = Math.ceil(traced.length / 2)
      await this.#batch(traced.slice(0, middle), request, results, signal, settle)
      await this.#batch(traced.slice(middle), request, results, signal, settle)
      return
    }
    if (answer.kind !== 'success') {
      const problem: Problem = answer.kind === 'rejected' && answer.status === 404 ? apiMissing(answer) : answer
      for (const { traceId } of traced) results.set(traceId, problem)
      return
    }
    const errors = errorsOf(answer.data.errors ?? [])
    for (const one of traced) {
      const error = errors.get(one.traceId)
      if (error) results.set(one.traceId, problemOfInput(error, answer))
      else results.set(one.traceId, await settle(one, { answer, result: resultOf(one, answer.data.results) }))
    }
  }

  /** A record without result was merged away or deleted; HubSpot tells which only when it is asked for alone. */
  async #updated({ input }: Traced, { answer, result }: Found, signal: AbortSignal): Promise<SendResult> {
    if (result) return accepted(input, answer)
    const record = input.record ?? ''
    const found = await this.#client.call(
      'contacts.get',
      ({ contacts }) => contacts.basicApi.getByIdWithHttpInfo(record, ['email']),
      signal,
    )
    if (found.kind === 'rejected' && found.status === 404) return gone(found, null)
    if (found.kind !== 'success') return found
    return found.data.id === record ? noResult(found.status, found.correlationId) : gone(found, found.data.id)
  }

  async #upserted({ input, address }: Traced, { answer, result }: Found, signal: AbortSignal): Promise<SendResult> {
    const { status, correlationId } = answer
    if (!result) return noResult(status, correlationId)
    const created = result._new === true
    if (!created && !input.repeated) {
      const problem = await this.#putBack(result.id, Object.keys(input.fieldsOnCreate), signal)
      if (problem) return problem
    }
    const alias = `email:${input.person.emails.find(email => email.toLowerCase() === address) ?? address}`
    return { kind: 'accepted', record: result.id, created, alias, status, correlationId }
  }

  /** Somebody made the contact between our look-up and our upsert: what was meant for new contacts only gets its former values back. */
  async #putBack(record: string, names: readonly string[], signal: AbortSignal): Promise<Problem | undefined> {
    if (names.length === 0) return undefined
    const found = await this.#client.call(
      'contacts.get',
      ({ contacts }) => contacts.basicApi.getByIdWithHttpInfo(record, ['email'], [...names]),
      signal,
    )
    if (found.kind !== 'success') return found
    const former = names.map(name => [name, formerValue(found.data.propertiesWithHistory?.[name] ?? [])])
    const restored = await this.#client.call(
      'contacts.update-one',
      ({ contacts }) => contacts.basicApi.updateWithHttpInfo(record, { properties: Object.fromEntries(former) }),
      signal,
    )
    return restored.kind === 'success' ? undefined : restored
  }

  async #preparedAgain(signal: AbortSignal): Promise<boolean> {
    if (this.#clock.now() - this.#preparedAgainAt < prepareAgainAfterMs) return false
    this.#preparedAgainAt = this.#clock.now()
    return (await this.prepare(signal)).kind === 'ready'
  }
}

interface Found {
  readonly answer: Success<unknown>
  readonly result: ContactResult | undefined
}

const accepted = ({ record }: SetInput, answer: Success<unknown> | null): Accepted => ({
  kind: 'accepted',
  record: record ?? '',
  created: false,
  alias: null,
  status: answer?.status ?? null,
  correlationId: answer?.correlationId ?? null,
})

const gone = (
  { status, correlationId }: { status: number | null; correlationId: string | null },
  survivor: string | null,
): Gone => ({
  kind: 'gone',
  survivor,
  status,
  correlationId,
})

const noResult = (status: number | null, correlationId: string | null): Problem => ({
  kind: 'retry',
  code: 'HUBSPOT_RESULT_MISSING',
  status,
  correlationId,
  message: 'HubSpot answered without a word on this contact, so it is looked up again.',
})
