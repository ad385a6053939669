import { setTimeout as delay } from 'node:timers/promises'
import type { TestCluster } from '../../cluster/cluster.ts'
import type { EmulatedHubSpot } from '../sandboxes.ts'
import type { Fleet } from './fleet.ts'

/** What can be hurt. */
export interface Exposed {
  readonly cluster: TestCluster
  readonly fleet: Fleet
  readonly hubspot: EmulatedHubSpot
}

export interface Fault {
  readonly name: string
  /** Resolves when it is over; what it left of the cluster is for `heal`. */
  happen(): Promise<void>
}

/** Longer than a member may be silent, so that others take over. */
const FROZEN_MS = 14_000
const DOWN_MS = 3_000
const CUT_MS = 6_000
const SLOW_MS = 10_000

/** @param random gives numbers in [0, 1) */
export const randomFault = ({ cluster, fleet, hubspot }: Exposed, random: () => number): Fault => {
  const oneOf = <Item>(items: readonly Item[]): Item => {
    const item = items[Math.floor(random() * items.length)]
    if (item === undefined) throw new Error('There is nothing to choose from')
    return item
  }
  const node = oneOf(cluster.nodes)
  const crew = oneOf(fleet.exposed)
  const path = oneOf(['/crm/v3/objects/contacts/batch', '/events/v3/send/batch'])
  const linked =
    (state: 'cut' | 'half-open' | 'deaf' | 'open', ms: number, delayMs = 0) =>
    async () => {
      await node.link(state, delayMs)
      await delay(ms)
      await node.link('open')
    }
  const down = (end: () => Promise<void>) => async () => {
    await end()
    await delay(DOWN_MS)
    await node.start()
  }
  const frozenCrew = async () => {
    crew.signal('SIGSTOP')
    await delay(FROZEN_MS)
    crew.signal('SIGCONT')
  }
  return oneOf<Fault>([
    { name: `broker ${node.id} killed`, happen: down(() => node.kill()) },
    { name: `broker ${node.id} shut down`, happen: down(() => node.shutDown()) },
    {
      name: `broker ${node.id} frozen`,
      happen: () =>
        node
          .freeze()
          .then(() => delay(CUT_MS))
          .then(() => node.thaw()),
    },
    { name: `broker ${node.id} cut off`, happen: linked('cut', CUT_MS) },
    { name: `broker ${node.id} half-open`, happen: linked('half-open', CUT_MS) },
    { name: `broker ${node.id} deaf`, happen: linked('deaf', CUT_MS) },
    { name: `broker ${node.id} slow`, happen: linked('open', SLOW_MS, 100) },
    { name: `${crew.name} killed`, happen: () => crew.end('SIGKILL') },
    { name: `${crew.name} restarted`, happen: () => crew.end('SIGTERM') },
    { name: `${crew.name} frozen`, happen: frozenCrew },
    {
      name: 'HubSpot refuses',
      happen: () => hubspot.disturb({ path, times: 5, answer: { status: 429, headers: { 'retry-after': '1' } } }),
    },
    { name: 'HubSpot fails', happen: () => hubspot.disturb({ path, times: 5, answer: { status: 502 } }) },
    { name: 'HubSpot hangs up', happen: () => hubspot.disturb({ path, times: 3, answer: 'reset' }) },
    {
      name: 'HubSpot loses its answer',
      happen: () => hubspot.disturb({ path, times: 3, answer: 'reset-after-apply' }),
    },
  ])
}
