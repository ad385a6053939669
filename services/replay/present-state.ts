import { identities } from '../../topology/topics.ts'
import { createDirectory } from '../identity/directory.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { Codec } from '../runtime/codec.ts'
import type { Logger } from '../runtime/log.ts'
import { createMetrics } from '../runtime/metrics.ts'
import { startTables } from '../runtime/process/tables.ts'
import { type Chain, consumersOf } from './chain.ts'
import type { HandlingParts } from './handling.ts'

/** Identities and rows as they are now and become while a replay runs. It only reads. */
export interface PresentState extends HandlingParts {
  /** Throws when the tables could not be followed any more, so that they are not what is now. */
  check(): void
  close(): Promise<void>
}

/** Resolves when everything committed before the call is here. */
export const followPresentState = async (options: {
  readonly kafka: Kafka
  readonly codec: Codec
  readonly logger: Logger
  readonly erasureSecret: string
  readonly chain: Chain
}): Promise<PresentState> => {
  const { kafka, codec, chain } = options
  const directory = createDirectory(options.erasureSecret)
  const state = stateOf(chain)
  let broken: Error | undefined
  const onFatal = (error: Error): void => {
    broken ??= error
  }
  const tables = await startTables({ ...options, directory, metrics: createMetrics(), state, onFatal })
  await Promise.all([identities.name, ...state.keys()].map(topic => tables.caughtUp(topic)))
  const partitions = (await kafka.topics.offsets(chain.consumer.reads.name)).length
  const check = (): void => {
    if (broken) throw broken
  }
  check()
  return { codec, directory, tables, partitions, check, close: () => tables.close() }
}

/** Topics of the rows that the handlers get, and the group of each of their keys. */
const stateOf = (chain: Chain): ReadonlyMap<string, (rowKey: string) => string> =>
  new Map(
    consumersOf(chain).flatMap(({ keepsPerPerson, keepsPerKey }): [string, (rowKey: string) => string][] => {
      if (keepsPerPerson) return [[keepsPerPerson.table.name, key => key]]
      return keepsPerKey ? [[keepsPerKey.table.name, key => keepsPerKey.inputKeyOf(key)]] : []
    }),
  )
