import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import avro from 'avsc'
import fc from 'fast-check'
import { headerReader } from '../../../services/producers/salesforce/change-events/header.ts'
import { burstOfRequests, shareOfRequests } from '../../../services/producers/salesforce/change-events/limits.ts'
import { Notices } from '../../../services/producers/salesforce/change-events/notices.ts'
import { ReadingPace } from '../../../services/producers/salesforce/change-events/pace.ts'
import { manualClock } from '../../clock.ts'

const channel = '/data/TaskChangeEvent'
const idOf = (n: number): string => `00T5g000000000${n}EAA`.slice(0, 18)
const task = (n: number, changeType = 'UPDATE', recordIds: readonly string[] = [idOf(n)]) => ({
  ...{ entity: 'Task', changeType, recordIds, key: `transaction ${n}` },
})

describe('notices of change events', () => {
  it('T1 name each record once, and tell how far each channel has come', () => {
    const notices = new Notices()
    assert.ok(notices.isEmpty)
    assert.equal(notices.add(channel, { ...task(1), key: 'a 1' }, '01'), 'tasks')
    assert.equal(notices.add(channel, { ...task(1), key: 'a 2' }, '02'), 'tasks')
    assert.equal(notices.add(channel, { ...task(2), key: 'a 1' }, '03'), 'repeated')
    assert.equal(notices.add(channel, { ...task(3), entity: 'Account' }, '04'), 'other')
    const { records, unnamed, positions, events } = notices.take()
    assert.deepEqual([...records], [['task', new Set([idOf(1)])]])
    assert.deepEqual([[...unnamed], [...positions], [...events]], [[], [[channel, '04']], [[channel, 4]]])
    assert.ok(notices.isEmpty)
  })

  for (const [what, header] of [
    ['an overflow', task(1, 'GAP_OVERFLOW')],
    ['a pattern of ids', task(1, 'GAP_UPDATE', ['00T*'])],
    ['no id', task(1, 'GAP_UPDATE', [])],
    ['what cannot be read', undefined],
  ] as const)
    it(`T1 have the object swept for ${what}`, () => {
      const notices = new Notices()
      notices.add(channel, header, '01')
      assert.ok(notices.take().unnamed.has('task'))
    })

  it('T1 lose nothing however often the reading fails', () => {
    const step = fc.oneof(fc.nat({ max: 9 }), fc.constant('fails' as const))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        const notices = new Notices()
        const named = new Set<string>()
        let at = 0
        for (const one of steps) {
          if (one === 'fails') notices.putBack(notices.take())
          else {
            at += 1
            named.add(idOf(one))
            notices.add(channel, { ...task(one), key: `${at}` }, String(at).padStart(4, '0'))
          }
        }
        const { records, positions, events } = notices.take()
        assert.deepEqual(new Set(records.get('task') ?? []), named)
        assert.equal(positions.get(channel), at === 0 ? undefined : String(at).padStart(4, '0'))
        assert.equal(events.get(channel) ?? 0, at)
      }),
    )
  })
})

it('T1 what events name is read at once now and then, and for ever with a quarter of the requests', () => {
  const clock = manualClock()
  const pace = new ReadingPace(clock)
  const usage = { used: 0, limit: 100_000 }
  let requests = 0
  const dayMs = 24 * 60 * 60_000
  const until = clock.now() + dayMs
  for (; clock.now() < until; clock.advance(Math.max(1, pace.waitMs(usage)))) {
    if (pace.waitMs(usage) > 0) continue
    if (requests === burstOfRequests - 1) assert.equal(until - clock.now() > dayMs - 1_000, true)
    pace.take(1)
    requests += 1
  }
  assert.ok(requests <= usage.limit * shareOfRequests + burstOfRequests + 1, String(requests))
  assert.ok(requests > usage.limit * shareOfRequests * 0.99, String(requests))
})

it('T1 the header of an event is read whatever else the event holds, numbers beyond ours too', () => {
  const fields = [
    { name: 'entityName', type: 'string' },
    { name: 'commitNumber', type: 'long' },
    { name: 'recordIds', type: { type: 'array', items: 'string' } },
    { name: 'changeType', type: { type: 'enum', name: 'ChangeType', symbols: ['CREATE', 'LATER'] } },
    { name: 'transactionKey', type: 'string' },
    { name: 'sequenceNumber', type: 'int' },
  ]
  const schema = {
    ...{ type: 'record', name: 'TaskChangeEvent', namespace: 'com.sforce.eventbus' },
    fields: [
      { name: 'ChangeEventHeader', type: { type: 'record', name: 'ChangeEventHeader', fields } },
      { name: 'Amount', type: ['null', 'long'] },
    ],
  }
  const long = avro.types.LongType.__with({
    fromBuffer: (bytes: Buffer) => bytes.readBigInt64LE(),
    toBuffer: (value: bigint) => {
      const bytes = Buffer.alloc(8)
      bytes.writeBigInt64LE(value)
      return bytes
    },
    fromJSON: BigInt,
    toJSON: Number,
    isValid: (value: unknown) => typeof value === 'bigint',
    compare: (a: bigint, b: bigint) => Number(a > b) - Number(a < b),
  })
  const writer = avro.Type.forSchema(schema as avro.Schema, { registry: { long } })
  const payload = writer.toBuffer({
    ChangeEventHeader: {
      ...{ entityName: 'Task', commitNumber: 2n ** 60n, recordIds: [idOf(1)], changeType: 'LATER' },
      ...{ transactionKey: 'key', sequenceNumber: 3 },
    },
    Amount: 2n ** 61n,
  })
  assert.deepEqual(headerReader(JSON.stringify(schema))(payload), {
    ...{ entity: 'Task', changeType: 'LATER', recordIds: [idOf(1)], key: 'key 3' },
  })
  assert.throws(() => headerReader('{"type":"record","name":"Order__e","fields":[]}'))
})
