import type { OutgoingRecord } from '../../kafka/kafka.ts'
import { bytesOf, largestRecordBytes } from '../../kafka/record-size.ts'
import { TributaryError } from '../../runtime/errors.ts'
import type { Logger } from '../../runtime/log.ts'

/** The records of one thing that a sweep found. None for what cannot be written, which is logged and told: it must not keep the others back. */
export const writtenOrPassedOver = (
  write: () => readonly OutgoingRecord[],
  {
    vendor,
    logger,
    onPassedOver,
  }: {
    readonly vendor: string
    readonly logger: Logger
    readonly onPassedOver?: (why: 'too-large' | 'unwritable') => void
  },
): readonly OutgoingRecord[] => {
  try {
    const records = write()
    if (records.every(record => bytesOf(record) <= largestRecordBytes)) return records
    logger.warn({ vendor }, 'A vendor tells a record that is larger than a topic takes; it is passed over')
    onPassedOver?.('too-large')
  } catch (error) {
    if (!(error instanceof TributaryError) || error.errorClass !== 'rejected') throw error
    logger.warn({ vendor, error }, 'A vendor tells something that cannot be written; it is passed over')
    onPassedOver?.('unwritable')
  }
  return []
}
