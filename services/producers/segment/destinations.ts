import type { DestinationChoice } from '../../events/destinations.ts'
import { isObject, type JsonObject } from '../input/json-body.ts'

/**
 * What a message's `integrations` say of destinations (facts/segment.md §1): a value that is false means not this one, an object of options that it is wanted.
 * Segment itself chose whom its webhooks call, so of those `All`, which is about its own destinations, says nothing.
 */
export const destinationsOf = ({ integrations }: JsonObject, via: 'api' | 'webhook'): DestinationChoice => {
  if (!isObject(integrations)) return {}
  const said = Object.entries(integrations)
    .slice(0, mostNames)
    .filter(([name]) => name.length <= longestName)
  const heard = said.filter(([name]) => via === 'api' || name !== 'All')
  return Object.fromEntries(heard.map(([name, wanted]) => [name.toWellFormed(), wanted !== false]))
}

/** No vendor has a longer name, no client names more: what is kept with each event stays small. */
const longestName = 100
const mostNames = 100
