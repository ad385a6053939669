import type { Consumer, Topology } from './define.ts'
import { moves } from './topics.ts'

/** Topics that a consumer's group reads: its input, and the rows of merged persons where it keeps rows per person. */
export const inputsOf = (consumer: Consumer): readonly string[] =>
  consumer.keepsPerPerson ? [consumer.reads.name, moves.name] : [consumer.reads.name]

/** Whether a consumer runs: one that its mapping switches off has no group, so that it begins with all that is there once it is switched on. */
export const isOn = (consumer: Consumer): boolean => consumer.isOn?.() ?? true

/** Every consumer group and the topics that it reads; a group is named after its service. */
export const groupsOf = (topology: Topology): ReadonlyMap<string, readonly string[]> =>
  new Map([
    ...topology.producers.flatMap(({ name, reads }): [string, readonly string[]][] =>
      reads ? [[name, [reads.name]]] : [],
    ),
    [topology.resolver.name, [topology.resolver.reads.name]],
    ...topology.consumers
      .filter(isOn)
      .map((consumer): [string, readonly string[]] => [consumer.name, inputsOf(consumer)]),
    ...topology.sinks.map((sink): [string, readonly string[]] => [sink.name, [sink.reads.name, sink.replays.name]]),
  ])
