import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import fc from 'fast-check'
import { type Codec, createCodec } from '../../services/runtime/codec.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { accounts, identityClaims, recordNotices, tracks, visitors } from '../../topology/topics.ts'
import { manualClock } from '../clock.ts'
import { anyJson, damagedJson, oddTexts } from './hostile-values.ts'

/** A vendor's webhook, and what takes its bodies. */
export interface AnyWebhookBody {
  readonly vendor: string
  /** Of integrations.md. */
  readonly row: string
  /** Bodies as the vendor sends them. */
  readonly samples: readonly string[]
  /** Takes a body as the ingest does, asserts what must hold of all, and gives how many records came of it. */
  readonly take: (codec: Codec, body: Buffer) => number
}

const value = /:("(?:[^"\\]|\\.)*"|-?\d+|true|false|null)(?=[,}])/g

/** That no body, whatever it is, breaks what takes it. */
export const describeAnyWebhookBody = ({ vendor, row, samples, take }: AnyWebhookBody): void => {
  describe(`the body of a ${vendor} webhook`, () => {
    let codec: Codec
    before(async () => {
      const topics = [visitors, accounts, tracks, recordNotices, identityClaims]
      codec = await createCodec({ registry: memoryRegistry(), topics, clock: manualClock(), register: true })
    })
    const holds = (bodies: fc.Arbitrary<string | Uint8Array>, numRuns: number): void =>
      fc.assert(
        fc.property(bodies, body => {
          take(codec, Buffer.from(body as string))
        }),
        { numRuns },
      )

    it(`${row} of any bytes is taken, set aside or refused, and never breaks anything`, () =>
      holds(fc.uint8Array({ maxLength: 500 }), 500))

    it(`${row} of any JSON, however deep or odd, too`, () => holds(anyJson, 300))

    it(`${row} that is one of ${vendor}, damaged, is written and read back the same, and happened no later than it came`, () =>
      holds(damagedJson(samples), 1_000))

    it(`${row} with each odd value in each place, too`, () => {
      let [taken, places] = [0, 0]
      for (const sample of samples) {
        for (const match of sample.matchAll(value)) {
          places += 1
          const [found] = match
          for (const odd of oddTexts.filter((_, index) => index % 2 === places % 2)) {
            const body = `${sample.slice(0, match.index)}:${odd}${sample.slice(match.index + found.length)}`
            taken += take(codec, Buffer.from(body))
          }
        }
      }
      assert.ok(taken > 100, `only ${taken} were taken`)
    })
  })
}
