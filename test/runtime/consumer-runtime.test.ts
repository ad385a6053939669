import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { hubspotContact } from '../../services/sinks/hubspot/objects.ts'
import { consumer, type IfMissing, type Topology } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import {
  deadLetters,
  hubspotWrites,
  identities,
  identityClaims,
  parked,
  tracks,
  webinars,
} from '../../topology/topics.ts'
import { startTestSystem, type TestSystem } from '../system.ts'
import { trackEvent } from '../tracks/events.ts'

const ada = 'email:ada@example.com'
const grace = 'email:grace@example.com'

/** A consumer of tracks that writes the event's name to the contact, unless the event says otherwise. */
const topologyWith = (ifMissing: IfMissing): Topology => ({
  ...pipeline,
  consumers: [
    consumer({
      name: 'last-track',
      reads: tracks,
      joins: { table: identities, by: 'person', ifMissing },
      writes: [hubspotContact],
      handle: ({ event }) => {
        if (event.name === 'poison') throw new TypeError('a value that must not be seen: ada@example.com')
        return { writes: [hubspotContact.set({ zoom_webinar_comments: event.name })] }
      },
    }),
  ],
})

const seen = { time: 0, kind: 'SEEN', attributes: {}, source: 'test:default' } as const

let system: TestSystem
const start = async (ifMissing: IfMissing, options: Parameters<typeof startTestSystem>[1] = {}): Promise<void> => {
  system = await startTestSystem(topologyWith(ifMissing), options)
}
afterEach(() => system.close())

const written = async (): Promise<unknown[]> =>
  (await system.values(hubspotWrites)).map(({ fields }) => fields['zoom_webinar_comments'])
const reasons = async (): Promise<(string | undefined)[]> =>
  (await system.records(deadLetters.name)).map(({ headers }) => headers['error.code']?.toString())
const send = (record: { key: string | null; value: Buffer | null; partition?: number }): Promise<void> => append(record)
const append = async (record: { key: string | null; value: Buffer | null; partition?: number }): Promise<void> => {
  const publisher = await system.kafka.publisher('foreign')
  await publisher.publish([{ topic: tracks.name, ...record }])
  await publisher.close()
  await system.settle()
}

describe('an event whose person is not known', () => {
  it('K2 park: of a crowd that appeared while nobody looked each is handled once, and nothing is left waiting', async () => {
    await start('park')
    const crowd = Array.from({ length: 2_800 }, (_, index) => `email:${index}@example.com`)
    await system.given(tracks, ...crowd.map(alias => trackEvent(alias, alias)))
    assert.equal(await system.metrics.value('tributary_parked_events'), crowd.length)
    await system.restart(pipeline.resolver.name)
    const claims = crowd.map(alias => ({ ...seen, id: `seen:${alias}`, aliases: [alias] }))
    await system.given(identityClaims, ...claims)
    await system.restart()
    assert.deepEqual((await written()).toSorted(), crowd.toSorted())
    assert.equal(await system.metrics.value('tributary_parked_events'), 0)
  })

  it('K2 park: waits, and is handled once when the person appears', async () => {
    await start('park')
    await system.given(tracks, trackEvent(ada, 'first'), trackEvent(ada, 'second'))
    assert.deepEqual(await written(), [])
    await system.person(ada)
    assert.deepEqual(await written(), ['first', 'second'])
    assert.equal(await system.metrics.value('tributary_parked_events'), 0)
    await system.restart()
    assert.deepEqual(await written(), ['first', 'second'])
  })

  it('K2 park: survives a restart and is then handled in order', async () => {
    await start('park')
    await system.given(tracks, trackEvent(ada, 'first'))
    await system.restart()
    await system.given(tracks, trackEvent(ada, 'second'))
    system.kafka.compact(parked.name)
    await system.restart()
    await system.person(ada)
    assert.deepEqual(await written(), ['first', 'second'])
  })

  it('K4 park: what waited for several aliases of one person is handled as it came, not alias by alias', async () => {
    await start('park')
    const [first, second] = ['email:z@example.com', 'email:a@example.com']
    await system.given(tracks, trackEvent(first, 'first'), trackEvent(second, 'second'))
    await system.person(second, first)
    assert.deepEqual(await written(), ['first', 'second'])
  })

  it('K2 park: a repeat changes nothing of what waits, neither its place nor what came first, over a restart too', async () => {
    await start('park')
    const first = trackEvent(ada, 'first')
    await system.given(tracks, first, trackEvent(ada, 'second'))
    await system.given(tracks, { ...first, receivedAt: first.receivedAt + 1_000 })
    await system.restart()
    await system.person(ada)
    assert.deepEqual(await written(), ['first', 'second'])
    const [write] = await system.values(hubspotWrites)
    assert.equal(write?.cause.receivedAt, first.receivedAt)
  })

  it('K2 park: somebody else is not held up', async () => {
    await start('park')
    await system.person(grace)
    await system.given(tracks, trackEvent(ada, 'waits'), trackEvent(grace, 'goes'))
    assert.deepEqual(await written(), ['goes'])
  })

  it('K7 park: becomes a dead letter after PARK_LIMIT, with its original bytes', async () => {
    await start('park', { parkLimitMs: 60_000 })
    const event = trackEvent(ada, 'waits')
    await system.given(tracks, event)
    system.clock.advance(61_000)
    await system.settle()
    assert.deepEqual(await reasons(), ['PARK_LIMIT'])
    const [letter] = await system.records(deadLetters.name)
    assert.deepEqual([letter?.key?.toString(), letter?.value], [ada, system.codec.encode(tracks, event)])
    await system.person(ada)
    assert.deepEqual(await written(), [])
  })

  it('K2 create: claims the alias, and the event is handled for the person that is minted', async () => {
    await start('create')
    await system.given(tracks, trackEvent(ada, 'first'))
    assert.deepEqual(await written(), ['first'])
    assert.deepEqual(
      (await system.values(identityClaims)).map(({ aliases, source }) => [aliases, source]),
      [[[ada], 'last-track']],
    )
  })

  it('skip: is dropped and counted', async () => {
    await start('skip')
    await system.given(tracks, trackEvent(ada, 'first'))
    await system.person(ada)
    assert.deepEqual(await written(), [])
    assert.equal(await system.metrics.value('tributary_events_total', { outcome: 'skipped' }), 1)
  })

  it('K7 dead-letter: is set aside at once', async () => {
    await start('dead-letter')
    await system.given(tracks, trackEvent(ada, 'first'))
    assert.deepEqual(await reasons(), ['PERSON_UNKNOWN'])
  })
})

describe('what cannot be handled', () => {
  it('K7 a handler that throws sets its event aside without telling values, and the next event goes on', async () => {
    await start('park')
    await system.person(ada)
    await system.given(tracks, trackEvent(ada, 'poison'), trackEvent(ada, 'next'))
    assert.deepEqual([await reasons(), await written()], [['HANDLER_FAILED'], ['next']])
    const [letter] = await system.records(deadLetters.name)
    assert.doesNotMatch(
      JSON.stringify(Object.entries(letter?.headers ?? {}).map(([name, value]) => [name, value.toString()])),
      /ada@/,
    )
  })

  it('foreign and truncated bytes are set aside with their reason', async () => {
    await start('park')
    await system.person(ada)
    const whole = system.codec.encode(tracks, trackEvent(ada, 'x'))
    await send({ key: ada, value: Buffer.from('{"json":true}') })
    await send({ key: ada, value: Buffer.from([0, 1]) })
    await send({ key: ada, value: whole.subarray(0, whole.length - 3) })
    await send({ key: ada, value: Buffer.concat([whole, Buffer.from([1])]) })
    assert.deepEqual(await reasons(), ['UNDECODABLE', 'UNDECODABLE', 'UNDECODABLE', 'UNDECODABLE'])
  })

  it('a record without a key is handled where no row depends on it', async () => {
    await start('park')
    await system.person(ada)
    await send({ key: null, partition: 2, value: system.codec.encode(tracks, trackEvent(ada, 'keyless')) })
    assert.deepEqual(await written(), ['keyless'])
  })

  it('a record without a key is set aside where a row would depend on it', async () => {
    system = await startTestSystem(pipeline)
    const publisher = await system.kafka.publisher('foreign')
    await publisher.publish([{ topic: webinars.name, key: null, partition: 0, value: Buffer.from([0, 0, 0, 0, 1]) }])
    await publisher.close()
    await system.settle()
    assert.ok((await reasons()).includes('KEY_MISSING'))
  })

  it('K9 a null value on a stream keyed by alias forgets that person', async () => {
    await start('park')
    await system.person(ada)
    await send({ key: ada, value: null })
    assert.equal(system.pipeline.directory.find(ada).status, 'erased')
    await system.given(tracks, trackEvent(ada, 'later'))
    assert.deepEqual([await written(), await reasons()], [[], []])
    assert.equal(await system.metrics.value('tributary_events_total', { outcome: 'erased' }), 2)
  })

  it('K7 too many at once stop the consumer before they are set aside', async () => {
    await start('park', { deadLettersPerMinute: 2 })
    await system.person(ada)
    await system.given(tracks, ...['poison', 'poison', 'poison'].map(name => trackEvent(ada, name)))
    assert.deepEqual(await reasons(), [])
    const status = system.pipeline.status().find(({ name }) => name === 'last-track')
    assert.equal(status?.state, 'stopped')
    assert.match(status?.reason ?? '', /^DEAD_LETTER_CEILING: /)
  })
})

describe('crashes', () => {
  it('K4 a commit whose answer was lost is done once', async () => {
    await start('park')
    await system.person(ada)
    system.kafka.failNextCommit('last-track')
    await system.given(tracks, trackEvent(ada, 'first'))
    system.clock.advance(60_000)
    await system.settle()
    assert.deepEqual(await written(), ['first'])
  })
})
