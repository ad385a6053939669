import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { consumer } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { deadLetters, hubspotEvents, identities, webinars } from '../../topology/topics.ts'
import { startTestSystem, type TestSystem } from '../system.ts'
import { ended, joined, left, registered, settled, started } from '../webinars/events.ts'

const ada = ['zoom:registrant:r-ada', 'email:ada@example.com'] as const
const grace = ['zoom:registrant:r-grace', 'email:grace@example.com'] as const

const handled: string[] = []
const recorder = consumer({
  name: 'recorder',
  reads: webinars,
  joins: { table: identities, by: 'person', ifMissing: 'park' },
  waitsForParked: ({ kind }) => kind === 'SETTLED',
  writes: [],
  handle: ({ event }) => {
    handled.push(`${event.kind} ${event.number}`)
    return { writes: [] }
  },
})

let system: TestSystem
const start = async (options: Parameters<typeof startTestSystem>[1] = {}): Promise<void> => {
  handled.length = 0
  system = await startTestSystem({ ...pipeline, consumers: [recorder] }, options)
}
afterEach(() => system.close())

describe('an event that makes final what its key tells', () => {
  it('K2 waits until no event of its key is parked', async () => {
    await start()
    await system.given(webinars, registered(ada, { number: '1' }), registered(grace, { number: '1' }))
    await system.given(webinars, settled({ number: '1' }), { ...ended(), number: '1' }, settled({ number: '2' }))
    assert.deepEqual(handled.toSorted(), ['ENDED 1', 'SETTLED 2'])
    await system.person(...grace)
    assert.deepEqual(handled.slice(2), ['REGISTERED 1'])
    await system.person(...ada)
    assert.deepEqual(handled.slice(3), ['REGISTERED 1', 'SETTLED 1'])
    assert.equal(await system.metrics.value('tributary_parked_events'), 0)
  })

  it('K2 waits over a restart, and for those whose time runs out', async () => {
    await start({ parkLimitMs: 60_000 })
    await system.given(webinars, registered(ada), settled())
    await system.restart()
    assert.deepEqual(handled, [])
    system.clock.advance(61_000)
    await system.settle()
    assert.equal(handled.length, 1)
    const letters = await system.records(deadLetters.name)
    assert.deepEqual(
      letters.map(({ headers }) => headers['error.code']?.toString()),
      ['PARK_LIMIT'],
    )
  })

  it('K9 waits neither for what came before an erasure that was lifted, nor for what is told late of that time', async () => {
    await start()
    await system.given(webinars, registered(ada), settled())
    await system.restart(pipeline.resolver.name)
    await system.claim({ aliases: [...ada], kind: 'ERASE' })
    system.clock.advance(1_000)
    await system.claim({ aliases: [...ada], kind: 'LIFT' })
    await system.restart()
    assert.deepEqual(handled, [`SETTLED ${settled().number}`])
    await system.given(webinars, joined(ada, 'late', 10), settled())
    assert.equal(handled.length, 2)
    system.clock.advance(1_000)
    await system.person(...ada)
    await system.given(webinars, joined(ada, 'later', 11), joined(ada, 'new', 190))
    assert.deepEqual(handled.slice(2), [`JOINED ${settled().number}`])
    assert.equal(await system.metrics.value('tributary_parked_events'), 0)
  })

  it('K9 waits no longer for those who are erased', async () => {
    await start()
    await system.given(webinars, registered(ada), settled())
    await system.claim({ aliases: [...ada], kind: 'ERASE' })
    assert.equal(handled.length, 1)
  })
})

describe('whose join waits for their identity', () => {
  it('Z4 has not missed the webinar that is settled meanwhile', async () => {
    system = await startTestSystem({ ...pipeline, sinks: [] })
    await system.restart('webinar-attendance', 'webinar-contact')
    const events = [started(), registered(ada), joined(ada, 's1', 5), left(ada, 's1', 50), ended(), settled()]
    await system.given(webinars, ...events)
    await system.restart()
    await system.person(...ada)
    const told = (await system.values(hubspotEvents)).map(({ object }) => object)
    assert.deepEqual([...new Set(told)].sort(), [
      'zoom_webinar_attended',
      'zoom_webinar_joined',
      'zoom_webinar_registered',
    ])
  })
})
