import type { Kafka, Membership, Step, StoredRecord } from '../../services/kafka/kafka.ts'
import { TributaryError } from '../../services/runtime/errors.ts'

/** The relay's group. */
export const RELAY = 'relay'
/** Records of one transaction. */
const AT_ONCE = 10

/** Receives the code of what a commit was refused with. */
export type Failed = (code: string) => void

/** Holds a member up before it commits some records of a partition. */
export type BeforeStep = (partition: number) => Promise<void>

/** Joins the relay's group: each record of `in` is passed on to the same partition of `out`, a few in a transaction. */
export const joinRelay = (
  kafka: Kafka,
  onFailed: Failed,
  before: BeforeStep = () => Promise.resolve(),
): Promise<Membership> =>
  kafka.join({
    group: RELAY,
    topics: ['in'],
    onFatal: error => onFailed(codeOf(error)),
    open: context =>
      Promise.resolve({
        process: async records => {
          for (let at = 0; at < records.length; at += AT_ONCE) {
            await before(context.partition)
            await context.commit(relayed(records.slice(at, at + AT_ONCE))).catch(error => {
              onFailed(codeOf(error))
              throw error
            })
          }
        },
        close: () => Promise.resolve(),
      }),
  })

/** A record on its way tells where it lay: so each can be told apart from all others. */
const relayed = (records: readonly StoredRecord[]): Step => ({
  records: records.map(({ partition, offset, key }) => ({
    ...{ topic: 'out', partition, key, value: Buffer.from(String(offset)) },
  })),
  offsets: new Map(records.slice(-1).map(({ topic, offset }) => [topic, offset + 1])),
})

const codeOf = (error: unknown): string => (error instanceof TributaryError ? error.code : String(error))
