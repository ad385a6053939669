import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { recordNotices } from '../../../topology/topics.ts'
import { appId, type Receiver, receivedAt, startReceiver, webhook } from './receiving.ts'

const noticesOf = ({ decoded }: Receiver) => decoded(recordNotices)
const types = { task: '0-27', call: '0-48', note: '0-46', meeting: '0-47', email: '0-49' }

describe('a webhook of an activity', () => {
  it('T1 T3 asks for the record to be read, whatever it says of it', async context => {
    const receiver = await startReceiver(context)
    const value = { propertyName: 'hs_task_subject', propertyValue: 'Call Ada' }
    await receiver.post([webhook('task.propertyChange', value)])
    assert.deepEqual(await noticesOf(receiver), [
      {
        eventId: 'hubspot:247187887:7562680:4101286121:541935488729:1787650000000:hs_task_subject',
        ...{ source: 'hubspot:default', occurredAt: 1_787_650_000_000, receivedAt },
        ...{ object: 'task', record: '541935488729', gone: false },
      },
    ])
    const [record] = await Promise.all([receiver.kafka.topics.offsets(recordNotices.name)])
    assert.equal(record.filter(({ stable }) => stable === 1).length, 1)
    assert.deepEqual([...(await receiver.visitors()), ...(await receiver.claims())], [])
  })

  for (const [name, objectTypeId] of Object.entries(types))
    it(`T3 of every kind of change is told of a ${name}, by its own name or by its type's id`, async context => {
      const receiver = await startReceiver(context)
      const items = ['creation', 'propertyChange', 'deletion', 'restore', 'associationChange'].flatMap(
        (change, index) => [
          webhook(`${name}.${change}`, { objectId: 2 * index + 1, eventId: index }),
          webhook(`object.${change}`, { objectTypeId, objectId: 2 * index + 2, eventId: index }),
        ],
      )
      await receiver.post(items)
      const told = (await noticesOf(receiver)).map(({ object, record, gone }) => `${object} ${record} ${gone}`)
      const expected = items.map((_, index) => `${name} ${index + 1} ${index === 4 || index === 5}`)
      assert.deepEqual(told.toSorted(), expected.toSorted())
    })

  const associations: readonly (readonly [type: string, values: object, told: string])[] = [
    ['object', { fromObjectTypeId: '0-27', fromObjectId: 7, toObjectTypeId: '0-1', toObjectId: 8 }, 'task 7'],
    ['object', { fromObjectTypeId: '0-1', fromObjectId: 7, toObjectTypeId: '0-48', toObjectId: 8 }, 'call 8'],
    ['task', { fromObjectId: 7, toObjectId: 8, associationType: 'TASK_TO_CONTACT' }, 'task 7'],
    ['task', { fromObjectId: 7, toObjectId: 8, associationType: 'CONTACT_TO_TASK' }, 'task 8'],
    ['task', { fromObjectId: 7, toObjectId: 8 }, 'task 7'],
  ]
  for (const [object, values, told] of associations)
    it(`T5 of an association ${JSON.stringify(values)} asks for ${told}`, async context => {
      const receiver = await startReceiver(context)
      await receiver.post([webhook(`${object}.associationChange`, { objectId: undefined, ...values })])
      assert.deepEqual(
        (await noticesOf(receiver)).map(({ object: name, record }) => `${name} ${record}`),
        [told],
      )
    })

  it('T7 of what we wrote ourselves is told too: its reading says what is ours', async context => {
    const receiver = await startReceiver(context)
    await receiver.post([webhook('task.creation', { changeSource: 'INTEGRATION', sourceId: appId })])
    assert.equal((await noticesOf(receiver)).length, 1)
  })

  it('T7 that comes again is told once', async context => {
    const receiver = await startReceiver(context)
    for (const attemptNumber of [0, 1, 2]) await receiver.post([webhook('task.creation', { attemptNumber })])
    assert.equal((await noticesOf(receiver)).length, 1)
  })
})
