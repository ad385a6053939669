import assert from 'node:assert/strict'
import { it } from 'node:test'
import { queryObjects } from 'node:v8'
import { ConsumerTask } from '../../services/runtime/process/consumer-task.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { webinars } from '../../topology/topics.ts'
import { startTestSystem } from '../system.ts'
import { registered } from '../webinars/events.ts'

const partitions = [0, 1, 2, 3]
const ada = ['zoom:registrant:r-ada', 'email:ada@example.com'] as const

it('a task that another took over from is not kept in memory, nor its rows, while the process lives', async () => {
  const system = await startTestSystem(pipeline)
  await system.person(...ada)
  const tasksAfter = async (takeovers: number): Promise<number> => {
    for (let count = 0; count < takeovers; count++) {
      for (const partition of partitions) system.kafka.takeOver('webinar-contact', partition)
      await system.given(webinars, registered(ada))
      system.clock.advance(30_000)
      await system.settle()
    }
    return queryObjects(ConsumerTask, { format: 'count' })
  }
  const before = await tasksAfter(0)
  const after = await tasksAfter(20)
  assert.ok(after <= before, `${before} tasks became ${after}`)
  await system.close()
})
