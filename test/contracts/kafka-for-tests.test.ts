import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, describe, test } from 'node:test'
import { Kafka, logLevel } from 'kafkajs'
import { dockerEngineAnswers, startTestKafka, type TestKafka } from '../kafka.ts'

// What tests may rely on, whichever implementation of the seam test/kafka.ts gives them. The embedded platform by itself: test/platform.
const skipContainers = (await dockerEngineAnswers()) ? false : 'no Docker engine answers here'

contract('the Kafka that this run uses', false, () => startTestKafka())
contract('Kafka in containers', skipContainers, () => startTestKafka({ only: 'containers' }))

function contract(name: string, skip: false | string, start: () => Promise<TestKafka>): void {
  describe(name, { skip }, () => {
    let started: Promise<TestKafka> | undefined
    const given = () => (started ??= start())
    after(async () => (await started)?.stop())

    test('commits a transaction of records and reads it back', async () => {
      const { brokers } = await given()
      const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING })
      const topic = `contract-${randomUUID()}`
      await createTopic(kafka, topic)
      const producer = kafka.producer({ transactionalId: topic, maxInFlightRequests: 1, idempotent: true })
      await producer.connect()
      const transaction = await producer.transaction()
      await transaction.send({
        topic,
        messages: [
          { key: 'a', value: '1' },
          { key: 'b', value: '2' },
        ],
      })
      await transaction.commit()
      await producer.disconnect()
      assert.deepEqual(await readTwo(kafka, topic), ['a=1', 'b=2'])
    })

    test('makes no topic by itself', async () => {
      const { brokers } = await given()
      const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 0 } })
      const topic = `misspelt-${randomUUID()}`
      const producer = kafka.producer({ allowAutoTopicCreation: true })
      await producer.connect()
      const outcome = await producer.send({ topic, messages: [{ value: 'x' }] }).catch(() => 'refused')
      await producer.disconnect()
      assert.equal(outcome, 'refused')
    })

    test('refuses an incompatible schema with 409', async () => {
      const { registryUrl } = await given()
      const subject = `contract-${randomUUID()}-value`
      const put = await fetch(`${registryUrl}/config/${subject}`, json('PUT', { compatibility: 'BACKWARD_TRANSITIVE' }))
      assert.equal(put.status, 200)
      const statuses: number[] = []
      for (const field of ['first', 'added-without-default']) {
        const fields = [{ name: field.replaceAll('-', '_'), type: 'string' }]
        const schema = JSON.stringify({ type: 'record', name: 'Contract', fields })
        statuses.push((await fetch(`${registryUrl}/subjects/${subject}/versions`, json('POST', { schema }))).status)
      }
      assert.deepEqual(statuses, [200, 409])
    })
  })
}

async function createTopic(kafka: Kafka, topic: string): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: 1 }], waitForLeaders: true })
  await admin.disconnect()
}

async function readTwo(kafka: Kafka, topic: string): Promise<string[]> {
  const consumer = kafka.consumer({ groupId: topic })
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  const records: string[] = []
  await new Promise<void>((resolve, reject) => {
    const eachMessage = ({ message }: { message: { key: Buffer | null; value: Buffer | null } }) => {
      if (records.push(`${message.key}=${message.value}`) === 2) resolve()
      return Promise.resolve()
    }
    consumer.run({ eachMessage }).catch(reject)
  })
  await consumer.disconnect()
  return records
}

function json(method: string, body: unknown): RequestInit {
  return { method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
}
