import type { Retry } from '../../../delivery/destination.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { orApiMissing } from '../answers.ts'
import type { HubSpotAnswer, HubSpotClient } from '../client.ts'
import { type BatchAnswer, contactsIn } from '../contacts/batches.ts'
import { searchBodyLength } from '../limits.ts'
import { taskKeyProperty } from './property.ts'
import type { RecentTasks } from './recent.ts'
import { keyProblem, type Seen, type Whereabouts } from './whereabouts.ts'

/**
 * Finds tasks by searches, which lag behind writes. Another process, or this one before it died, may have made a task right before this one began: what is not
 * found then is asked for again later. What remains: should searches lag longer than is reckoned with just when an answer is lost or a process dies, a second
 * task is made; of the two the older one goes on.
 */
export class TaskSearch {
  readonly #client: HubSpotClient
  readonly #clock: Clock
  readonly #lagMs: number
  readonly #recent: RecentTasks
  #beganAt = Number.NEGATIVE_INFINITY

  /** @param lagMs how long after a write searches may not show it */
  constructor(client: HubSpotClient, clock: Clock, lagMs: number, recent: RecentTasks) {
    this.#client = client
    this.#clock = clock
    this.#lagMs = lagMs
    this.#recent = recent
  }

  /** Writes begin, or begin again: until now another process may have written. */
  begin(): void {
    this.#beganAt = this.#clock.now()
  }

  /** @param keys of which none was made here lately */
  async find(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Whereabouts>> {
    const found = new Map<string, Whereabouts>()
    for (const some of chunksOf(keys)) {
      const answer = await this.#search(some, signal)
      for (const key of some) found.set(key, this.#whereabouts(key, answer))
    }
    return found
  }

  /** A task that a person cloned in HubSpot brought its key with it: the oldest is meant. */
  #whereabouts(key: string, answer: HubSpotAnswer<BatchAnswer>): Whereabouts {
    if (answer.kind !== 'success') return keyProblem(orApiMissing(answer))
    const { status, correlationId } = answer
    const recent = this.#recent.get(key)
    const [id] = contactsIn(answer.data)
      .filter(task => task.properties[taskKeyProperty.name] === key)
      .flatMap(task => (recent?.kind === 'deleted' && recent.id === task.id ? [] : task.id))
      .toSorted((a, b) => Number(a) - Number(b))
    if (id !== undefined) return { kind: 'there', id, status, correlationId }
    const since = Math.max(this.#beganAt, recent?.kind === 'perhaps' ? recent.at : this.#beganAt)
    const leftMs = since + this.#lagMs - this.#clock.now()
    return leftMs > 0 ? notShown(leftMs, answer) : { kind: 'none', status, correlationId }
  }

  #search(keys: readonly string[], signal: AbortSignal): Promise<HubSpotAnswer<BatchAnswer>> {
    return this.#client.callForResults(
      'tasks.search',
      ({ tasks }) => tasks.searchApi.doSearchWithHttpInfo(requestFor(keys) as SearchRequest),
      signal,
    )
  }
}

type SearchRequest = Parameters<HubSpotClient['api']['tasks']['searchApi']['doSearchWithHttpInfo']>[0]

/** Texts are searched for in lower case. */
const requestFor = (keys: readonly string[]) => ({
  filterGroups: [
    { filters: [{ propertyName: taskKeyProperty.name, operator: 'IN', values: keys.map(key => key.toLowerCase()) }] },
  ],
  properties: [taskKeyProperty.name],
  sorts: ['hs_object_id'],
  limit: 200,
  after: '0',
})

const emptyBodyLength = JSON.stringify(requestFor([])).length

/** As many keys at a time as the body of a search may hold. */
const chunksOf = (keys: readonly string[]): readonly (readonly string[])[] => {
  const chunks: string[][] = []
  let length = 0
  for (const key of keys) {
    const more = JSON.stringify(key).length + 1
    if (chunks.length === 0 || length + more > searchBodyLength - emptyBodyLength) {
      chunks.push([])
      length = 0
    }
    chunks.at(-1)?.push(key)
    length += more
  }
  return chunks
}

/** HubSpot is well; it only shows late what it holds. */
const notShown = (afterMs: number, { status, correlationId }: Seen): Retry => ({
  kind: 'retry',
  code: 'HUBSPOT_SEARCH_LAGS',
  status,
  correlationId,
  message: 'A task may be there that searches do not show yet, so it is looked for again before one is made.',
  afterMs,
  limited: true,
})
