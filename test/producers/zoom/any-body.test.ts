import assert from 'node:assert/strict'
import { after, before, it } from 'node:test'
import fc from 'fast-check'
import { recordedEvents } from '../../../services/producers/zoom/webhook.ts'
import { type Receiver, samples, startReceiver } from './receiver.ts'

let receiver: Receiver
before(async () => {
  receiver = await startReceiver()
})
after(() => receiver.close())

const events = [...Object.keys(recordedEvents), 'endpoint.url_validation', 'meeting.started']
const anything = fc.jsonValue({ maxDepth: 4, noUnicodeString: false } as fc.JsonSharedConstraints)

/** A sample in which some values, anywhere, are replaced by anything. */
const damaged = fc
  .tuple(fc.constantFrom(...samples.values()), fc.array(fc.tuple(fc.nat(), anything), { minLength: 1, maxLength: 4 }))
  .map(([body, damages]) => {
    const parsed = JSON.parse(body)
    for (const [place, value] of damages) {
      const places = placesIn(parsed)
      const found = places[place % places.length]
      if (found) found.holder[found.key] = value
    }
    return JSON.stringify(parsed)
  })

const placesIn = (value: unknown): { holder: Record<string, unknown>; key: string }[] =>
  typeof value !== 'object' || value === null
    ? []
    : Object.entries(value).flatMap(([key, inner]) => [
        { holder: value as Record<string, unknown>, key },
        ...placesIn(inner),
      ])

const bodies: [string, fc.Arbitrary<string | Buffer>][] = [
  ['any JSON', anything.map(value => JSON.stringify(value))],
  [
    'a known event with any payload',
    fc
      .tuple(fc.constantFrom(...events), anything, anything)
      .map(([event, event_ts, payload]) => JSON.stringify({ event, event_ts, payload })),
  ],
  ["one of Zoom's examples, damaged anywhere", damaged],
  ['any bytes', fc.uint8Array({ maxLength: 200 }).map(bytes => Buffer.from(bytes))],
]

for (const [what, body] of bodies) {
  it(`${what}, correctly signed, gets an answer below 500 while Kafka is up`, async () => {
    await fc.assert(
      fc.asyncProperty(body, async bytes => {
        const { status } = await receiver.post(bytes)
        assert.ok(status < 500, String(status))
      }),
      { numRuns: 300 },
    )
  })
}

for (const [what, body] of [
  ['nested as deeply as fits', `${'['.repeat(400_000)}${']'.repeat(400_000)}`],
  [
    'nested within a known event',
    `{"event":"webinar.created","payload":${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}}`,
  ],
  ['a number beyond all numbers', '{"event":"webinar.started","event_ts":1e999,"payload":{"object":{"id":1e999}}}'],
  [
    'halves of characters',
    JSON.stringify({ event: 'webinar.started', payload: { object: { id: 1, topic: '\ud800' } } }),
  ],
  [
    'keys that JavaScript uses itself',
    '{"event":"webinar.started","__proto__":{"x":1},"payload":{"constructor":1,"object":{"id":1,"__proto__":{"uuid":"x"}}}}',
  ],
]) {
  it(`${what} gets an answer below 500`, async () => {
    const { status } = await receiver.post(body as string)
    assert.ok(status < 500, String(status))
  })
}
