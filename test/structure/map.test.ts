import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recordNames } from '../../schemas/records.ts'
import type { Topology } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { deadLetterMarks, deadLetters, delivered, moves, parked, prospects, receipts } from '../../topology/topics.ts'
import { baseName, filesUnder, mismatches } from './repository.ts'

/** Source streams that are open to producers of other teams (interfaces.md, Topics) and that no service of ours writes yet; consumers may read them. Reviewed: take one out when it is written. */
const openStreams: readonly string[] = [prospects].map(topic => topic.name)

/** Topics that the map's services write and read by what they are, without the map saying so. */
const impliedBy = ({ consumers, sinks }: Topology): readonly string[] => [
  ...(consumers.length > 0 ? [parked.name, deadLetters.name, deadLetterMarks.name] : []),
  ...(consumers.some(({ keepsPerPerson }) => keepsPerPerson) ? [moves.name] : []),
  // A replay writes to the twins of the sinks' topics.
  ...(sinks.length > 0 ? [delivered.name, receipts.name, ...sinks.map(({ replays }) => replays.name)] : []),
]

/** What the map says of each topic: who writes it and who reads it. */
const usesOf = ({ producers, resolver, consumers, sinks }: Topology) => ({
  written: new Set([
    ...producers.flatMap(({ writes }) => writes.map(({ name }) => name)),
    ...producers.flatMap(({ keeps }) => keeps?.name ?? []),
    resolver.writes.name,
    ...consumers.flatMap(each => each.writes.map(to => (to.kind === 'stream' ? to.name : to.topic.name))),
    ...consumers.flatMap(each => (each.keepsPerPerson ?? each.keepsPerKey)?.table.name ?? []),
    ...sinks.flatMap(({ keeps }) => keeps?.name ?? []),
  ]),
  read: new Set([
    resolver.reads.name,
    ...producers.flatMap(({ reads, follows, keeps }) => [reads, follows, keeps].flatMap(topic => topic?.name ?? [])),
    ...consumers.flatMap(each => [each.reads.name, ...(each.joins ? [each.joins.table.name] : [])]),
    ...consumers.flatMap(each => (each.keepsPerPerson ?? each.keepsPerKey)?.table.name ?? []),
    ...sinks.flatMap(({ reads, replays, keeps }) => [reads.name, replays.name, ...(keeps ? [keeps.name] : [])]),
  ]),
})

/** Topics that nobody writes or nobody reads, topics that are used and not listed, and reviewed ones that we write by now. */
const orphanTopics = (topology: Topology, open: readonly string[]): readonly string[] => {
  const { written, read } = usesOf(topology)
  const implied = new Set(impliedBy(topology))
  const listed = new Set(topology.topics.map(({ name }) => name))
  const problems = [...listed].flatMap(name => {
    if (implied.has(name)) return []
    const isUsed = written.has(name) || read.has(name)
    if (open.includes(name))
      return written.has(name) ? [`${name} is written by us: take it out of the open streams`] : []
    if (!isUsed) return [`${name} is used by nobody`]
    return [
      ...(written.has(name) ? [] : [`nobody writes ${name}`]),
      ...(read.has(name) ? [] : [`nobody reads ${name}`]),
    ]
  })
  const unlisted = [...new Set([...written, ...read, ...implied, ...open])].filter(name => !listed.has(name))
  return [...problems, ...unlisted.map(name => `${name} is not in topology/topics.ts`)]
}

/** Names of services that are not unique; a name is a consumer group. */
const repeatedNames = ({ producers, resolver, consumers, sinks }: Topology): readonly string[] => {
  const names = [...producers, resolver, ...consumers, ...sinks].map(({ name }) => name)
  return names.filter((name, index) => names.indexOf(name) !== index)
}

const consumerFiles = { what: 'file in services/consumers', names: filesUnder('services/consumers/*.ts').map(baseName) }
const consumersOf = (topology: Topology) => ({
  what: 'consumer in topology/pipeline.ts',
  names: topology.consumers.map(({ name }) => name),
})

describe('the map', () => {
  it('K1 leaves no topic without a writer and a reader', () =>
    assert.deepEqual(orphanTopics(pipeline, openStreams), []))

  it('K1 gives every topic a record that exists', () => {
    const known = new Set<string>(recordNames)
    const unknown = pipeline.topics.filter(topic => topic.kind !== 'raw' && !known.has(topic.record))
    assert.deepEqual(unknown, [])
  })

  it('K1 names every topic once', () => {
    const names = pipeline.topics.map(({ name }) => name)
    assert.deepEqual(names, [...new Set(names)])
  })

  it('K2 holds every consumer, each in a file of its name', () => {
    assert.deepEqual(mismatches(consumerFiles, consumersOf(pipeline)), [])
  })

  it('K2 names every service once', () => assert.deepEqual(repeatedNames(pipeline), []))

  it('K1 says who owns each topic and why it is kept', () => {
    for (const topic of pipeline.topics) {
      const reason =
        topic.kind === 'table'
          ? topic.compaction.reason
          : topic.kind === 'stream'
            ? topic.retention.reason
            : topic.reason
      for (const text of [topic.purpose, topic.owner, topic.key, reason]) assert.ok(text.trim().length > 3, topic.name)
    }
  })
})

describe('the checks of the map', () => {
  const [first, ...others] = pipeline.consumers
  assert.ok(first)

  it('find a topic that nobody uses, and one that we write by now', () => {
    assert.ok(orphanTopics(pipeline, []).includes('prospects is used by nobody'))
    const open = [...openStreams, 'webinars']
    assert.ok(orphanTopics(pipeline, open).includes('webinars is written by us: take it out of the open streams'))
  })

  it('find a topic that nobody writes or nobody reads', () => {
    assert.ok(orphanTopics({ ...pipeline, producers: [] }, openStreams).includes('nobody writes webinars'))
    assert.ok(orphanTopics({ ...pipeline, sinks: [] }, openStreams).includes('nobody reads hubspot-writes'))
    assert.ok(orphanTopics({ ...pipeline, consumers: [] }, openStreams).includes('nobody reads tracks'))
  })

  it('find a topic that is used and not listed', () => {
    const topics = pipeline.topics.filter(({ name }) => name !== 'identities')
    assert.deepEqual(orphanTopics({ ...pipeline, topics }, openStreams), ['identities is not in topology/topics.ts'])
  })

  it('find a consumer without its file, a file without its consumer, and a name used twice', () => {
    const renamed = { ...pipeline, consumers: [{ ...first, name: 'renamed' }, ...others] }
    assert.deepEqual(mismatches(consumerFiles, consumersOf(renamed)), [
      `file in services/consumers ${first.name} has no consumer in topology/pipeline.ts`,
      'consumer in topology/pipeline.ts renamed has no file in services/consumers',
    ])
    assert.deepEqual(repeatedNames({ ...pipeline, consumers: [first, first] }), [first.name])
  })
})
