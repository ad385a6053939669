import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ChunkPace } from '../../services/backfill/pace.ts'
import { taskWorkers } from '../../services/backfill/parts.ts'
import { type Behind, Room } from '../../services/backfill/room.ts'
import type { Clock } from '../../services/runtime/clock.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { manualClock } from '../clock.ts'

const { signal } = new AbortController()
const workers = [
  { name: 'task-links', topic: 'tasks' },
  { name: 'salesforce', topic: 'salesforce-writes' },
]

/** A clock that only sleeps move. */
const passing = (): Clock => {
  const clock = manualClock()
  return {
    now: clock.now,
    sleep: ms => {
      clock.advance(ms)
      return Promise.resolve()
    },
  }
}

/** Services that have so many records before them, partition by partition; each time that it is looked the next, and the last for ever. */
const roomBehind = (behind: Readonly<Record<string, readonly (readonly number[])[]>>, clock: Clock = passing()) => {
  const looks = new Map<string, number>()
  const lag = (group: string, [topic = '']: readonly string[]) => {
    const look = looks.get(group) ?? 0
    looks.set(group, look + 1)
    const all = behind[group] ?? [[0]]
    const counts = all[Math.min(look, all.length - 1)] ?? []
    return Promise.resolve(counts.map((records, partition) => ({ topic, partition, records, ageMs: 0 })))
  }
  return new Room({ lag } as ConstructorParameters<typeof Room>[0], clock, workers)
}

const waitedFor = async (room: Room): Promise<readonly (Behind | undefined)[]> => {
  const heard: (Behind | undefined)[] = []
  await room.wait(signal, behind => heard.push(behind))
  return heard
}

describe('room for a backfill', () => {
  it('T2 is there while no service has more than 500 records before it, in all its partitions together', async () => {
    assert.deepEqual(await waitedFor(roomBehind({ 'task-links': [[250, 250]] })), [])
    assert.deepEqual(await waitedFor(roomBehind({ 'task-links': [[250, 251], [500]] })), [
      { name: 'task-links', records: 501 },
      undefined,
    ])
  })

  it('T2 is waited for at the sinks as well, and it is said for whom', async () => {
    assert.deepEqual(await waitedFor(roomBehind({ salesforce: [[501], [800], [0]] })), [
      { name: 'salesforce', records: 501 },
      { name: 'salesforce', records: 800 },
      undefined,
    ])
  })

  it('T2 is at the consumer of tasks and at both sinks that it writes to', () => {
    assert.deepEqual(
      taskWorkers(pipeline).map(({ name, topic }) => [name, topic]),
      [
        ['task-links', 'tasks'],
        ['hubspot-tasks', 'hubspot-tasks'],
        ['salesforce', 'salesforce-writes'],
      ],
    )
  })

  it('T2 at the end is waited for until the consumer has done all, but not for ever', async () => {
    const looked = async (behind: readonly (readonly number[])[]): Promise<number> => {
      const clock = passing()
      const began = clock.now()
      await roomBehind({ 'task-links': behind, salesforce: [[900]] }, clock).done('task-links', 30_000, signal)
      return clock.now() - began
    }
    assert.deepEqual([await looked([[3], [1], [0]]), await looked([[1]])], [2_000, 30_000])
  })
})

describe('the pace of a backfill', () => {
  it('T2 spreads what is told, and does not catch up after a pause', async () => {
    const clock = passing()
    const pace = new ChunkPace(clock, 10)
    const turn = async (): Promise<number> => {
      const began = clock.now()
      await pace.turn(signal)
      pace.told(50)
      return clock.now() - began
    }
    assert.deepEqual([await turn(), await turn()], [0, 5_000])
    await clock.sleep(60_000)
    assert.deepEqual([await turn(), await turn()], [0, 5_000])
  })

  it('T2 has no limit at a rate of 0', async () => {
    const clock = passing()
    const [pace, began] = [new ChunkPace(clock, 0), clock.now()]
    pace.told(1_000)
    await pace.turn(signal)
    assert.equal(clock.now(), began)
  })
})
