import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { listLetters } from '../../services/dead-letters/reading.ts'
import { retryLetters } from '../../services/dead-letters/settling.ts'
import { setAside } from '../../services/producers/pendo/outgoing.ts'
import { notAWebhook } from '../../services/producers/pendo/records.ts'
import { type LetterSystem, startLetterSystem } from './system.ts'

const receivedAt = Date.parse('2026-11-22T01:17:00.000Z')

let run: LetterSystem
afterEach(() => run.system.close())

describe('the dead letter of a Pendo webhook', () => {
  it('K7 is not sent again: the sweep tells the use, and it would count twice', async () => {
    run = await startLetterSystem()
    const publisher = await run.system.kafka.publisher('ingest')
    await publisher.publish(setAside({ some: 'thing' }, notAWebhook, receivedAt).records)
    await publisher.close()
    const [result] = await retryLetters(run.parts, { filter: {} })
    assert.equal(result?.result, 'failed')
    const open = (await listLetters(run.parts)).map(({ code, topic }) => `${code} ${topic}`)
    assert.deepEqual(open, ['PENDO_WEBHOOK_BROKEN webhooks/pendo'])
  })
})
