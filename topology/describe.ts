import type { Consumer, Destination, Topic, Topology } from './define.ts'
import { topicSpecs } from './topic-specs.ts'

/** An arrow of the map: from one named thing to another. */
interface Edge {
  readonly from: string
  readonly to: string
  readonly label?: string
}

/** The map as data, for `--json` and for tools. */
export const topologyAsJson = (topology: Topology) => ({
  topics: topicSpecs(topology.topics),
  producers: topology.producers.map(({ name, purpose, reads, follows, keeps, writes }) => ({
    name,
    purpose,
    reads: reads?.name ?? null,
    follows: follows?.name ?? null,
    keeps: keeps?.name ?? null,
    writes: writes.map(topic => topic.name),
  })),
  resolver: {
    name: topology.resolver.name,
    reads: topology.resolver.reads.name,
    writes: topology.resolver.writes.name,
  },
  consumers: topology.consumers.map(consumer => ({
    name: consumer.name,
    reads: consumer.reads.name,
    joins: consumer.joins && {
      table: consumer.joins.table.name,
      by: consumer.joins.by,
      ifMissing: consumer.joins.ifMissing,
    },
    keeps: keptBy(consumer)?.name ?? null,
    writes: consumer.writes.map(destination => (destination.kind === 'stream' ? destination.name : destination.target)),
  })),
  sinks: topology.sinks.map(({ name, destination, reads, replays, objects, keeps }) => ({
    name,
    destination,
    reads: reads.name,
    replays: replays.name,
    objects: objects.map(object => object.object),
    keeps: keeps?.name ?? null,
  })),
})

/** The map as lines of text: what each service reads and writes. */
export const topologyAsText = (topology: Topology): string => {
  const map = topologyAsJson(topology)
  const lines = [
    ...map.producers.map(
      ({ name, reads, follows, keeps, writes }) =>
        `producer  ${[name, reads ?? follows].filter(part => part !== null).join('  ')}${keeps === null ? '' : `  keeps ${keeps}`}  →  ${writes.join(', ')}`,
    ),
    `resolver  ${map.resolver.name}  ${map.resolver.reads}  →  ${map.resolver.writes}`,
    ...map.consumers.map(
      ({ name, reads, joins, keeps, writes }) =>
        `consumer  ${name}  ${reads}${
          joins === null ? '' : `  ⋈ ${joins.table} by ${joins.by} (missing: ${joins.ifMissing})`
        }${keeps === null ? '' : `  keeps ${keeps}`}  →  ${writes.join(', ')}`,
    ),
    ...map.sinks.map(
      ({ name, destination, reads, objects, keeps }) =>
        `sink      ${name}  ${reads}${keeps === null ? '' : `  keeps ${keeps}`}  →  ${destination} (${objects.join(', ')})`,
    ),
  ]
  return `${lines.join('\n')}\n`
}

/** The map as a Mermaid flowchart. Streams are stadiums, tables cylinders, services boxes, vendors hexagons. */
export const topologyAsMermaid = (topology: Topology): string => {
  const edges = edgesOf(topology)
  const used = new Set(edges.flatMap(({ from, to }) => [from, to]))
  const vendors = new Set([
    ...topology.producers.map(({ vendor }) => vendor),
    ...topology.sinks.map(sink => sink.destination),
  ])
  const services = [...topology.producers, topology.resolver, ...topology.consumers, ...topology.sinks]
  return [
    'flowchart LR',
    ...[...vendors].map(vendor => `  ${nodeId(`vendor:${vendor}`)}{{${vendor}}}`),
    ...services.map(({ name }) => `  ${nodeId(`service:${name}`)}[${name}]`),
    ...topology.topics
      .filter(topic => used.has(`topic:${topic.name}`))
      .map(topic => `  ${nodeId(`topic:${topic.name}`)}${shape(topic)}`),
    ...edges.map(
      ({ from, to, label }) => `  ${nodeId(from)} -->${label === undefined ? '' : `|${label}|`} ${nodeId(to)}`,
    ),
    '',
  ].join('\n')
}

const edgesOf = (topology: Topology): readonly Edge[] => [
  ...topology.producers.flatMap(({ name, vendor, reads, follows, keeps, writes }) => [
    { from: `vendor:${vendor}`, to: `service:${name}` },
    ...(reads ? [{ from: `topic:${reads.name}`, to: `service:${name}` }] : []),
    ...(follows ? [{ from: `topic:${follows.name}`, to: `service:${name}`, label: 'follows' }] : []),
    ...(keeps ? [{ from: `service:${name}`, to: `topic:${keeps.name}`, label: 'keeps' }] : []),
    ...writes.map(topic => ({ from: `service:${name}`, to: `topic:${topic.name}` })),
  ]),
  { from: `topic:${topology.resolver.reads.name}`, to: `service:${topology.resolver.name}` },
  { from: `service:${topology.resolver.name}`, to: `topic:${topology.resolver.writes.name}` },
  ...topology.consumers.flatMap(consumer => [
    { from: `topic:${consumer.reads.name}`, to: `service:${consumer.name}` },
    ...(consumer.joins
      ? [
          {
            from: `topic:${consumer.joins.table.name}`,
            to: `service:${consumer.name}`,
            label: `by ${consumer.joins.by}`,
          },
        ]
      : []),
    ...(keptBy(consumer)
      ? [{ from: `service:${consumer.name}`, to: `topic:${keptBy(consumer)?.name}`, label: 'keeps' }]
      : []),
    ...[...new Set(consumer.writes.map(topicOf))].map(topic => ({
      from: `service:${consumer.name}`,
      to: `topic:${topic}`,
    })),
  ]),
  ...topology.sinks.flatMap(sink => [
    { from: `topic:${sink.reads.name}`, to: `service:${sink.name}` },
    { from: `service:${sink.name}`, to: `vendor:${sink.destination}` },
    { from: `service:${sink.name}`, to: 'topic:delivered' },
    { from: `service:${sink.name}`, to: 'topic:receipts' },
    ...(sink.keeps ? [{ from: `service:${sink.name}`, to: `topic:${sink.keeps.name}`, label: 'keeps' }] : []),
  ]),
]

const topicOf = (destination: Destination): string =>
  destination.kind === 'stream' ? destination.name : destination.topic.name

const keptBy = (consumer: Consumer): { readonly name: string } | undefined =>
  (consumer.keepsPerPerson ?? consumer.keepsPerKey)?.table

const nodeId = (name: string): string => name.replace(/[^a-z0-9]/gi, '_')

const shape = ({ kind, name }: Topic): string => (kind === 'stream' ? `([${name}])` : `[(${name})]`)
