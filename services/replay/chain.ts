import type { Consumer, Sink, Topology } from '../../topology/define.ts'
import { TributaryError } from '../runtime/errors.ts'

/** A consumer to replay, with the consumers that read what it emits, as far as writes come of it. */
export interface Chain {
  readonly consumer: Consumer
  /** All of them by the stream that they read, the first one left out. */
  readonly followers: ReadonlyMap<string, readonly Consumer[]>
  /** Sinks that get writes of it, by the topic of their live writes. */
  readonly sinks: ReadonlyMap<string, Sink>
}

/** Throws `CONSUMER_UNKNOWN`, naming those there are, and `REPLAY_WITHOUT_SINK`. */
export const chainOf = (topology: Topology, name: string): Chain => {
  const consumer = topology.consumers.find(each => each.name === name)
  if (!consumer) {
    const names = topology.consumers.map(each => each.name).join(', ')
    throw new TributaryError('CONSUMER_UNKNOWN', `Expected the name of a consumer, came ${name}. There are: ${names}.`)
  }
  const chain = walk(topology, consumer)
  if (chain.sinks.size > 0) return chain
  throw new TributaryError(
    'REPLAY_WITHOUT_SINK',
    `${name} asks for no writes, and no consumer of its streams does: a replay of it would do nothing. To rebuild its rows, give it a new name.`,
  )
}

/** Every consumer of a chain, each once. */
export const consumersOf = ({ consumer, followers }: Chain): readonly Consumer[] => [
  ...new Set([consumer, ...[...followers.values()].flat()]),
]

const walk = (topology: Topology, consumer: Consumer): Chain => {
  const followers = new Map<string, readonly Consumer[]>()
  const sinks = new Map<string, Sink>()
  const open = [consumer]
  for (let current = open.pop(); current; current = open.pop()) {
    for (const target of current.writes) {
      if (target.kind === 'object') {
        const sink = topology.sinks.find(({ reads }) => reads.name === target.topic.name)
        if (sink) sinks.set(target.topic.name, sink)
      } else if (!followers.has(target.name)) {
        const readers = topology.consumers.filter(({ reads }) => reads.name === target.name)
        followers.set(target.name, readers)
        open.push(...readers)
      }
    }
  }
  return { consumer, followers, sinks }
}
