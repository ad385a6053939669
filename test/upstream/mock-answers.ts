import { setTimeout as delay } from 'node:timers/promises'
import type { Reply, Request } from './mock-cluster.ts'
import { type Api, apis, errors, type MockState, type Partition } from './mock-state.ts'
import { readBatch } from './record-batches.ts'
import type { Reader } from './wire.ts'
import { Writer } from './wire.ts'

type Answer = (
  request: Request,
  state: MockState,
  offers: Partial<Readonly<Record<Api, number>>>,
) => Reply | Promise<Reply>

/** Does what a broker does with the request, and answers as it would. */
export const answerOf = (...given: Parameters<Answer>): Reply | Promise<Reply> => answers[given[0].api](...given)

/** So long a fetch waits for records at most, so that tests are quick. */
const longestFetchMs = 20

const host = '127.0.0.1'
const memberId = 'member-1'

const apiVersions: Answer = (_request, _state, offers) =>
  new Writer()
    .int16(errors.none)
    .array(Object.keys(apis) as Api[], (api, to) =>
      to
        .int16(apis[api].key)
        .int16(0)
        .int16(offers[api] ?? apis[api].version),
    )
    .int32(0)

const metadata: Answer = ({ body, version }, state) => {
  if (version > apis.Metadata.version) return metadataWithIds(body, state)
  const asked = body.array(from => from.string() ?? '')
  const names = asked.length === 0 ? [...state.topics.keys()] : asked
  return new Writer()
    .array(state.ports, (port, to) =>
      to
        .int32(state.ports.indexOf(port) + 1)
        .string(host)
        .int32(port)
        .string(null),
    )
    .int32(1)
    .array(names, (name, to) => {
      const partitions = state.topics.get(name)
      to.int16(partitions ? errors.none : errors.unknownTopicOrPartition)
        .string(name)
        .int8(0)
        .array(partitions ?? [], (partition, into) =>
          into
            .int16(partition.error)
            .int32((partitions ?? []).indexOf(partition))
            .int32(partition.error === errors.none ? partition.leader : -1)
            .int32(0)
            .int32(0),
        )
    })
}

/** Version 12, which Tributary asks for by itself. */
const metadataWithIds = (body: Reader, state: MockState): Writer => {
  body.unsignedVarint()
  const names = Array.from({ length: body.unsignedVarint() - 1 }, () => {
    body.take(16)
    const name = body.take(body.unsignedVarint() - 1).toString()
    body.unsignedVarint()
    return name
  })
  const noTags = 0
  return new Writer()
    .int8(noTags)
    .int32(0)
    .compactArray(state.ports, (port, to) =>
      to
        .int32(state.ports.indexOf(port) + 1)
        .compactString(host)
        .int32(port)
        .compactString(null)
        .int8(noTags),
    )
    .compactString('mock')
    .int32(1)
    .compactArray(names, (name, to) => {
      const partitions = state.topics.get(name) ?? []
      to.int16(partitions.length > 0 ? errors.none : errors.unknownTopicOrPartition)
        .compactString(name)
        .raw(Buffer.alloc(16, 1))
        .int8(0)
        .compactArray(partitions, (partition, into) => {
          into.int16(errors.none).int32(partitions.indexOf(partition)).int32(partition.leader).int32(0)
          for (let list = 0; list < 3; list++) into.compactArray([], () => undefined)
          into.int8(noTags)
        })
        .int32(0)
        .int8(noTags)
    })
    .int8(noTags)
}

/** Topics with what is asked of their partitions. */
const topicsOf = <Item>(body: Reader, read: (from: Reader) => Item) =>
  body.array(from => ({ topic: from.string() ?? '', partitions: from.array(read) }))

const answerTopics = <Item>(
  to: Writer,
  topics: readonly { readonly topic: string; readonly partitions: readonly Item[] }[],
  write: (topic: string, item: Item, to: Writer) => unknown,
): Writer =>
  to.array(topics, ({ topic, partitions }, into) =>
    into.string(topic).array(partitions, (item, each) => write(topic, item, each)),
  )

const produce: Answer = ({ body, node }, state) => {
  body.string()
  body.int16()
  body.int32()
  const topics = topicsOf(body, from => ({ index: from.int32(), batch: from.bytes() }))
  return answerTopics(new Writer(), topics, (topic, { index, batch }, to) => {
    const { error, offset } = append(state.partition(topic, index), node, batch)
    to.int32(index).int16(error).int64(offset).int64(-1).int64(0)
  }).int32(0)
}

/** As a broker appends: only where it leads, and each sequence number of a producer once. */
const append = (partition: Partition, node: number, batch: Buffer): { error: number; offset: number } => {
  if (partition.leader !== node) return { error: errors.notLeader, offset: -1 }
  const { producerId, sequence, values } = readBatch(batch)
  const offset = partition.end
  if (producerId >= 0) {
    const producer = partition.producers.get(producerId) ?? { offsets: new Map<number, number>(), next: 0 }
    partition.producers.set(producerId, producer)
    const known = producer.offsets.get(sequence)
    if (known !== undefined) return { error: errors.none, offset: known }
    if (sequence !== producer.next) return { error: errors.outOfOrderSequence, offset: -1 }
    producer.offsets.set(sequence, offset)
    producer.next += values.length
  }
  partition.values.push(...values)
  partition.end += values.length
  return { error: errors.none, offset }
}

const fetched: Answer = async ({ body }, state) => {
  body.int32()
  const maxWaitMs = body.int32()
  body.take(9)
  const topics = topicsOf(body, from => ({ index: from.int32(), offset: from.int64(), maxBytes: from.int32() }))
  const answer = new Writer().int32(0)
  let isEmpty = true
  answerTopics(answer, topics, (topic, { index, offset }, to) => {
    const partition = state.partition(topic, index)
    const isOutside = offset < partition.beginning || offset > partition.end
    // One batch in each answer, as when a batch fills what the client takes.
    const batch = isOutside ? undefined : partition.batches.find(({ last }) => last >= offset)
    isEmpty &&= batch === undefined && !isOutside
    to.int32(index)
      .int16(isOutside ? errors.offsetOutOfRange : errors.none)
      .int64(partition.end)
      .int64(partition.end)
      .int32(0)
      .bytes(batch?.bytes ?? Buffer.alloc(0))
  })
  if (isEmpty) await delay(Math.min(maxWaitMs, longestFetchMs))
  return answer
}

const listOffsets: Answer = ({ body }, state) => {
  body.int32()
  const earliest = -2
  const topics = topicsOf(body, from => ({ index: from.int32(), timestamp: from.int64() }))
  return answerTopics(new Writer(), topics, (topic, { index, timestamp }, to) => {
    const { beginning, end } = state.partition(topic, index)
    to.int32(index)
      .int16(errors.none)
      .int64(-1)
      .int64(timestamp === earliest ? beginning : end)
  })
}

const offsetCommit: Answer = ({ body }, state) => {
  body.string()
  body.int32()
  body.string()
  body.int64()
  const topics = topicsOf(body, from => ({ index: from.int32(), offset: from.int64(), metadata: from.string() }))
  return answerTopics(new Writer(), topics, (topic, { index, offset }, to) => {
    state.committed.set(`${topic}/${index}`, offset)
    to.int32(index).int16(errors.none)
  })
}

const offsetFetch: Answer = ({ body }, state) => {
  body.string()
  const topics = topicsOf(body, from => from.int32())
  return answerTopics(new Writer(), topics, (topic, index, to) =>
    to
      .int32(index)
      .int64(state.committed.get(`${topic}/${index}`) ?? -1)
      .string('')
      .int16(errors.none),
  )
}

const findCoordinator: Answer = (_request, state) =>
  new Writer()
    .int32(0)
    .int16(errors.none)
    .string(null)
    .int32(1)
    .string(host)
    .int32(state.ports[0] ?? 0)

/** The member leads a group of one, with the first assigner that it names. */
const joinGroup: Answer = ({ body }) => {
  body.string()
  body.int32()
  body.string()
  body.string()
  const [protocol] = body.array(from => ({ name: from.string(), metadata: from.bytes() }))
  return new Writer()
    .int16(errors.none)
    .int32(1)
    .string(protocol?.name ?? '')
    .string(memberId)
    .string(memberId)
    .array([protocol?.metadata ?? Buffer.alloc(0)], (own, to) => to.string(memberId).bytes(own))
}

const syncGroup: Answer = ({ body }) => {
  body.string()
  body.int32()
  body.string()
  const [assignment] = body.array(from => ({ member: from.string(), bytes: from.bytes() }))
  return new Writer().int16(errors.none).bytes(assignment?.bytes ?? Buffer.alloc(0))
}

const initProducerId: Answer = (_request, state) =>
  new Writer()
    .int32(0)
    .int16(errors.none)
    .int64(++state.producerIds)
    .int16(0)

/** The coordinator's answer for every partition that it is asked for. */
const addPartitions =
  (error: number): Answer =>
  ({ body }) => {
    body.string()
    body.int64()
    body.int16()
    const topics = topicsOf(body, from => from.int32())
    return answerTopics(new Writer().int32(0), topics, (_topic, index, to) => to.int32(index).int16(error))
  }

const addPartitionsToTxn = addPartitions(errors.none)
export const refusedPartitions = addPartitions(errors.concurrentTransactions)

const txnOffsetCommit: Answer = ({ body }, state) => {
  body.string()
  body.string()
  body.int64()
  body.int16()
  const topics = topicsOf(body, from => ({ index: from.int32(), offset: from.int64(), metadata: from.string() }))
  return answerTopics(new Writer().int32(0), topics, (topic, { index, offset }, to) => {
    state.committed.set(`${topic}/${index}`, offset)
    to.int32(index).int16(errors.none)
  })
}

const createTopics: Answer = ({ body }, state) => {
  const names = body.array(from => {
    const name = from.string() ?? ''
    const partitions = from.int32()
    from.int16()
    from.array(each => each.int32() + each.array(replica => replica.int32()).length)
    from.array(each => `${each.string()}${each.string()}`)
    state.create(name, Math.max(partitions, 1))
    return name
  })
  return new Writer().array(names, (name, to) => to.string(name).int16(errors.none))
}

/** Throttle time, then success. */
const done: Answer = () => new Writer().int32(0).int16(errors.none)
/** Success. */
const fine: Answer = () => new Writer().int16(errors.none)

const alterConfigs: Answer = () => new Writer().int32(0).int32(0)

const answers: Readonly<Record<Api, Answer>> = {
  Produce: produce,
  Fetch: fetched,
  ListOffsets: listOffsets,
  Metadata: metadata,
  OffsetCommit: offsetCommit,
  OffsetFetch: offsetFetch,
  FindCoordinator: findCoordinator,
  JoinGroup: joinGroup,
  Heartbeat: fine,
  LeaveGroup: fine,
  SyncGroup: syncGroup,
  ApiVersions: apiVersions,
  CreateTopics: createTopics,
  InitProducerId: initProducerId,
  AddPartitionsToTxn: addPartitionsToTxn,
  AddOffsetsToTxn: done,
  EndTxn: done,
  TxnOffsetCommit: txnOffsetCommit,
  AlterConfigs: alterConfigs,
  IncrementalAlterConfigs: alterConfigs,
}
