import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runBackfill } from '../../services/backfill/backfill.ts'
import type { OutgoingRecord } from '../../services/kafka/kafka.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { tasks } from '../../topology/topics.ts'
import { startTelling } from './telling.ts'

describe('how far a backfill has come', () => {
  it('T2 is kept when Kafka has all that was told up to there, and not with it', async context => {
    const { using, parts, told, kafka, addTasks } = await startTelling(context)
    await addTasks(130)
    let chunks = 0
    const flaky = Object.assign(Object.create(kafka), {
      publisher: async (name: string) => {
        const own = await kafka.publisher(name)
        const publish = async (records: readonly OutgoingRecord[]) => {
          const isChunk = records.some(({ topic }) => topic === tasks.name)
          if (isChunk) chunks += 1
          if (!isChunk || chunks !== 2) return own.publish(records)
          await own.publish(records.filter(({ topic }) => topic !== tasks.name))
          throw new Error('no acknowledgement of some partitions')
        }
        return { ...own, publish }
      },
    })
    const { signal } = new AbortController()
    const request = {
      parts: parts({ from: 'hubspot' }),
      since: null,
      rate: 0,
      restart: false,
      signal,
      onProgress: () => undefined,
    }
    const workers = [{ name: 'task-links', topic: tasks.name }] as const
    const rest = { directory: { find: () => ({ status: 'missing' }) as const }, logger: silentLogger, workers }
    await assert.rejects(runBackfill({ ...using, kafka: flaky, ...rest }, request))
    await runBackfill({ ...using, kafka, ...rest }, request)
    assert.equal(new Set((await told()).map(({ record }) => record)).size, 130)
  })
})
