import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { listLetters } from '../../services/dead-letters/reading.ts'
import { retryLetters } from '../../services/dead-letters/settling.ts'
import { notAWebhook } from '../../services/producers/hubspot/changes.ts'
import { setAside } from '../../services/producers/hubspot/outgoing.ts'
import { identityClaims, visitors } from '../../topology/topics.ts'
import { changed, webhook } from '../producers/hubspot/receiving.ts'
import { type LetterSystem, startLetterSystem } from './system.ts'

const receivedAt = Date.parse('2026-08-25T10:00:00Z')

let run: LetterSystem
afterEach(() => run.system.close())

/** A letter of an item that could not be taken when it came. */
const letterOf = async (item: unknown): Promise<void> => {
  run = await startLetterSystem()
  const publisher = await run.system.kafka.publisher('ingest')
  await publisher.publish(setAside(item, notAWebhook, receivedAt).records)
  await publisher.close()
}

describe('the dead letter of a HubSpot webhook', () => {
  it('K7 P7 becomes what the ingest makes of it once its mapping was mended', async () => {
    await letterOf(changed('firstname', 'Ada'))
    const claimsBefore = (await run.system.values(identityClaims)).length
    const [result] = await retryLetters(run.parts, { filter: {} })
    assert.deepEqual([result?.result, result?.appended.length], ['retried', 2])
    const [visitor] = await run.system.values(visitors)
    assert.equal(visitor?.eventId, 'hubspot:247187887:7562680:4101286121:541935488729:1787650000000:firstname')
    assert.deepEqual([visitor?.receivedAt, visitor?.traits['firstname']], [receivedAt, 'Ada'])
    assert.equal((await run.system.values(identityClaims)).length, claimsBefore + 1)
  })

  it('K9 P7 of an erasure for privacy erases after all', async () => {
    await letterOf(webhook('contact.privacyDeletion'))
    await retryLetters(run.parts, { filter: {} })
    const claims = await run.system.values(identityClaims)
    assert.deepEqual(claims.at(-1)?.kind, 'ERASE')
  })

  it('K7 P7 becomes nothing when it is of no interest by now', async () => {
    await letterOf(webhook('deal.creation'))
    const [result] = await retryLetters(run.parts, { filter: {} })
    assert.deepEqual([result?.result, result?.appended], ['retried', []])
  })

  it('K7 P7 stays open while it cannot be taken', async () => {
    await letterOf({ some: 'thing' })
    const [result] = await retryLetters(run.parts, { filter: {} })
    assert.equal(result?.result, 'failed')
    const open = (await listLetters(run.parts)).map(({ code, topic }) => `${code} ${topic}`)
    assert.deepEqual(open, ['HUBSPOT_WEBHOOK_BROKEN webhooks/hubspot'])
  })
})
