import { describe } from 'node:test'
import { shipped } from './shipped.ts'
import { stillHappens } from './still-happens.ts'

interface Message {
  readonly offset: string
  readonly key: Buffer | null
  readonly isControlRecord: boolean
  readonly batchContext: { readonly producerId: string; readonly inTransaction: boolean }
}
type Filter = (of: {
  readonly messages: readonly Message[]
  readonly abortedTransactions: readonly { readonly producerId: string; readonly firstOffset: string }[]
}) => readonly Message[]

const filter = shipped<Filter>('kafkajs/src/consumer/filterAbortedMessages')

const record = (offset: number, producer: number, key: Buffer | null = null): Message => ({
  offset: `${offset}`,
  key,
  isControlRecord: false,
  batchContext: { producerId: `${producer}`, inTransaction: true },
})
const abort = (offset: number, producer: number): Message => ({
  ...record(offset, producer, Buffer.from([0, 0, 0, 0])),
  isControlRecord: true,
})
const began = (offset: number, producer: number) => ({ producerId: `${producer}`, firstOffset: `${offset}` })

/** Whether records get through although all of them were aborted. */
const leaks = (...given: [messages: Message[], abortedTransactions: ReturnType<typeof began>[]]): boolean => {
  const [messages, abortedTransactions] = given
  return filter({ messages, abortedTransactions }).some(({ isControlRecord }) => !isControlRecord)
}

describe('kafkajs, aborted records', () => {
  stillHappens('aborted-listed-by-end', () =>
    leaks([record(0, 1), record(1, 2), abort(2, 2), record(3, 1), abort(4, 1)], [began(1, 2), began(0, 1)]),
  )

  stillHappens('aborted-one-per-record', () =>
    leaks([record(10, 2), abort(11, 1), abort(12, 2)], [began(0, 1), began(5, 2)]),
  )

  stillHappens('aborted-key-of-zeros', () =>
    leaks([record(0, 1), record(1, 1, Buffer.from([0, 0, 0, 0])), record(2, 1), abort(3, 1)], [began(0, 1)]),
  )
})
