import type { Problem } from '../../../delivery/destination.ts'
import type { HubSpotClient } from '../client.ts'
import { locateContacts } from '../contacts/look-up.ts'
import { associate, associatedWith, dissociate } from './associations.ts'
import type { TaskAdjustment } from './fields.ts'

const contactsType = 'contacts'

/** The contact that a task shall be on, and no other. */
export interface Placing {
  /** Record id of the task. */
  readonly task: string
  /** Record id of the contact, perhaps one that was merged or deleted since; null for none. */
  readonly contact: string | null
  /** Whether it is on no contact yet, for sure. */
  readonly isNew: boolean
}

export type Placed = { readonly kind: 'placed'; readonly adjustments: readonly TaskAdjustment[] } | Problem

/** Puts tasks on their contacts: the new one first, so that none is without in between. Results by task. */
export const placeTasks = async (
  client: HubSpotClient,
  placings: readonly Placing[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, Placed>> => {
  const old = placings.filter(({ isNew }) => !isNew).map(({ task }) => task)
  const current = await associatedWith(client, contactsType, old, signal)
  if (current.kind !== 'associated') return new Map(placings.map(({ task }) => [task, current]))
  const placed = new Map<string, Placed>()
  const plans = await plansFor(client, placings, current.of, placed, signal)
  const missing = plans.flatMap(({ task, contact, held }) =>
    contact === null || held.includes(contact) ? [] : [{ task, record: contact }],
  )
  for (const [task, problem] of await associate(client, contactsType, missing, signal)) placed.set(task, problem)
  const leaving = plans
    .filter(({ task }) => placed.get(task)?.kind === 'placed')
    .map(({ task, contact, held }) => ({ task, records: held.filter(one => one !== contact) }))
    .filter(({ records }) => records.length > 0)
  for (const [task, problem] of await dissociate(client, contactsType, leaving, signal)) placed.set(task, problem)
  return placed
}

/** What is to be done for a task: `contact` is one that is there. */
interface Plan {
  readonly task: string
  readonly contact: string | null
  readonly held: readonly string[]
}

/** Looks for contacts that tasks are not on yet: HubSpot may have merged one into another, or somebody deleted it. */
const plansFor = async (
  client: HubSpotClient,
  placings: readonly Placing[],
  current: ReadonlyMap<string, readonly string[]>,
  placed: Map<string, Placed>,
  signal: AbortSignal,
): Promise<readonly Plan[]> => {
  const wanted = placings.flatMap(({ task, contact }) =>
    contact === null || current.get(task)?.includes(contact) ? [] : contact,
  )
  const ids = [...new Set(wanted)]
  const located = new Map((await locateContacts(client, ids, signal)).map((one, index) => [ids[index], one]))
  return placings.flatMap(({ task, contact }): Plan[] => {
    const held = current.get(task) ?? []
    const found = contact === null ? undefined : located.get(contact)
    if (found && found.kind !== 'here' && found.kind !== 'gone') {
      placed.set(task, found)
      return []
    }
    const target = found?.kind === 'gone' ? found.survivor : contact
    placed.set(task, { kind: 'placed', adjustments: contact !== null && target === null ? ['CONTACT_GONE'] : [] })
    return [{ task, contact: target, held }]
  })
}
