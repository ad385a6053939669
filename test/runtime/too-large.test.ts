import assert from 'node:assert/strict'
import { it } from 'node:test'
import { letterOf } from '../../services/dead-letters/letter.ts'
import { wayBack } from '../../services/dead-letters/way-back.ts'
import { hubspotContact } from '../../services/sinks/hubspot/objects.ts'
import { consumer, type Topology } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { deadLetters, hubspotWrites, identities, parked, tracks } from '../../topology/topics.ts'
import { startTestSystem, type TestSystem } from '../system.ts'
import { trackEvent } from '../tracks/events.ts'

const ada = 'email:ada@example.com'

const topologyWith = (ifMissing: 'create' | 'park'): Topology => ({
  ...pipeline,
  consumers: [
    consumer({
      name: 'last-track',
      reads: tracks,
      joins: { table: identities, by: 'person', ifMissing },
      writes: [hubspotContact],
      handle: ({ event }) => ({ writes: [hubspotContact.set({ zoom_webinar_comments: event.name })] }),
    }),
  ],
})

/** Written as it is, it has so many bytes. */
const eventOf = (system: TestSystem, bytes: number) => {
  const bare = system.codec.encode(tracks, trackEvent(ada, '')).length
  return trackEvent(ada, 'x'.repeat(bytes - bare))
}

const letters = async (system: TestSystem) => (await system.records(deadLetters.name)).map(letterOf)

it('18 a consumer does not stumble for ever over an event of which it makes more than a topic takes', async context => {
  const system = await startTestSystem(topologyWith('park'))
  context.after(() => system.close())
  await system.person(ada)
  await system.given(tracks, trackEvent(ada, 'before'), eventOf(system, 1_048_440), trackEvent(ada, 'after'))
  assert.deepEqual(
    (await system.values(hubspotWrites)).map(({ fields }) => fields['zoom_webinar_comments']),
    ['before', 'after'],
  )
  const [letter, ...others] = await letters(system)
  assert.deepEqual(others, [])
  assert.equal(letter?.code, 'RECORD_TOO_LARGE')
  assert.deepEqual([letter?.original.value, letter?.original.isLeftOut], [null, true])
  assert.deepEqual([letter?.original.topic, letter?.original.offset], [tracks.name, 1])
  const hubspot = { appId: null, properties: { contacts: [], companies: [] }, activities: true }
  const selection = { of: () => assert.fail('no webhook') }
  const parts = { codec: system.codec, topics: pipeline.topics, selection, hubspot }
  assert.throws(() => letter && wayBack(letter, parts), {
    code: 'DEAD_LETTER_WITHOUT_CONTENT',
    message: /tracks, partition \d+, offset 1\./,
  })
})

it('18 an event too large to be parked is set aside at once', async context => {
  const system = await startTestSystem(topologyWith('park'))
  context.after(() => system.close())
  await system.given(tracks, eventOf(system, 1_048_000))
  assert.deepEqual(await system.records(parked.name), [])
  assert.deepEqual(
    (await letters(system)).map(({ code }) => code),
    ['RECORD_TOO_LARGE'],
  )
})

it('18 an original that fits into a letter with its reason is kept whole', async context => {
  const system = await startTestSystem(topologyWith('park'))
  context.after(() => system.close())
  const event = eventOf(system, 1_047_000)
  await system.given(tracks, event)
  const [letter] = await letters(system)
  assert.deepEqual(letter?.original.value, system.codec.encode(tracks, event))
  assert.equal(letter?.original.isLeftOut, undefined)
})
