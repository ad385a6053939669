import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Task } from '../../schemas/generated.ts'
import { Awaiting, awaitingIn } from '../../services/backfill/awaiting.ts'
import type { Lookup } from '../../services/identity/directory.ts'
import { memoryKafka } from '../../services/kafka/memory/memory.ts'
import { topicSpecs } from '../../topology/topic-specs.ts'
import { parked } from '../../topology/topics.ts'
import { ada } from '../tasks/crms.ts'

const on = (person: string | null): Task => ({ person }) as Task
const onlyInHubSpot = { ...ada, id: 'only-here', aliases: ['hubspot:contact:700'] }

const directory = {
  find: (alias: string): Lookup => {
    if (alias === 'hubspot:contact:666') return { status: 'erased' }
    const person = [ada, onlyInHubSpot].find(({ aliases }) => aliases.includes(alias))
    return person ? { status: 'known', person } : { status: 'missing' }
  },
}

describe('tasks of a backfill that wait for their people', () => {
  it('T2 are bounded, so that a hundred thousand of strangers fill no memory; all others are told', () => {
    const awaiting = new Awaiting(directory, 2)
    const strangers = ['hubspot:contact:700', 'hubspot:contact:1', 'hubspot:contact:2', 'hubspot:contact:3']
    assert.deepEqual(
      strangers.map(alias => awaiting.takes(on(alias))),
      [true, true, false, false],
    )
    for (const alias of ['hubspot:contact:501', 'hubspot:contact:666', null]) assert.ok(awaiting.takes(on(alias)))
  })

  it('T2 are counted, without those that wait no more and those of other consumers', async () => {
    const kafka = memoryKafka()
    await kafka.topics.create(topicSpecs([parked]))
    const publisher = await kafka.publisher('test')
    const record = (key: string, value: string | null, partition = 0) => ({
      ...{ topic: parked.name, partition, key },
      value: value === null ? null : Buffer.from(value),
    })
    await publisher.publish([
      ...[record('task-links|a', 'a'), record('task-links|b', 'b', 1), record('task-links|c', 'c')],
      ...[record('task-links|c', null), record('webinar-contact|d', 'd')],
    ])
    assert.equal(await awaitingIn(kafka, 'task-links'), 2)
    await kafka.close()
  })
})
