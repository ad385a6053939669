import type { Clock } from '../../../runtime/clock.ts'
import { orApiMissing } from '../answers.ts'
import { readOf } from '../batches.ts'
import type { HubSpotClient } from '../client.ts'
import { contactsIn } from '../contacts/batches.ts'
import { readKeyProperty, taskKeyProperty } from './property.ts'
import { RecentTasks } from './recent.ts'
import { TaskSearch } from './searching.ts'
import { keyProblem, type Whereabouts } from './whereabouts.ts'

/**
 * Finds tasks by what links them. A unique property is read, which tells what is so now; by one that is not, tasks can only be searched, which tells what was so
 * some seconds ago. What was made here a moment ago is there in any case.
 */
export class TaskFinder {
  /** What is written with what is found here must be noted in it. */
  readonly recent: RecentTasks
  readonly #client: HubSpotClient
  readonly #search: TaskSearch
  #isUnique: boolean | undefined

  /** @param lagMs how long after a write searches may not show it */
  constructor(client: HubSpotClient, clock: Clock, lagMs: number) {
    this.recent = new RecentTasks(clock, lagMs)
    this.#client = client
    this.#search = new TaskSearch(client, clock, lagMs, this.recent)
  }

  /** Writes begin, or begin again: until now another process may have written. */
  begin(isUnique: boolean): void {
    this.#isUnique = isUnique
    this.#search.begin()
  }

  /** Whether HubSpot itself keeps two tasks from having the same key. */
  get isUnique(): boolean {
    return this.#isUnique === true
  }

  /** @param keys what links the tasks; all different */
  async find(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Whereabouts>> {
    const found = new Map<string, Whereabouts>()
    for (const key of keys) {
      const recent = this.recent.get(key)
      if (recent?.kind === 'made') found.set(key, { kind: 'there', id: recent.id, status: null, correlationId: null })
    }
    const open = keys.filter(key => !found.has(key))
    return open.length === 0 ? found : new Map([...found, ...(await this.#ask(open, signal))])
  }

  async #ask(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Whereabouts>> {
    if (this.#isUnique === undefined) {
      const learned = await readKeyProperty(this.#client, signal)
      if (learned.kind !== 'read') return new Map(keys.map(key => [key, learned]))
      if (!learned.property) return new Map(keys.map(key => [key, nowhere]))
      this.#isUnique = learned.property.isUnique
    }
    return this.#isUnique ? await this.#read(keys, signal) : await this.#search.find(keys, signal)
  }

  async #read(keys: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Whereabouts>> {
    const answer = await this.#client.callForResults(
      'tasks.read',
      ({ tasks }) =>
        tasks.batchApi.readWithHttpInfo({
          idProperty: taskKeyProperty.name,
          ...readOf(keys, [taskKeyProperty.name]),
        }),
      signal,
    )
    if (answer.kind !== 'success') {
      const problem = keyProblem(orApiMissing(answer))
      return new Map(keys.map(key => [key, problem]))
    }
    const { status, correlationId } = answer
    const ids = new Map(contactsIn(answer.data).map(({ id, properties }) => [properties[taskKeyProperty.name], id]))
    return new Map(
      keys.map(key => {
        const id = ids.get(key)
        return [
          key,
          id === undefined ? { kind: 'none', status, correlationId } : { kind: 'there', id, status, correlationId },
        ]
      }),
    )
  }
}

const nowhere: Whereabouts = { kind: 'none', status: null, correlationId: null }
