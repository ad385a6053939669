import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { Webinar } from '../../schemas/generated.ts'
import { listLetters, showLetter } from '../../services/dead-letters/reading.ts'
import { retryLetters } from '../../services/dead-letters/settling.ts'
import { zoomRoutes } from '../../services/producers/zoom/webhooks.ts'
import { deadLetter } from '../../services/runtime/dead-letters.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { identityClaims, webinars } from '../../topology/topics.ts'
import { changed, receivedAt, sample, secret, signed } from '../producers/zoom/receiver.ts'
import { type LetterSystem, startLetterSystem } from './system.ts'

let run: LetterSystem
afterEach(() => run.system.close())

const registration = 'webinar.registration_created'
const setAside = async (body: string, account = 'default'): Promise<void> => {
  const publisher = await run.system.kafka.publisher('zoom-webhooks')
  const original = { topic: `webhooks/zoom/${account}`, key: null, value: Buffer.from(body), headers: {} }
  const reason = { code: 'ZOOM_WEBHOOK_BROKEN', message: 'as it was', service: 'zoom-webhooks', at: receivedAt }
  await publisher.publish([deadLetter(original, reason)])
  await publisher.close()
}
/** What the ingest makes of the same bytes. */
const ingested = async (body: string): Promise<readonly Webinar[]> => {
  const other = await startLetterSystem()
  const [route] = zoomRoutes({
    accounts: [{ name: 'default', accountId: null, webhookSecret: secret }],
    selection: other.parts.selection,
    publisher: await other.system.kafka.publisher('ingest'),
    codec: other.system.codec,
    log: silentLogger,
    metrics: other.system.metrics,
  })
  await route?.handle({ headers: signed(body), params: {}, url: '/webhooks/zoom', body: Buffer.from(body), receivedAt })
  const records = await other.system.values(webinars)
  await other.system.close()
  return records
}

describe('the dead letter of a webhook', () => {
  it('K7 becomes the same records as in the ingest once its mapping was mended', async () => {
    run = await startLetterSystem()
    await setAside(sample(registration))
    const [row] = await listLetters(run.parts)
    assert.deepEqual([row?.topic, row?.event], ['webhooks/zoom/default', null])
    const { content } = await showLetter(run.parts, row?.id ?? '')
    assert.deepEqual(content, { kind: 'json', value: JSON.parse(sample(registration)) })
    const [result] = await retryLetters(run.parts, { filter: {} })
    assert.deepEqual([result?.result, result?.appended.length], ['retried', 2])
    await run.system.settle()
    const records = await run.system.values(webinars)
    assert.equal(records.length, 1)
    assert.deepEqual(records, await ingested(sample(registration)))
    assert.deepEqual(await listLetters(run.parts), [])
  })

  it('K7 that is broken still stays open with the paths, and the others are sent', async () => {
    run = await startLetterSystem()
    await setAside(changed(registration, body => delete body.payload.object.registrant))
    await setAside('not json')
    await setAside(sample('webinar.started'))
    const results = await retryLetters(run.parts, { filter: {} })
    assert.deepEqual(
      results.map(({ result }) => result),
      ['failed', 'failed', 'retried'],
    )
    assert.match(results[0]?.reason ?? '', /^ZOOM_WEBHOOK_BROKEN: .*payload\.object\.registrant/)
    assert.equal((await run.system.values(webinars)).length, 1)
    assert.equal((await listLetters(run.parts)).length, 2)
  })

  it('K7 of a webinar that is not selected is done with, and nothing is sent', async () => {
    run = await startLetterSystem({ selection: { zoom: { emea: { webinars: { only: ['1'] } } } } })
    await setAside(sample(registration), 'emea')
    const claims = (await run.system.values(identityClaims)).length
    const [result] = await retryLetters(run.parts, { filter: {} })
    assert.deepEqual([result?.result, result?.appended], ['retried', []])
    assert.match(result?.reason ?? '', /not selected/)
    assert.deepEqual(await run.system.values(webinars), [])
    assert.equal((await run.system.values(identityClaims)).length, claims)
  })
})
