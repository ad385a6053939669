import kafkajs, { type Producer } from 'kafkajs'
import type { Connection } from '../client/client.ts'
import { closed, isOfType, tooLarge, unavailable } from '../client/failures.ts'
import type { Appended, OutgoingRecord, Publisher } from '../kafka.ts'
import type { ClusterReader } from '../reading/cluster-reader.ts'
import { type Placed, type SendBatch, sendAll } from './outgoing.ts'

/** Tried for about ten seconds: a webhook's sender is then told to come back. */
const retry = { initialRetryTime: 20, maxRetryTime: 500, factor: 0.2, multiplier: 1.6, retries: 25 }

/** Calls that wait while a send is in flight are joined into the next one, up to so many records. */
const joinedRecords = 5_000

interface Call {
  readonly records: readonly OutgoingRecord[]
  readonly resolve: (appended: readonly Appended[]) => void
  readonly reject: (error: unknown) => void
}

interface PlacedCall {
  readonly call: Call
  readonly records: readonly Placed[]
}

/** Appends outside a transaction; see the seam. */
export class KafkaPublisher implements Publisher {
  private readonly connection: Connection
  private readonly reader: ClusterReader
  private producer: Producer | undefined
  private waiting: Call[] = []
  private sending: Promise<void> | undefined
  private isClosed = false

  constructor(connection: Connection, reader: ClusterReader) {
    this.connection = connection
    this.reader = reader
  }

  /** Connects, so that a wrong address shows at the start. */
  async open(): Promise<this> {
    await this.connected().catch(error => {
      throw unavailable('accept a connection', error)
    })
    return this
  }

  publish(records: readonly OutgoingRecord[]): Promise<readonly Appended[]> {
    if (this.isClosed) return Promise.reject(closed('the publisher'))
    if (records.length === 0) return Promise.resolve([])
    return new Promise((resolve, reject) => {
      this.waiting.push({ records, resolve, reject })
      this.sending ??= this.sendWaiting()
    })
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.sending
    await this.discardProducer()
  }

  private async sendWaiting(): Promise<void> {
    while (this.waiting.length > 0) await this.sendOnce(await this.placed(this.takeWaiting()))
    this.sending = undefined
  }

  private takeWaiting(): readonly Call[] {
    let records = 0
    const taken = this.waiting.findIndex(call => {
      records += call.records.length
      return records > joinedRecords
    })
    return this.waiting.splice(0, taken === -1 ? this.waiting.length : Math.max(1, taken))
  }

  /** A record without place fails its own call only. */
  private async placed(calls: readonly Call[]): Promise<readonly PlacedCall[]> {
    const found: PlacedCall[] = []
    for (const call of calls) {
      try {
        found.push({ call, records: await this.reader.place(call.records) })
      } catch (error) {
        call.reject(error)
      }
    }
    return found
  }

  private async sendOnce(calls: readonly PlacedCall[]): Promise<void> {
    if (calls.length === 0) return
    try {
      const producer = await this.connected()
      const send = producer.sendBatch.bind(producer) as unknown as SendBatch
      const records = calls.flatMap(one => one.records)
      const appended = await sendAll(
        send,
        records,
        this.connection.physical,
        String(this.connection.options.clock.now()),
      )
      let at = 0
      for (const { call, records: own } of calls) {
        call.resolve(appended.slice(at, at + own.length))
        at += own.length
      }
    } catch (error) {
      await this.discardProducer()
      const failure = isOfType(error, 'MESSAGE_TOO_LARGE')
        ? tooLarge(error)
        : unavailable('acknowledge the records', error)
      for (const { call } of calls) call.reject(failure)
    }
  }

  private async connected(): Promise<Producer> {
    if (this.producer) return this.producer
    const producer = this.connection.createIdempotentProducer({
      createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
      retry,
    })
    try {
      await producer.connect()
    } catch (error) {
      await producer.disconnect().catch(() => undefined)
      throw error
    }
    this.producer = producer
    return producer
  }

  /** After a failure its sequence numbers are in doubt; a new producer has its own. */
  private async discardProducer(): Promise<void> {
    const producer = this.producer
    this.producer = undefined
    await producer?.disconnect().catch(() => undefined)
  }
}
