import avsc from 'avsc'
import type { AvroSchema } from '../../schemas/records.ts'
import { type Codec, createCodec } from '../../services/runtime/codec.ts'
import { TributaryError } from '../../services/runtime/errors.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { topics } from '../../topology/topics.ts'
import { type ManualClock, manualClock } from '../clock.ts'
import { trackEvent } from '../tracks/events.ts'

export const track = trackEvent('email:ada@example.com', 'Export report')

/** A codec of all topics whose questions to the registry are seen, and answered as a test wants. */
export interface CodecUnderTest {
  readonly codec: Codec
  readonly clock: ManualClock
  /** Ids that the registry was asked for. */
  readonly asked: readonly number[]
  /** From now on the registry answers this instead of the truth. */
  answer(answer: (id: number) => Promise<AvroSchema | undefined>): void
  /** Waits for work that waits for the registry and the clock. */
  patiently<Result>(work: Promise<Result> | undefined): Promise<Result | undefined>
}

export const codecUnderTest = async (): Promise<CodecUnderTest> => {
  const memory = memoryRegistry()
  const clock = manualClock()
  const asked: number[] = []
  let answer = memory.schema
  const schema = (id: number): Promise<AvroSchema | undefined> => {
    asked.push(id)
    return answer(id)
  }
  return {
    codec: await createCodec({ registry: { ...memory, schema }, topics, clock, register: true }),
    clock,
    asked,
    answer: given => {
      answer = given
    },
    patiently: async work => {
      let settled = false
      const result = Promise.resolve(work).finally(() => {
        settled = true
      })
      result.catch(() => undefined)
      while (!settled) {
        clock.advance(100)
        await new Promise(resolve => setImmediate(resolve))
      }
      return await result
    },
  }
}

/** A record as the registry frames it. */
export const framed = (id: number, body: Buffer = Buffer.alloc(0)): Buffer => {
  const header = Buffer.alloc(5)
  header.writeUInt32BE(id, 1)
  return Buffer.concat([header, body])
}

/** The body that another program with this schema writes; members of unions of numbers come as `{ "<type>": … }`. */
export const writtenWith = (schema: AvroSchema, value: unknown): Buffer =>
  avsc.Type.forSchema(schema as avsc.Schema, { wrapUnions: 'auto' as never }).toBuffer(value)

/** The code and class of what is thrown, or that nothing is. */
export const codeOf = (act: () => unknown): string => {
  try {
    act()
    return 'nothing thrown'
  } catch (error) {
    return error instanceof TributaryError ? `${error.code} ${error.errorClass}` : String(error)
  }
}

/** The message of what is thrown; empty when nothing is. */
export const messageOf = (act: () => unknown): string => {
  try {
    act()
    return ''
  } catch (error) {
    return (error as Error).message
  }
}
