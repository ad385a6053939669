import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { memoryDestination } from '../../services/delivery/memory.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { pipeline } from '../../topology/pipeline.ts'
import {
  attendances,
  delivered,
  identities,
  parked,
  participations,
  webinarHistories,
  webinars,
} from '../../topology/topics.ts'
import { startTestSystem, type TestSystem } from '../system.ts'
import { ended, joined, registered, started } from '../webinars/events.ts'

const ada = ['zoom:registrant:r-ada', 'email:ada@example.com'] as const
const grace = ['zoom:registrant:r-grace', 'email:grace@example.com'] as const

let system: TestSystem
let hubspot: ReturnType<typeof memoryDestination>

const webinarOfBoth = async (): Promise<void> => {
  for (const aliases of [ada, grace]) await system.claim({ aliases })
  await system.given(
    webinars,
    registered(ada),
    registered(grace),
    started(),
    joined(ada, 'a', 1),
    joined(grace, 'g', 2),
  )
}

const forgetAndLift = async (): Promise<void> => {
  const aliases = [...ada, 'hubspot:contact:501']
  await system.claim({ kind: 'ERASE', aliases: ['email:ada@example.com'], time: system.clock.now() })
  system.clock.advance(1_000)
  await system.claim({ kind: 'LIFT', aliases, time: system.clock.now() })
  system.clock.advance(1_000)
}

/** Every key and value of the tables as text: what a person looking at Kafka after compaction would find. */
const everythingKept = async (): Promise<string> => {
  const tables = await Promise.all(
    [identities, attendances, webinarHistories, delivered].map(table => system.rows<unknown>(table)),
  )
  return JSON.stringify([
    ...tables.map(rows => [...rows]),
    (await system.records(parked.name)).filter(({ value }) => value !== null),
  ])
}

describe('an erasure', () => {
  beforeEach(async () => {
    hubspot = memoryDestination({ clock: systemClock, name: 'hubspot' })
    system = await startTestSystem(pipeline, { destinations: new Map([['hubspot', hubspot]]) })
    await webinarOfBoth()
  })
  afterEach(() => system.close())

  it('K9 leaves nothing of the person in any table, what was delivered included, and everything of others', async () => {
    const before = await system.rows(delivered)
    assert.equal(before.size, 2)
    await system.claim({ kind: 'ERASE', aliases: ['email:ada@example.com'], time: system.clock.now() })
    assert.doesNotMatch(await everythingKept(), /ada@example|r-ada/)
    assert.match(await everythingKept(), /grace@example/)
    assert.equal((await system.rows(delivered)).size, 1)
  })

  it('K9 reaches what is kept also when only the resolver ran at the time', async () => {
    await system.restart(pipeline.resolver.name)
    await system.claim({ kind: 'ERASE', aliases: ['email:ada@example.com'], time: system.clock.now() })
    assert.match(await everythingKept(), /r-ada/)
    await system.restart()
    assert.doesNotMatch(await everythingKept(), /ada@example|r-ada/)
    assert.equal((await system.rows(delivered)).size, 1)
  })

  it('K9 reaches what is kept also when it was lifted before the consumers knew of it', async () => {
    const end = ended()
    await system.restart(pipeline.resolver.name)
    await forgetAndLift()
    await system.given(webinars, end)
    await system.restart()
    assert.doesNotMatch(await everythingKept(), /ada@example|r-ada/)
    const told = (await system.values(participations)).filter(({ eventId }) => eventId.startsWith(end.eventId))
    assert.deepEqual(
      told.map(({ person }) => person),
      ['zoom:registrant:r-grace'],
    )
  })

  it('K9 tells nobody of a row from before it, however many there are to look through', async () => {
    const others = Array.from({ length: 60 }, (_, index) => ({ number: String(1_000 + index) }))
    await system.given(webinars, ...others.map(other => registered(ada, other)))
    await system.restart(pipeline.resolver.name)
    await forgetAndLift()
    await system.person(...ada)
    const before = (await system.values(participations)).length
    await system.given(webinars, ...others.map(other => ({ ...ended(), ...other })))
    await system.restart()
    assert.equal((await system.values(participations)).length, before)
  })

  it('K9 lets who came back begin anew, also when nobody but the resolver knew of it', async () => {
    const [before] = (await system.rows(delivered)).keys()
    await system.restart(pipeline.resolver.name)
    await forgetAndLift()
    const id = await system.person(...ada, 'hubspot:contact:501')
    await system.restart()
    assert.doesNotMatch(JSON.stringify([...(await system.rows(attendances))]), /r-ada/)
    await system.given(webinars, joined(ada, 'back', 190))
    const row = (await system.rows(webinarHistories)).get(id)
    assert.deepEqual(
      row?.participations.map(({ registration, sessions }) => [registration, sessions.length]),
      [[null, 1]],
    )
    assert.equal((await system.rows(delivered)).get(before ?? '')?.person, id)
    assert.equal(hubspot.records.get('501')?.fields['zoom_webinar_registration_count'], 0)
  })

  it('K9 keeps the others going', async () => {
    await system.claim({ kind: 'ERASE', aliases: ['email:ada@example.com'], time: system.clock.now() })
    await system.given(webinars, joined(ada, 'again', 30), ended())
    const rows = await system.rows(webinarHistories)
    assert.equal(rows.size, 1)
    assert.deepEqual(
      [...rows.values()].flatMap(({ participations }) => participations.map(({ person }) => person)),
      ['zoom:registrant:r-grace'],
    )
  })
})
