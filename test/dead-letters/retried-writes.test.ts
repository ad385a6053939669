import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { letterOf } from '../../services/dead-letters/letter.ts'
import { wayBack } from '../../services/dead-letters/way-back.ts'
import { checkSelection } from '../../services/producers/zoom/selection.ts'
import { topics } from '../../topology/topics.ts'
import type { WriteFacts } from '../delivery/delivering.ts'
import { started } from '../runtime/delivering-to-memory.ts'

const joined = {
  object: 'joined',
  operation: 'APPEND',
  once: 'joined:w1',
  at: 1_000,
  fields: { webinar: 'w1' },
} as const
const task = (id: string, revision: number): WriteFacts => ({
  ...{ id, revision, person: 'p1', object: 'task', key: 'task:w1' },
  fields: { subject: 'Attended: Webinar', status: id },
})

describe('a write of something that belongs to a record, refused and retried', () => {
  it('K7 is made once, and changes nothing that is newer', async () => {
    const { know, kafka, write, done, destination, deadLetters, outcomes } = await started()
    know('p1', 'email:ada@example.com', `memory:contact:${destination.add(['ada@example.com'])}`)
    destination.refuse(() => true)
    await write(task('refused', 1), { id: 'event', person: 'p1', ...joined })
    await done()
    destination.refuse(() => false)
    await write(task('newer', 2))
    await done()
    const publisher = await kafka.publisher('retry')
    const selection = checkSelection({ zoom: {} }, null)
    const hubspot = { appId: null, properties: { contacts: [], companies: [] }, activities: true }
    const codec = { encode: () => assert.fail('the original bytes go back') }
    const letters = (await deadLetters()).map(letterOf)
    for (const letter of [...letters, ...letters])
      await publisher.publish(wayBack(letter, { codec, topics, selection, hubspot }))
    await done()
    assert.deepEqual(
      letters.map(({ writeId }) => writeId),
      ['refused', 'event'],
    )
    assert.deepEqual(await outcomes(), { refused: 'STALE', newer: 'CREATED', event: 'IMMUTABLE' })
    assert.deepEqual(
      destination.effects.map(({ record, fields }) => [record, fields['status'] ?? fields['webinar']]),
      [
        ['task:task:w1', 'newer'],
        ['joined:joined:w1', 'w1'],
      ],
    )
  })
})
