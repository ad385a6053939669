import type { Receipt, SinkWrite } from '../../schemas/generated.ts'
import { receipts } from '../../topology/topics.ts'
import type { Kafka } from '../kafka/kafka.ts'
import { partitionFor } from '../kafka/publishing/partitioner.ts'
import type { Codec } from '../runtime/codec.ts'

/** As many as a person looks through. */
const mostReceipts = 20

/**
 * What became of the writes to the record that a set-aside write was meant for, as the receipts tell, oldest first: the newest 20. Of a person who was
 * merged since, those under the id that the write names.
 */
export const historyOf = async (
  { kafka, codec }: { readonly kafka: Kafka; readonly codec: Codec },
  write: Pick<SinkWrite, 'person' | 'destination' | 'object'>,
): Promise<readonly Receipt[]> => {
  const partitions = await kafka.topics.offsets(receipts.name)
  const own = partitions[partitionFor(write.person, partitions.length)]
  if (!own) return []
  const found: Receipt[] = []
  for await (const { key, value } of kafka.read(receipts.name, own.partition, own.earliest, own.stable)) {
    if (value === null || key?.toString() !== write.person) continue
    await codec.prepare([value])
    const receipt = codec.decode(receipts, value)
    if (receipt.destination !== write.destination || receipt.object !== write.object) continue
    found.push(receipt)
    if (found.length > mostReceipts) found.shift()
  }
  return found
}
