import type { Clock } from '../../runtime/clock.ts'
import { TributaryError } from '../../runtime/errors.ts'
import type { Logger } from '../../runtime/log.ts'
import { type Catalogue, readCatalogue } from './catalogue.ts'
import type { PendoClient } from './rest/client.ts'

/** The catalogue as Pendo had it some minutes ago. A cache: Pendo keeps it, and each process reads it anew. */
export interface CurrentCatalogue {
  /** Rejects with `PENDO_CATALOGUE_UNKNOWN` (retryable) when it was never read and is not within `patienceMs`: without it nobody can say what is a Core Event. */
  get(): Promise<Catalogue>
  close(): Promise<void>
}

/** How late a page that was named, or made a Core Event, is so here. */
export const refreshedEveryMs = 300_000
const retryAfterMs = 10_000
/** Less than a webhook may take. */
const patienceMs = 3_000

export const openCatalogue = ({
  client,
  clock,
  log,
}: {
  readonly client: PendoClient
  readonly clock: Clock
  readonly log: Logger
}): CurrentCatalogue => {
  const closing = new AbortController()
  const { signal } = closing
  const first = Promise.withResolvers<Catalogue>()
  let current: Catalogue | undefined
  let isFailing = false

  const refresh = async (): Promise<boolean> => {
    try {
      current = await readCatalogue(client, signal)
      first.resolve(current)
      isFailing = false
      return true
    } catch (error) {
      if (!isFailing && !signal.aborted) log.warn({ vendor: 'pendo', error }, cannotBeRead)
      isFailing = true
      return false
    }
  }
  const refreshing = (async () => {
    while (!signal.aborted) await clock.sleep((await refresh()) || current ? refreshedEveryMs : retryAfterMs, signal)
  })()
  return {
    get: async () => {
      if (current) return current
      const read = new AbortController()
      const late = clock.sleep(patienceMs, AbortSignal.any([read.signal, signal])).then(() => undefined)
      const catalogue = await Promise.race([first.promise, late]).finally(() => read.abort())
      if (catalogue) return catalogue
      throw unknown()
    },
    close: async () => {
      closing.abort()
      await refreshing
    },
  }
}

const cannotBeRead = 'What the product consists of cannot be read from Pendo; it is tried again'

const unknown = (): TributaryError =>
  new TributaryError(
    'PENDO_CATALOGUE_UNKNOWN',
    'Expected to know which pages, features and track events are Core Events, but Pendo has not told it yet. Is PENDO_INTEGRATION_KEY right?',
    { errorClass: 'retryable' },
  )
