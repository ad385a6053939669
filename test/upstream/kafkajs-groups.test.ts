import { describe } from 'node:test'
import { kafkajs, openConsumer, startCluster } from './clients.ts'
import { errors } from './mock-state.ts'
import { recordBatch, textRecord } from './record-batches.ts'
import { expected, neverHappens, rejectionOf, stillHappens } from './still-happens.ts'
import { Writer } from './wire.ts'

const { roundRobin } = kafkajs.PartitionAssigners
const { MemberAssignment } = kafkajs.AssignerProtocol

/** A cluster as far as an assigner asks it. */
const clusterOf = (partitions: number) =>
  ({
    findTopicPartitionMetadata: () => Array.from({ length: partitions }, (_, partitionId) => ({ partitionId })),
  }) as unknown as Parameters<typeof roundRobin>[0]['cluster']

/** Which member the built-in assigner gives each partition, by `topic/partition`. */
const assign = async (memberIds: readonly string[], topics: string[], partitions: number) => {
  const cluster = clusterOf(partitions)
  const assigner = roundRobin({ cluster, groupId: 'group', logger: new kafkajs.Kafka({ brokers: [''] }).logger() })
  const members = memberIds.map(memberId => ({ memberId, memberMetadata: assigner.protocol({ topics }).metadata }))
  const owners = new Map<string, string>()
  for (const { memberId, memberAssignment } of await assigner.assign({ members, topics })) {
    for (const [topic, numbers] of Object.entries(MemberAssignment.decode(memberAssignment)?.assignment ?? {}))
      for (const number of numbers) owners.set(`${topic}/${number}`, memberId)
  }
  return owners
}

/** A consumer whose handler is in the middle of a record until `release`. */
const startProcessing = async () => {
  const cluster = await startCluster({ topics: { in: 1 } })
  cluster.state.store('in', 0, recordBatch({ at: 0, records: [textRecord('slow')] }))
  const { consumer } = await openConsumer(cluster, ['in'])
  const batch = Promise.withResolvers<import('kafkajs').EachBatchPayload>()
  const released = Promise.withResolvers<void>()
  await consumer.run({
    eachBatch: payload => {
      batch.resolve(payload)
      return released.promise
    },
  })
  return { cluster, payload: await batch.promise, release: () => released.resolve() }
}

describe('kafkajs, groups', () => {
  stillHappens('no-heartbeat-while-processing', async () => {
    const { cluster, release } = await startProcessing()
    const before = cluster.count('Heartbeat')
    const isSilent = await neverHappens(() => cluster.count('Heartbeat') > before)
    release()
    return isSilent
  })

  stillHappens('stale-only-after-seek', async () => {
    const { cluster, payload, release } = await startProcessing()
    cluster.everyTime('Heartbeat', () => new Writer().int16(errors.rebalanceInProgress))
    const refusal = await untilRefused(() => payload.heartbeat())
    const isStale = payload.isStale()
    cluster.everyTime('Heartbeat', (_request, usual) => usual())
    release()
    return refusal !== undefined && !isStale
  })

  stillHappens('crash-leaves-process', async () => {
    const cluster = await startCluster({ topics: { in: 1 } })
    const { consumer, consumed } = await openConsumer(cluster, ['in'])
    cluster.everyTime('JoinGroup', () =>
      new Writer().int16(errors.groupAuthorizationFailed).int32(0).string('').string('').string('').int32(0),
    )
    const run = await rejectionOf(consumer.run({ eachMessage: () => Promise.resolve() }))
    await expected('a crash', () => consumed.crashes.length > 0)
    const asked = cluster.requests.length
    const isDead = await neverHappens(() => cluster.requests.length > asked)
    return run === undefined && isDead && consumed.crashes.every(({ restart }) => !restart)
  })

  stillHappens('assigner-splits', async () => {
    const owners = await assign(['a', 'b'], ['tracks', 'contacts'], 3)
    return [0, 1, 2].some(number => owners.get(`tracks/${number}`) !== owners.get(`contacts/${number}`))
  })

  stillHappens('assigner-forgets', async () => {
    const before = await assign(['b', 'c'], ['tracks'], 4)
    const after = await assign(['a', 'b', 'c'], ['tracks'], 4)
    return [...after].some(([partition, owner]) => owner !== 'a' && owner !== before.get(partition))
  })
})

/** A heartbeat is sent once the interval since the last one is over. */
const untilRefused = async (heartbeat: () => Promise<void>): Promise<Error | undefined> => {
  let refusal: Error | undefined
  const asking = setInterval(() => void rejectionOf(heartbeat()).then(error => (refusal ??= error)), 10)
  await expected('a refused heartbeat', () => refusal !== undefined).finally(() => clearInterval(asking))
  return refusal
}
