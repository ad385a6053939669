import type {
  Accepted,
  Problem,
  ReadResult,
  RecordObject,
  SendResult,
  SetInput,
} from '../../../delivery/destination.ts'
import { namesUnknownProperty, noResult, orApiMissing, problemOfInput, unreadableAnswer } from '../answers.ts'
import { sendBatch } from '../batches.ts'
import type { HubSpotClient, Success } from '../client.ts'
import { batchInputs } from '../limits.ts'
import type { PrepareAgain } from '../setup/setup.ts'
import {
  type Batch,
  type ContactResult,
  contactsIn,
  errorsOf,
  formerValue,
  historyIn,
  propertiesOf,
  resultOf,
  type Traced,
  update,
  upsert,
  wavesOf,
} from './batches.ts'
import { locateContacts, readContacts } from './look-up.ts'

/** HubSpot contacts: known by any of a person's addresses, and made by the first one. */
export const contactObject = (client: HubSpotClient, prepareAgain: PrepareAgain): RecordObject =>
  new Contacts(client, prepareAgain)

class Contacts implements RecordObject {
  readonly kind = 'record'
  readonly batchSize = batchInputs
  readonly #client: HubSpotClient
  readonly #prepareAgain: PrepareAgain

  constructor(client: HubSpotClient, prepareAgain: PrepareAgain) {
    this.#client = client
    this.#prepareAgain = prepareAgain
  }

  read(ids: readonly string[], fields: readonly string[], signal: AbortSignal): Promise<readonly ReadResult[]> {
    return readContacts(this.#client, ids, fields, signal)
  }

  async send(inputs: readonly SetInput[], signal: AbortSignal): Promise<readonly SendResult[]> {
    const results = await this.#sendOnce(inputs, signal)
    const unknown = [...results.keys()].filter(index => namesUnknownProperty(results[index] ?? { kind: '' }))
    if (unknown.length === 0) return results
    const prepared = await this.#prepareAgain(signal)
    if (prepared === 'made-lately') return results
    const lacking = unknown.flatMap(index => inputs[index] ?? [])
    const again = prepared === 'ready' ? await this.#sendOnce(lacking, signal) : lacking.map(() => prepared)
    const mended = new Map(unknown.map((index, place) => [index, again[place]]))
    return results.map((result, index) => mended.get(index) ?? result)
  }

  #sendOnce(inputs: readonly SetInput[], signal: AbortSignal): Promise<readonly SendResult[]> {
    return inputs[0]?.record === null ? this.#create(inputs, signal) : this.#update(inputs, signal)
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
    return inputs.map((_, index) => results.get(String(index)) ?? noResult({ status: null, correlationId: null }))
  }

  /** Sends a batch and settles each input. */
  async #batch(
    traced: readonly Traced[],
    request: Batch,
    results: Map<string, SendResult>,
    signal: AbortSignal,
    settle: (one: Traced, found: Found) => Promise<SendResult>,
  ): Promise<void> {
    for (const { inputs, answer } of await sendBatch(traced, some => request(this.#client, some, signal))) {
      if (answer.kind !== 'success') {
        for (const { traceId } of inputs) results.set(traceId, orApiMissing(answer))
        continue
      }
      const [errors, contacts] = [errorsOf(answer.data), contactsIn(answer.data)]
      for (const one of inputs) {
        const error = errors.get(one.traceId)
        if (error) results.set(one.traceId, problemOfInput(error, answer))
        else results.set(one.traceId, await settle(one, { answer, result: resultOf(one, contacts) }))
      }
    }
  }

  /** A record without result was merged away or deleted; HubSpot tells which only when it is asked for alone. */
  async #updated({ input }: Traced, { answer, result }: Found, signal: AbortSignal): Promise<SendResult> {
    if (result) return accepted(input, answer)
    const [located = noResult(answer)] = await locateContacts(this.#client, [input.record ?? ''], signal)
    return located.kind === 'here' ? noResult(located) : located
  }

  async #upserted({ input, address }: Traced, { answer, result }: Found, signal: AbortSignal): Promise<SendResult> {
    const { status, correlationId } = answer
    if (!result) return noResult(answer)
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
    const history = historyIn(found.data)
    if (!history) return unreadableAnswer(found)
    const former = names.map(name => [name, formerValue(history[name] ?? [])])
    const restored = await this.#client.call(
      'contacts.update-one',
      ({ contacts }) => contacts.basicApi.updateWithHttpInfo(record, { properties: Object.fromEntries(former) }),
      signal,
    )
    return restored.kind === 'success' ? undefined : restored
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
