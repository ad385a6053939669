import assert from 'node:assert/strict'
import { longestBodyBytes } from '../../../services/producers/ingest.ts'
import { readBody } from '../../../services/producers/input/json-body.ts'
import { catalogueOf } from '../../../services/producers/pendo/catalogue.ts'
import { outgoingOf, setAside } from '../../../services/producers/pendo/outgoing.ts'
import { isRecorded, mapWebhook, notAWebhook } from '../../../services/producers/pendo/records.ts'
import { readWebhook, webhookEvents } from '../../../services/producers/pendo/webhook.ts'
import { type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { accounts, deadLetters, identityClaims, tracks, visitors } from '../../../topology/topics.ts'
import { manualClock } from '../../clock.ts'
import { items, receivedAt, used, webhook } from '../../producers/pendo/receiving.ts'
import type { Target } from './target.ts'

const streams = [visitors, accounts, tracks, identityClaims]
const catalogue = catalogueOf(items)

/** Bodies of webhooks, as if signed: parsed, mapped, encoded, and read back. */
export const open = async (): Promise<Target> => {
  const codec = await createCodec({
    ...{ registry: memoryRegistry(), topics: [...streams, deadLetters], clock: manualClock(), register: true },
  })
  const seeds = [
    used('Registered'),
    [used('Looked', { visitorId: '_PENDO_T_x' }), webhook('visitorCreated'), webhook('accountCreated')],
    webhook('pageLoaded', { properties: { pageId: 'p1', parameters: { a: 1 } } }),
    webhook('featureClicked', { properties: { feature: { name: 'Export' } }, visitorId: 'ada@example.com' }),
    webhook('npsSubmitted'),
  ]
  return {
    seeds: seeds.map(body => Buffer.from(JSON.stringify(body))),
    dictionary: [
      ...Object.keys(webhookEvents),
      'uniqueId',
      'VISITOR-UNIQUE-ID',
      '__proto__',
      '\\ud800',
      '1e999',
      '\x1f\x8b',
    ],
    covers: ['/services/producers/pendo/', '/services/producers/segment/', '/services/identity/aliases'],
    run: input => {
      takeBody(codec, input)
    },
  }
}

/** Fails where a law is broken: mapping never throws; what is written is read back the same; nothing happened later than it came; the same bytes give the same. */
export const takeBody = (codec: Codec, raw: Buffer): number => {
  const body = readBody(raw, longestBodyBytes)
  if (!('value' in body)) return 0
  const list: readonly unknown[] = Array.isArray(body.value) ? body.value : [body.value]
  let taken = 0
  for (const item of list) {
    const read = readWebhook(item)
    if (!read) assert.ok(setAside(item, notAWebhook, receivedAt).records.length === 1)
    if (!read || !isRecorded(read)) continue
    const outgoing = outgoingOf(read, item, { catalogue, receivedAt, codec })
    assert.equal(outgoing.id, outgoingOf(read, item, { catalogue, receivedAt, codec }).id, 'another id for the same')
    if (outgoing.problem !== null) continue
    const mapped = mapWebhook(read, catalogue, receivedAt)
    assert.ok('record' in mapped)
    const { record, claim } = mapped
    assert.ok(record.value.occurredAt <= receivedAt, 'happened later than it came')
    assert.ok((claim?.time ?? 0) <= receivedAt, 'is claimed later than it came')
    for (const { topic, value } of outgoing.records) {
      const stream = streams.find(({ name }) => name === topic)
      assert.ok(stream && value)
      const expected = stream.name === identityClaims.name ? claim : record.value
      assert.deepEqual(structuredClone(codec.decode<unknown>(stream, value)), structuredClone(expected))
    }
    taken += 1
  }
  return taken
}
