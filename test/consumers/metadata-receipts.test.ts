import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Profile, Receipt } from '../../schemas/generated.ts'
import { metadataReceiptsBy } from '../../services/consumers/metadata-receipts.ts'
import { at, mappingOf } from '../pendo-and-hubspot/sides.ts'
import { drive } from './drive.ts'
import { checkLaws } from './laws.ts'

const consumer = metadataReceiptsBy(() => mappingOf())

const receipt = (over: Partial<Receipt> = {}): Receipt => ({
  ...{ writeId: 'visitor-contact:pendo:visitor:abc:1-x:0', destination: 'hubspot', object: 'contact' },
  ...{ person: '332bd0ca5ee285b3f3b6', record: '501', outcome: 'APPLIED', status: 200, code: null, adjustments: [] },
  ...{ attempts: 1, correlationId: null, occurredAt: at, receivedAt: at, at: at + 5 },
  ...over,
})
const ofCompany = receipt({
  ...{
    writeId: 'account-company:pendo:account:abc:1-x@acme.example:1',
    object: 'company',
    person: null,
    record: '901',
  },
})

const told = (of: Receipt) =>
  drive(consumer)
    .when(of, null)
    .flatMap(output => (output.kind === 'emission' ? [[output.stream, output.value as Profile] as const] : []))

describe('metadata-receipts', () => {
  it('P7 tells the person whose contact took what an event led to', () => {
    const [[stream, profile] = []] = told(receipt())
    assert.equal(stream, 'person-profiles')
    assert.deepEqual(
      [profile?.person, profile?.side, profile?.record],
      ['person:332bd0ca5ee285b3f3b6', 'HUBSPOT', '501'],
    )
    assert.deepEqual(profile?.arrival, { eventId: 'pendo:visitor:abc:1-x', at: at + 5 })
  })

  it('P7 tells the link whose company took it', () => {
    const [[stream, profile] = []] = told(ofCompany)
    assert.deepEqual([stream, profile?.link], ['company-profiles', 'acme.example'])
    assert.deepEqual(profile?.arrival, { eventId: 'pendo:account:abc:1-x@acme.example', at: at + 5 })
  })

  it('P7 is about nothing that others wrote, that was not taken, or not as it was', () => {
    assert.equal(consumer.concerns?.(receipt()), true)
    for (const over of [
      { writeId: 'webinar-contact:zoom:1:0' },
      { outcome: 'REJECTED' },
      { adjustments: ['PENDO_FIELDS_UNKNOWN'] },
    ] as const)
      assert.equal(consumer.concerns?.(receipt(over)), false)
  })
})

// A receipt names a person by id, whom the laws do not know: those of companies stand for all.
checkLaws(consumer, [{ ...ofCompany, eventId: 'receipt' }])
