import type { Command } from 'commander'
import { schemaOf } from '../../schemas/records.ts'
import { topologyAsJson, topologyAsMermaid, topologyAsText } from '../../topology/describe.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { type Change, describeChange, planTopics } from '../../topology/plan.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import type { Kafka } from '../kafka/kafka.ts'
import { systemClock } from '../runtime/clock.ts'
import { avroTopics, createCodec, subjectOf } from '../runtime/codec.ts'
import { addressesOf, type Connections, connect, readConfig } from './connections.ts'
import { printJson, printLines } from './output.ts'

const changePending = 2

export const addTopologyCommand = (program: Command): void => {
  const topology = program.command('topology').description('the map, and what the cluster lacks of it')
  topology
    .command('plan')
    .description('print the differences to the cluster; exit code 2 when there are any')
    .option('--json', 'print them as JSON')
    .action(({ json = false }: { json?: boolean }) => withCluster(connections => plan(connections, json)))
  topology
    .command('apply')
    .description('make the topics, settings and schemas so')
    .option('--json', 'print what was changed as JSON')
    .action(({ json = false }: { json?: boolean }) => withCluster(connections => apply(connections, json)))
  topology
    .command('describe')
    .description('print the map')
    .option('--mermaid', 'as a Mermaid flowchart')
    .option('--json', 'as JSON')
    .action(describe)
}

/** Makes the cluster as planned: what can be changed is, the rest is left for a person. */
export const applyPlan = async (kafka: Kafka, changes: readonly Change[]): Promise<void> => {
  const wanted = new Map(topicSpecs(pipeline.topics).map(spec => [spec.name, spec]))
  const created = changes.flatMap(change => (change.kind === 'create' ? [wanted.get(change.topic)] : []))
  await kafka.topics.create(created.filter(spec => spec !== undefined))
  for (const change of changes) {
    if (change.kind === 'configure') await kafka.topics.configure(change.topic, { [change.setting]: change.to })
  }
}

export type Cluster = Connections & { readonly topicPrefix: string }

const withCluster = async (work: (cluster: Cluster) => Promise<void>): Promise<void> => {
  const config = readConfig()
  const connections = connect(config, addressesOf(config), 'tributary-topology')
  try {
    await work({ ...connections, topicPrefix: config.topicPrefix })
  } finally {
    await connections.kafka.close()
  }
}

const plan = async (cluster: Cluster, json: boolean): Promise<void> => {
  const topics = planTopics(topicSpecs(pipeline.topics), await cluster.kafka.topics.describe())
  const schemas = await unregisteredSubjects(cluster)
  if (json) printJson({ topics, schemas })
  else {
    printLines(...topics.map(describeChange), ...schemas.map(subject => `register the schema of ${subject}`))
    if (topics.length + schemas.length === 0) printLines('The cluster is as the map says.')
  }
  if (topics.length + schemas.length > 0) process.exitCode = changePending
}

/** The differences between cluster and map, a sentence each. */
export const clusterDifferences = async (cluster: Cluster): Promise<readonly string[]> => {
  const topics = planTopics(topicSpecs(pipeline.topics), await cluster.kafka.topics.describe())
  const schemas = await unregisteredSubjects(cluster)
  return [...topics.map(describeChange), ...schemas.map(subject => `register the schema of ${subject}`)]
}

const apply = async (cluster: Cluster, json: boolean): Promise<void> => {
  const changes = planTopics(topicSpecs(pipeline.topics), await cluster.kafka.topics.describe())
  const schemas = await unregisteredSubjects(cluster)
  await applyPlan(cluster.kafka, changes)
  await createCodec({ ...cluster, topics: pipeline.topics, clock: systemClock, register: true })
  const left = planTopics(topicSpecs(pipeline.topics), await cluster.kafka.topics.describe())
  if (json) printJson({ applied: { topics: changes, schemas }, left })
  else {
    printLines(...changes.map(describeChange), ...schemas.map(subject => `registered the schema of ${subject}`))
    printLines(left.length === 0 ? 'The cluster is as the map says.' : 'Left, because it takes a person:')
    printLines(...left.map(describeChange))
  }
  if (left.length > 0) process.exitCode = changePending
}

const unregisteredSubjects = async ({ registry, topicPrefix }: Cluster): Promise<readonly string[]> => {
  const subjects = await Promise.all(
    avroTopics(pipeline.topics).map(async topic => {
      const subject = subjectOf(topic, topicPrefix)
      return (await registry.lookUp(subject, schemaOf(topic.record))) === undefined ? [subject] : []
    }),
  )
  return subjects.flat()
}

const describe = ({ mermaid = false, json = false }: { mermaid?: boolean; json?: boolean }): void => {
  if (json) printJson(topologyAsJson(pipeline))
  else process.stdout.write(mermaid ? topologyAsMermaid(pipeline) : topologyAsText(pipeline))
}
