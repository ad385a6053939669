import assert from 'node:assert/strict'
import type { PutInput } from '../../../services/delivery/destination.ts'
import { hubSpotDestinations } from '../../../services/sinks/hubspot/destination.ts'
import { type Scripted, scriptIn } from './scripted-answers.ts'
import type { Target } from './target.ts'
import { assertStated, during } from './vendor-answers.ts'

const person = { id: 'p', aliases: ['email:ada@example.com'], emails: ['ada@example.com'], attributes: {} }
const correlation = { 'x-hubspot-correlation-id': 'c', 'x-hubspot-ratelimit-remaining': '90' }
const contact = {
  id: '501',
  properties: { email: 'ada@example.com', hs_additional_emails: 'a@example.com;b@example.com' },
}
const validation = {
  ...{ status: 'error', category: 'VALIDATION_ERROR', correlationId: 'c' },
  message: 'Property values were not valid: [{"isValid":false,"error":"PROPERTY_DOESNT_EXIST","name":"x"}]',
  errors: [{ code: 'PROPERTY_DOESNT_EXIST', context: { propertyName: ['x'] } }],
}
const seeds: readonly Scripted[][] = [
  [{ status: 200, headers: correlation, body: { status: 'COMPLETE', results: [contact] } }],
  [
    {
      ...{ status: 207, headers: correlation },
      body: {
        ...{ results: [{ ...contact, objectWriteTraceId: '0', new: true }], numErrors: 1 },
        errors: [{ category: 'VALIDATION_ERROR', message: 'm', context: { objectWriteTraceId: ['1'] } }],
      },
    },
  ],
  [
    {
      status: 200,
      body: {
        results: [{ vid: 501 }],
        id: '1',
        fullyQualifiedName: 'pe1_x',
        properties: [],
        paging: { next: { after: '1' } },
      },
    },
  ],
  [{ status: 400, headers: correlation, body: validation }],
  [{ status: 429, headers: { 'retry-after': '1' }, body: { policyName: 'DAILY', category: 'RATE_LIMITS' } }],
  [
    {
      status: 429,
      headers: { 'retry-after': 'Thu, 15 Jul 2021 12:00:00 GMT' },
      body: { policyName: 'TEN_SECONDLY_ROLLING' },
    },
  ],
  [
    {
      status: 403,
      body: { category: 'MISSING_SCOPES', errors: [{ context: { requiredGranularScopes: ['crm.objects'] } }] },
    },
  ],
  [{ status: 423, body: {} }, { status: 404, body: {} }, { status: 204 }, { status: 502, body: '<html>' }],
]

const input: PutInput = {
  ...{
    key: 'joined:1:ada',
    of: { object: 'contact', id: '501' },
    person,
    at: 1_626_350_400_000,
    known: false,
    repeated: false,
  },
  fields: {
    ...{ webinar_id: '1', account: 'zoom', topic: 'Kafka', state: 'registered' },
    interaction_at: '2021-07-14T15:00:00.000Z',
  },
}

/** Answers of HubSpot to everything that the sinks ask it. */
export const open = (): Target => ({
  seeds: seeds.map(script => Buffer.from(JSON.stringify(script))),
  dictionary: [
    'results',
    'errors',
    'context',
    'objectWriteTraceId',
    'retry-after',
    'PROPERTY_DOESNT_EXIST',
    'MISSING_SCOPES',
  ],
  covers: ['/services/sinks/hubspot/', '/services/delivery/requests/rate-limit'],
  run: async bytes =>
    await during(scriptIn(bytes), async ({ clock, signal }) => {
      const options = {
        accessToken: 't',
        baseUrl: 'http://127.0.0.1:1',
        clock,
        limit: { requests: 10_000, windowMs: 10_000 },
      }
      const { hubspot, 'hubspot-events': events, 'hubspot-marketing': marketing } = hubSpotDestinations(options)
      const contacts = hubspot.objects['contact']
      assert.ok(contacts?.kind === 'record')
      const write = { person, fields: { a: 1 }, fieldsOnCreate: { b: 2 }, repeated: false }
      for (const destination of [hubspot, events, marketing]) assertStated([await destination.prepare(signal)])
      assertStated(await hubspot.resolve(['contact'], [person], signal))
      assertStated(
        await contacts.send(
          [
            { ...write, record: '501' },
            { ...write, record: '502' },
          ],
          signal,
        ),
      )
      assertStated(await contacts.send([{ ...write, record: null }], signal))
      assertStated(await contacts.read(['501'], ['email'], signal))
      for (const object of [events.objects['zoom_webinar_joined'], marketing.objects['marketing_participation']]) {
        assert.ok(object && object.kind !== 'record')
        assertStated(await object.put([input], signal))
      }
    }),
})
