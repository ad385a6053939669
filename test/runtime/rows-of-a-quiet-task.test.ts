import assert from 'node:assert/strict'
import { it, mock } from 'node:test'
import { pipeline } from '../../topology/pipeline.ts'
import { webinarHistories, webinars } from '../../topology/topics.ts'
import { startTestSystem } from '../system.ts'
import { registered } from '../webinars/events.ts'

const people = Array.from(
  { length: 40 },
  (_, number) => [`zoom:registrant:r${number}`, `email:person${number}@example.com`] as const,
)
/** Of each partition the group worked on last stays. */
const PARTITIONS = 4

it('the rows of a task are let go when nothing has asked for them for a while, though nothing more comes', async () => {
  const system = await startTestSystem(pipeline)
  const decode = mock.method(system.codec, 'decode')
  const decodedWhenAllCome = async (): Promise<number> => {
    decode.mock.resetCalls()
    await system.given(webinars, ...people.map(aliases => registered(aliases)))
    return decode.mock.calls.filter(call => call.arguments[0] === webinarHistories).length
  }
  for (const aliases of people) await system.person(...aliases)
  await decodedWhenAllCome()
  assert.equal(await decodedWhenAllCome(), 0)
  // Beyond the look before it was a minute ago, too.
  for (let look = 0; look < 8; look++) {
    system.clock.advance(10_000)
    await system.settle()
  }
  const anew = await decodedWhenAllCome()
  assert.ok(anew >= people.length - PARTITIONS, `${anew} of ${people.length} rows were decoded anew`)
  await system.close()
})
