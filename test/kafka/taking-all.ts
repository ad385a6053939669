import type { Membership } from '../../services/kafka/kafka.ts'
import type { MemoryKafka } from '../../services/kafka/memory/memory.ts'

/** A member of a group that takes every record of a topic at once, and does nothing with it. */
export const takingAll = (kafka: MemoryKafka, group: string, topic: string): Promise<Membership> =>
  kafka.join({
    ...{ group, topics: [topic] },
    open: context =>
      Promise.resolve({
        process: async records => {
          const last = records.at(-1)
          if (last) await context.commit({ records: [], offsets: new Map([[topic, last.offset + 1]]) })
        },
        close: () => Promise.resolve(),
      }),
    onFatal: error => {
      throw error
    },
  })
