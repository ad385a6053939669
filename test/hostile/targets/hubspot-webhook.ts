import assert from 'node:assert/strict'
import { checkClaim } from '../../../services/identity/claims.ts'
import { mapWebhook } from '../../../services/producers/hubspot/changes.ts'
import { outgoingOf } from '../../../services/producers/hubspot/outgoing.ts'
import { readWebhook } from '../../../services/producers/hubspot/webhook.ts'
import { longestBodyBytes } from '../../../services/producers/ingest.ts'
import { readBody } from '../../../services/producers/input/json-body.ts'
import { type Codec, createCodec } from '../../../services/runtime/codec.ts'
import { memoryRegistry } from '../../../services/runtime/registry.ts'
import { accounts, deadLetters, identityClaims, recordNotices, visitors } from '../../../topology/topics.ts'
import { manualClock } from '../../clock.ts'
import { changed, mapping, receivedAt, webhook } from '../../producers/hubspot/receiving.ts'
import type { Target } from './target.ts'

const streams = [visitors, accounts, identityClaims, recordNotices]

/** HubSpot's webhooks of every kind. */
export const hubspotSamples: readonly (readonly object[])[] = [
  [webhook('contact.creation', { changeFlag: 'NEW' }), changed('email', 'Ada@Example.com', { eventId: 2 })],
  [changed('hs_additional_emails', 'a@x.example;b@x.example'), changed('city', '', { attemptNumber: 3 })],
  [webhook('contact.merge', { primaryObjectId: 501, mergedObjectIds: [502, 503], newObjectId: 777 })],
  [webhook('contact.privacyDeletion'), webhook('contact.deletion'), webhook('contact.restore')],
  [webhook('company.propertyChange', { propertyName: 'domain', propertyValue: 'https://www.acme.example/x' })],
  [webhook('object.creation', { objectTypeId: '0-2', changeSource: 'INTEGRATION', sourceId: mapping.appId })],
  [
    webhook('object.propertyChange', { objectTypeId: '0-27', propertyName: 'hs_task_status' }),
    webhook('call.deletion'),
  ],
  [
    webhook('object.associationChange', {
      objectId: undefined,
      fromObjectTypeId: '0-27',
      fromObjectId: 1,
      toObjectId: 2,
    }),
  ],
]

/** Bodies of webhooks, as if signed: parsed, mapped, encoded, and read back. */
export const open = async (): Promise<Target> => {
  const codec = await createCodec({
    ...{ registry: memoryRegistry(), topics: [...streams, deadLetters], clock: manualClock(), register: true },
  })
  return {
    seeds: hubspotSamples.map(body => Buffer.from(JSON.stringify(body))),
    dictionary: [
      'contact.propertyChange',
      'company.merge',
      'object.restore',
      'propertyValue',
      'objectTypeId',
      '0-1',
      '0-49',
      'associationType',
      'isSensitive',
      '__proto__',
      '\\ud800',
      '1e999',
    ],
    covers: ['/services/producers/hubspot/', '/services/identity/aliases'],
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
    const outgoing = outgoingOf(item, { mapping, receivedAt, codec })
    if (typeof outgoing === 'string') continue
    assert.ok(outgoing.records.length > 0, 'something is taken and nothing comes of it')
    if (outgoing.problem !== null) continue
    const read = readWebhook(item)
    const mapped = read && mapWebhook(read, mapping, receivedAt)
    assert.ok(mapped?.kind === 'mapped')
    assert.equal(outgoing.id, readWebhook(item)?.id, 'another id for the same')
    const { record, claims } = mapped
    assert.ok((record?.value.occurredAt ?? 0) <= receivedAt, 'happened later than it came')
    for (const claim of claims) {
      assert.ok(claim.time <= receivedAt, 'is claimed later than it came')
      checkClaim(claim)
    }
    const expected = [...claims, ...(record ? [record.value] : [])]
    const written = outgoing.records.map(({ topic, value }) => {
      const stream = streams.find(({ name }) => name === topic)
      assert.ok(stream && value)
      return structuredClone(codec.decode<unknown>(stream, value))
    })
    assert.deepEqual(written, structuredClone(expected))
    taken += 1
  }
  return taken
}
