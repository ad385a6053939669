import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { listLetters } from '../../services/dead-letters/reading.ts'
import { retryLetters } from '../../services/dead-letters/settling.ts'
import { batchedMessages } from '../../services/producers/segment/messages.ts'
import { outgoingOf } from '../../services/producers/segment/outgoing.ts'
import type { MessageOrigin } from '../../services/producers/segment/records.ts'
import { deadLetter } from '../../services/runtime/dead-letters.ts'
import { identityClaims, tracks } from '../../topology/topics.ts'
import { type LetterSystem, startLetterSystem } from './system.ts'

const receivedAt = Date.parse('2026-11-22T01:17:00.000Z')
const api: MessageOrigin = { via: 'api', source: 'web', receivedAt }
const sentAt = '2026-11-22T01:16:00.000Z'
const track = (id: string) => ({
  type: 'track',
  event: id,
  userId: 'u1',
  messageId: id,
  timestamp: '2026-11-22T01:15:00.000Z',
})

let run: LetterSystem
afterEach(() => run.system.close())

const setAside = async (batch: readonly unknown[], most: number, origin = api): Promise<void> => {
  run = await startLetterSystem()
  const root = { batch, sentAt }
  const messages = batchedMessages(root, JSON.stringify(root).length, receivedAt, most) ?? []
  const publisher = await run.system.kafka.publisher('ingest')
  await publisher.publish(outgoingOf(messages, origin, run.system.codec).records)
  await publisher.close()
}
const open = async () => (await listLetters(run.parts)).map(({ code, topic }) => `${code} ${topic}`)

describe('the dead letter of a Segment message', () => {
  it('K7 that holds the rest of a long batch becomes what its messages would have', async () => {
    await setAside(['1', '2', '3'].map(track), 1)
    assert.deepEqual(await open(), ['SEGMENT_BATCH_TOO_LONG segment/web'])
    const [result] = await retryLetters(run.parts, { filter: {} })
    assert.equal(result?.result, 'retried')
    await run.system.settle()
    const records = await run.system.values(tracks)
    assert.deepEqual(records.map(({ name }) => name).sort(), ['1', '2', '3'])
    assert.deepEqual(new Set(records.map(({ occurredAt }) => receivedAt - occurredAt)), new Set([60_000]))
    assert.deepEqual(await open(), [])
  })

  it('K7 that is broken still stays open', async () => {
    await setAside([{ ...track('1'), userId: null }], 10)
    const [result] = await retryLetters(run.parts, { filter: {} })
    assert.equal(result?.result, 'failed')
    assert.deepEqual(await open(), ['SEGMENT_USER_MISSING segment/web'])
  })

  it('K9 is taken as it came: an erasure from the webhook alone', async () => {
    await setAside([], 1)
    const publisher = await run.system.kafka.publisher('ingest')
    const value = Buffer.from(JSON.stringify({ body: { type: 'delete', userId: 'u9', messageId: 'd' } }))
    for (const topic of ['webhooks/segment', 'segment/web']) {
      const reason = { code: 'SEGMENT_MESSAGE_BROKEN', message: 'as it was', service: 'segment', at: receivedAt }
      await publisher.publish([deadLetter({ topic, key: null, value, headers: {} }, reason)])
    }
    await publisher.close()
    const results = await retryLetters(run.parts, { filter: {} })
    assert.deepEqual(results.map(({ result }) => result).sort(), ['failed', 'retried'])
    const claims = await run.system.values(identityClaims)
    assert.deepEqual(
      claims.filter(({ kind }) => kind === 'ERASE').map(({ aliases }) => aliases),
      [['user:u9']],
    )
    assert.deepEqual(await open(), ['SEGMENT_MESSAGE_BROKEN segment/web'])
  })
})
