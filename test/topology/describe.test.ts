import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Topology } from '../../topology/define.ts'
import { topologyAsJson, topologyAsMermaid, topologyAsText } from '../../topology/describe.ts'
import { pipeline } from '../../topology/pipeline.ts'

const services = ({ producers, resolver, consumers, sinks }: Topology): readonly string[] =>
  [...producers, resolver, ...consumers, ...sinks].map(({ name }) => name)

/** Topics that the map's services read, write, join or keep. */
const usedTopics = ({ producers, resolver, consumers, sinks }: Topology): readonly string[] => [
  ...new Set([
    ...producers.flatMap(({ writes }) => writes.map(({ name }) => name)),
    ...[resolver.reads.name, resolver.writes.name],
    ...consumers.flatMap(each => [
      ...[each.reads.name, ...(each.joins ? [each.joins.table.name] : [])],
      ...[each.keepsPerPerson, each.keepsPerKey].flatMap(kept => kept?.table.name ?? []),
      ...each.writes.map(to => (to.kind === 'stream' ? to.name : to.topic.name)),
    ]),
    ...sinks.map(({ reads }) => reads.name),
  ]),
]

/** Names that a text does not hold as whole words. */
const absent = (text: string, names: readonly string[]): readonly string[] =>
  names.filter(name => !new RegExp(`(^|[^\\w-])${name}($|[^\\w-])`, 'm').test(text))

describe('the map as text', () => {
  const text = topologyAsText(pipeline)

  it('K1 names every service', () => assert.deepEqual(absent(text, services(pipeline)), []))

  it('K1 says of each consumer what it reads, joins and by which field, keeps and writes', () => {
    for (const consumer of pipeline.consumers) {
      const line = text.split('\n').find(each => each.includes(` ${consumer.name} `)) ?? ''
      const { joins } = consumer
      const kept = (consumer.keepsPerPerson ?? consumer.keepsPerKey)?.table.name
      const written = consumer.writes.map(to => (to.kind === 'stream' ? to.name : to.target))
      assert.deepEqual(
        absent(line, [
          consumer.reads.name,
          ...(joins ? [joins.table.name, joins.by, joins.ifMissing] : []),
          ...(kept ? [kept] : []),
          ...written,
        ]),
        [],
      )
    }
  })
})

describe('the map as a diagram', () => {
  const mermaid = topologyAsMermaid(pipeline)
  const lines = mermaid.trimEnd().split('\n')
  const [title, ...body] = lines
  const nodes = body.filter(line => !line.includes('-->'))
  const arrows = body.filter(line => line.includes('-->'))

  it('K1 is a flowchart in which every service and every used topic occurs once as a node', () => {
    assert.equal(title, 'flowchart LR')
    const occur = (names: readonly string[], label: (name: string) => string): void => {
      for (const name of names) {
        const labelled = nodes.filter(line => line.endsWith(label(name)))
        assert.equal(labelled.length, 1, `${name}: ${labelled.join()}`)
      }
    }
    const isTable = (name: string): boolean => pipeline.topics.find(topic => topic.name === name)?.kind !== 'stream'
    occur(services(pipeline), name => `_${name.replaceAll('-', '_')}[${name}]`)
    occur(usedTopics(pipeline), name => (isTable(name) ? `[(${name})]` : `([${name}])`))
  })

  it('K1 draws arrows only between its nodes', () => {
    const ids = new Set(nodes.map(line => /^\s*(\w+)/.exec(line)?.[1]))
    for (const arrow of arrows) {
      const [, from, to] = /^\s*(\w+) -->(?:\|[^|]*\|)? (\w+)$/.exec(arrow) ?? []
      assert.ok(ids.has(from) && ids.has(to), arrow)
    }
  })

  it('K1 draws each arrow once', () => assert.deepEqual(arrows, [...new Set(arrows)]))

  it('K1 prints at each join by which field', () => {
    for (const { name, joins } of pipeline.consumers) {
      if (!joins) continue
      const id = name.replaceAll('-', '_')
      assert.ok(
        arrows.some(arrow => arrow.includes(`|by ${joins.by}|`) && arrow.endsWith(id)),
        name,
      )
    }
  })

  it('K1 leaves out topics that no service uses', () => {
    const unused = pipeline.topics.map(({ name }) => name).filter(name => name === 'prospects')
    assert.deepEqual(absent(mermaid, unused), unused)
  })
})

describe('the map as JSON', () => {
  const map = JSON.parse(JSON.stringify(topologyAsJson(pipeline))) as ReturnType<typeof topologyAsJson>

  it('K1 has every topic with its settings and every service', () => {
    assert.deepEqual(
      map.topics.map(({ name }) => name),
      pipeline.topics.map(({ name }) => name),
    )
    assert.ok(map.topics.every(({ config }) => config['cleanup.policy'] !== undefined))
    const names = [...map.producers, map.resolver, ...map.consumers, ...map.sinks].map(({ name }) => name)
    assert.deepEqual(names, services(pipeline))
  })

  it('K1 has the whole of a consumer', () => {
    assert.deepEqual(
      map.consumers.find(({ name }) => name === 'webinar-contact'),
      {
        name: 'webinar-contact',
        reads: 'participations',
        joins: { table: 'identities', by: 'person', ifMissing: 'park' },
        keeps: 'webinar-histories',
        writes: [
          'hubspot:contact',
          'hubspot:marketing_participation',
          ...['registered', 'joined', 'attended', 'missed'].map(what => `hubspot:zoom_webinar_${what}`),
          'salesforce:task',
        ],
      },
    )
    assert.equal(map.consumers.find(({ name }) => name === 'webinar-registrations')?.keeps, null)
  })

  it('K1 has the objects of a sink', () => {
    const topics = { reads: 'hubspot-writes', replays: 'hubspot-writes-replay' }
    assert.deepEqual(
      map.sinks.find(({ name }) => name === 'hubspot'),
      { name: 'hubspot', destination: 'hubspot', ...topics, objects: ['contact'], keeps: null },
    )
  })
})

describe('the checks of the map', () => {
  it('find a name that is missing, or only part of another', () => {
    assert.deepEqual(absent('consumer webinar-contact reads x', ['webinar', 'contact', 'webinar-contact']), [
      'webinar',
      'contact',
    ])
  })
})
