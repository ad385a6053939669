import { type Connection, type ConnectOptions, createConnection } from './client/client.ts'
import { KafkaTopicAdmin } from './client/topic-admin.ts'
import { GroupMember } from './groups/group-member.ts'
import type { Follower, GroupOptions, Kafka, Membership, Publisher, StoredRecord } from './kafka.ts'
import { KafkaPublisher } from './publishing/publisher.ts'
import { ClusterReader } from './reading/cluster-reader.ts'
import { Fetcher } from './reading/fetcher.ts'
import { LogFollower } from './reading/follower.ts'
import { lagOf, readRange } from './reading/range.ts'

export type { ConnectOptions } from './client/client.ts'

/** Kafka on a real cluster (3.1 or later). Connects with the first use; what it opened ends with `close`. */
export const connectKafka = (options: ConnectOptions): Kafka => new ConnectedKafka(createConnection(options))

class ConnectedKafka implements Kafka {
  readonly topics: KafkaTopicAdmin
  private readonly connection: Connection
  private readonly reader: ClusterReader
  private readonly open = new Set<() => Promise<void>>()

  constructor(connection: Connection) {
    this.connection = connection
    this.reader = new ClusterReader(connection)
    this.topics = new KafkaTopicAdmin(connection, this.reader)
  }

  async publisher(): Promise<Publisher> {
    const publisher = await new KafkaPublisher(this.connection, this.reader).open()
    this.open.add(() => publisher.close())
    return publisher
  }

  async join(options: GroupOptions): Promise<Membership> {
    const member = await new GroupMember(this.connection, this.reader, options).join()
    this.open.add(() => member.leave())
    return member
  }

  async follow(
    topics: readonly string[],
    apply: (record: StoredRecord) => void,
    onFatal: (error: Error) => void,
  ): Promise<Follower> {
    const follower = await new LogFollower(this.reader, new Fetcher(this.connection), apply, onFatal).open(topics)
    this.open.add(() => follower.close())
    return follower
  }

  read(topic: string, partition: number, from: number, to?: number): AsyncIterable<StoredRecord> {
    return readRange(this.reader, topic, partition, from, to)
  }

  lag(group: string, topics: readonly string[]): ReturnType<Kafka['lag']> {
    return lagOf(this.reader, group, topics)
  }

  async close(): Promise<void> {
    await Promise.all([...this.open].map(close => close()))
    await this.reader.close()
  }
}
