import assert from 'node:assert/strict'
import { createConnection } from '../../services/kafka/client/client.ts'
import { type Call, call, encoder } from '../../services/kafka/client/internals.ts'
import { tags } from '../../services/kafka/client/requests.ts'
import { ByteReader } from '../../services/kafka/reading/byte-reader.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { eventually } from './eventually.ts'

const NOT_COORDINATOR = 16

/** Resolves when a broker itself says that it coordinates a transactional id (physical), or that it does not; it may learn of a change later than the others. */
export const coordinates = async (
  brokers: readonly string[],
  {
    nodeId,
    transactionalId,
    isCoordinator,
  }: Readonly<{ nodeId: number; transactionalId: string; isCoordinator: boolean }>,
): Promise<void> => {
  const options = { brokers, clientId: 'operator', logger: silentLogger, clock: systemClock }
  const cluster = createConnection(options).openCluster()
  try {
    await cluster.connect()
    await cluster.refreshMetadata()
    const broker = await cluster.findBroker({ nodeId })
    await eventually(async () =>
      assert.equal((await call(broker, describeCall(transactionalId))) !== NOT_COORDINATOR, isCoordinator),
    )
  } finally {
    await cluster.disconnect()
  }
}

/** DescribeTransactions, as DescribeTransactionsRequest.json in Kafka's sources lays it out. Answers the error code for the only id. */
const describeCall = (transactionalId: string): Call<number> => ({
  ...{ apiKey: 65, apiVersion: 0, apiName: 'DescribeTransactions' },
  encode: () => tags(tags(encoder()).writeUVarIntArray([encoder().writeUVarIntString(transactionalId)])),
  decode: payload => {
    const reader = new ByteReader(payload)
    reader.skipTags()
    reader.int32()
    const [code = 0] = reader.compactArray(() => {
      const errorCode = reader.int16()
      reader.compactString()
      reader.compactString()
      reader.int32()
      reader.int64()
      reader.int64()
      reader.int16()
      reader.compactArray(() => {
        reader.compactString()
        reader.compactArray(() => reader.int32())
        reader.skipTags()
      })
      reader.skipTags()
      return errorCode
    })
    return code
  },
})
