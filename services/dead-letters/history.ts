import type { Receipt, SinkWrite } from '../../schemas/generated.ts'
import { keyOfWrite, receipts } from '../../topology/topics.ts'
import type { Kafka } from '../kafka/kafka.ts'
import { partitionFor } from '../kafka/publishing/partitioner.ts'
import type { Codec } from '../runtime/codec.ts'
import { storedValues } from '../runtime/stored-values.ts'

/** As many as a person looks through. */
const mostReceipts = 20

/**
 * What became of the writes to the record that a set-aside write was meant for, as the receipts tell, oldest first: the newest 20. Of a person who was
 * merged since, those under the id that the write names.
 */
export const historyOf = async (
  parts: { readonly kafka: Kafka; readonly codec: Codec },
  write: SinkWrite,
): Promise<readonly Receipt[]> => {
  const { length } = await parts.kafka.topics.offsets(receipts.name)
  const own = keyOfWrite(write)
  const wanted = { partitions: [partitionFor(own, length)], wants: (key: string) => key === own }
  const found: Receipt[] = []
  for await (const { value: receipt } of storedValues(parts, receipts, wanted)) {
    if (receipt?.destination !== write.destination || receipt.object !== write.object) continue
    found.push(receipt)
    if (found.length > mostReceipts) found.shift()
  }
  return found
}
