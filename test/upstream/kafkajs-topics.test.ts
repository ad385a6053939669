import { describe } from 'node:test'
import { kafkajs, openAdmin, openProducer, startCluster } from './clients.ts'
import { rejectionOf, stillHappens } from './still-happens.ts'

const topics = [{ topic: 'new', numPartitions: 1 }]

describe('kafkajs, topics', () => {
  stillHappens('fresh-topic-has-no-leader', async () => {
    const cluster = await startCluster()
    const admin = await openAdmin(cluster)
    cluster.nextTime('CreateTopics', async (_request, usual) => {
      const answer = await usual()
      const made = cluster.state.partition('new', 0)
      cluster.state.topics.delete('new')
      cluster.nextTime('Metadata', async (_asked, describe) => {
        const unknown = await describe()
        cluster.state.topics.set('new', [made])
        return unknown
      })
      return answer
    })
    return (await rejectionOf(admin.createTopics({ topics }))) !== undefined
  })

  stillHappens('asking-creates-topics', async () => {
    const cluster = await startCluster({ offers: { Metadata: 4 } })
    const mayCreate: boolean[] = []
    cluster.everyTime('Metadata', ({ body }) => {
      body.array(topic => topic.string())
      mayCreate.push(body.int8() === 1)
      return 'hang up'
    })
    const producer = await openProducer(cluster, { retry: { retries: 0 } })
    await rejectionOf(producer.send({ topic: 'mistyped', messages: [{ value: 'v' }] }))
    if (mayCreate.length === 0) throw new Error('Nothing was asked')
    return mayCreate.some(may => may)
  })

  stillHappens('deleted-topic-haunts-admin', async () => {
    const cluster = await startCluster({ topics: { gone: 1 } })
    const admin = await openAdmin(cluster)
    await admin.fetchTopicOffsets('gone')
    cluster.state.topics.delete('gone')
    const attempts = [
      await rejectionOf(admin.createTopics({ topics, waitForLeaders: false })),
      await rejectionOf(admin.createTopics({ topics, waitForLeaders: false })),
    ]
    return attempts.every(failure => failure !== undefined)
  })

  stillHappens('config-replaced', async () => {
    const cluster = await startCluster({ topics: { in: 1 } })
    const admin = await openAdmin(cluster)
    const resource = { type: kafkajs.ConfigResourceTypes.TOPIC, name: 'in' }
    const configEntries = [{ name: 'retention.ms', value: '1000' }]
    await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] })
    const changes = Object.keys(admin).filter(name => /alterconfig/i.test(name))
    return cluster.count('AlterConfigs') === 1 && changes.length === 1
  })
})
