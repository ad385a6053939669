import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TopicDescription } from '../../services/kafka/kafka.ts'
import { type Change, describeChange, planTopics, unknownTopics } from '../../topology/plan.ts'
import type { TopicSpec } from '../../topology/topic-specs.ts'

const weekly = { 'cleanup.policy': 'delete', 'retention.ms': '604800000' }
const purpose = 'What a visitor did.'
const reason = 'A week is the longest outage we plan for.'

const want = (name: string, changes: Partial<TopicSpec> = {}): TopicSpec => ({
  name,
  kind: 'stream',
  partitions: 8,
  config: weekly,
  purpose,
  owner: 'growth',
  retentionReason: reason,
  ...changes,
})

const have = (name: string, changes: Partial<TopicDescription> = {}): TopicDescription => ({
  name,
  partitions: 8,
  replicationFactor: 3,
  config: weekly,
  ...changes,
})

interface Row {
  readonly given: string
  readonly wanted: readonly TopicSpec[]
  readonly actual: readonly TopicDescription[]
  /** The reason of what is impossible is prose and left out. */
  readonly plan: readonly (Change | Omit<Extract<Change, { kind: 'impossible' }>, 'reason'>)[]
  /** What each line says. */
  readonly says: readonly RegExp[]
}

const table: readonly Row[] = [
  { given: 'a cluster as wanted', wanted: [want('tracks')], actual: [have('tracks')], plan: [], says: [] },
  { given: 'an empty cluster and map', wanted: [], actual: [], plan: [], says: [] },
  {
    given: 'topics that are missing',
    wanted: [want('tracks'), want('claims', { partitions: 1, config: {} })],
    actual: [],
    plan: [
      { kind: 'create', topic: 'tracks', partitions: 8, reason: purpose },
      { kind: 'create', topic: 'claims', partitions: 1, reason: purpose },
    ],
    says: [/^create tracks with 8 partitions \(What a visitor did\.\)$/, /^create claims with 1 partition \(/],
  },
  {
    given: 'a setting of another value',
    wanted: [want('tracks')],
    actual: [have('tracks', { config: { ...weekly, 'retention.ms': '3600000' } })],
    plan: [{ kind: 'configure', topic: 'tracks', setting: 'retention.ms', from: '3600000', to: '604800000', reason }],
    says: [/^set retention\.ms of tracks from 3600000 to 604800000 \(A week is the longest/],
  },
  {
    given: 'a setting that is still the broker’s default',
    wanted: [want('tracks')],
    actual: [have('tracks', { config: { 'cleanup.policy': 'delete' } })],
    plan: [{ kind: 'configure', topic: 'tracks', setting: 'retention.ms', from: undefined, to: '604800000', reason }],
    says: [/^set retention\.ms of tracks from the broker's default to 604800000 /],
  },
  {
    given: 'a list in another order',
    wanted: [want('rows', { config: { 'cleanup.policy': 'compact,delete' } })],
    actual: [have('rows', { config: { 'cleanup.policy': 'delete, compact' } })],
    plan: [],
    says: [],
  },
  {
    given: 'another partition count, which blocks nothing else',
    wanted: [want('tracks')],
    actual: [have('tracks', { partitions: 4, config: { 'cleanup.policy': 'delete' } })],
    plan: [
      { kind: 'impossible', topic: 'tracks' },
      { kind: 'configure', topic: 'tracks', setting: 'retention.ms', from: undefined, to: '604800000', reason },
    ],
    says: [/^cannot change tracks: it has 4 partitions where the map says 8, .*keys elsewhere/, /^set retention\.ms/],
  },
  {
    given: 'settings and topics that the map does not name, which are left alone',
    wanted: [want('tracks')],
    actual: [have('zebra'), have('tracks', { config: { ...weekly, 'segment.ms': '1000' } })],
    plan: [],
    says: [],
  },
]

const withoutProse = (change: Change): Row['plan'][number] =>
  change.kind === 'impossible' ? { kind: change.kind, topic: change.topic } : change

describe('the topic plan', () => {
  for (const { given, wanted, actual, plan, says } of table) {
    it(`of ${given}`, () => {
      const changes = planTopics(wanted, actual)
      assert.deepEqual(changes.map(withoutProse), plan)
      assert.equal(says.length, changes.length)
      for (const [index, change] of changes.entries()) assert.match(describeChange(change), says[index] ?? /^$/)
    })
  }

  it('topics that the map does not know are named, in order', () => {
    assert.deepEqual(unknownTopics([want('tracks')], [have('zebra'), have('tracks'), have('ant')]), ['ant', 'zebra'])
  })
})
