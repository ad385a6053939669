import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Participation } from '../../schemas/generated.ts'
import webinarContact from '../../services/consumers/webinar-contact.ts'
import { hubspotWebinarEvents } from '../../services/sinks/hubspot/objects.ts'
import { salesforceTask } from '../../services/sinks/salesforce/objects.ts'
import { mergeHistories, withParticipation } from '../../services/webinars/history.ts'
import { webinarStart } from '../webinars/events.ts'
import { participation } from '../webinars/participations.ts'
import { ada, drive, type Output, writesTo } from './drive.ts'

const nothing = { participations: [] }
const running = { runs: [[0, null]] } as const
const settled = { runs: [[0, 60]], settled: true } as const
/** The minute of the time 0. */
const beforeReceipts = -webinarStart / 60_000
const [registrant, guest] = ['zoom:registrant:r1', 'email:ada@home.example']

/** The once keys of occurrences and the keys of tasks, each once. */
const keysIn = (outputs: readonly Output[]): readonly string[] => {
  const once = hubspotWebinarEvents.flatMap(({ target }) => writesTo(outputs, target).map(write => write.once))
  const keys = writesTo(outputs, salesforceTask.target).map(({ key }) => key)
  return [...new Set([...once, ...keys].map(String))].sort()
}

/** What is made for two people, of each of whom this was told, and then of them as one person. */
const madeOf = (...people: readonly (readonly Participation[])[]): readonly string[] => {
  const apart = people.flatMap(told => {
    const consumer = drive(webinarContact)
    consumer.given(...told)
    return consumer.outputs
  })
  const { keepsPerPerson } = webinarContact
  assert.ok(keepsPerPerson)
  const histories = people.map(told => told.reduce(withParticipation, nothing))
  return [histories, histories.toReversed()]
    .flatMap(order => {
      const row = order.reduce(mergeHistories, nothing)
      const together = keepsPerPerson.restate({ row: row as never, person: ada }) as readonly Output[]
      return [keysIn([...apart, ...together])]
    })
    .reduce((one, other) => {
      assert.deepEqual(one, other)
      return one
    })
}

/** One registered, the other came: apart they have these, and no merge may add to them. */
const [registeredAs, joinedAs] = [registrant, guest].map(id => `93498765432:${id}`)
const [registration, arrival] = [`registered:${registeredAs}`, `joined:${joinedAs}`]
const task = `webinar:${joinedAs}`

describe('webinar-contact: two participants who turn out to be one person', () => {
  const registers = { participant: registrant }
  const comes = { participant: guest, registeredAt: null, firstReceivedAt: 5 }
  const cases: { when: string; given: readonly (readonly Participation[])[]; keys: readonly string[] }[] = [
    {
      when: 'one had registered, the other joined',
      given: [
        [participation({ ...registers, ...running })],
        [participation({ ...comes, ...running, sessions: [[5, null]] })],
      ],
      keys: [arrival, registration, task],
    },
    {
      when: 'one had joined, the other was then registered',
      given: [
        [participation({ ...comes, ...running, sessions: [[5, null]] })],
        [participation({ ...registers, ...running, registeredAt: 10, firstReceivedAt: 10 })],
      ],
      keys: [arrival, registration, task],
    },
    {
      when: 'one had missed the webinar, the other attended, and it is settled',
      given: [
        [participation({ ...registers, ...settled })],
        [participation({ ...comes, ...settled, sessions: [[5, 60]] })],
      ],
      keys: [`attended:${joinedAs}`, arrival, `missed:${registeredAs}`, registration, task],
    },
    {
      when: 'one had been known longer by a cancelled registration, the other missed the webinar',
      given: [
        [participation({ participant: guest, ...settled, registeredAt: -2_000, stoodAt: null, status: 'CANCELLED' })],
        [participation({ ...registers, ...settled })],
      ],
      keys: [`missed:${registeredAs}`, registration],
    },
  ]
  for (const { when, given, keys } of cases) {
    it(`Z14 ${when}: nothing is made a second time`, () => assert.deepEqual(madeOf(...given), keys.toSorted()))
  }

  it('Z14 the registrant joins too, once they are one: what was made keeps its name', () => {
    const consumer = drive(webinarContact)
    consumer.given(
      participation({ ...comes, ...running, sessions: [[5, null]] }),
      participation({ ...registers, ...running }),
      participation({ ...registers, ...running, sessions: [[3, null]], joinReceivedAt: 20, revision: 2 }),
      participation({
        ...registers,
        ...settled,
        sessions: [[3, 60]],
        joinReceivedAt: 20,
        revision: 3,
        webinarRevision: 2,
      }),
    )
    assert.deepEqual(keysIn(consumer.outputs), [`attended:${joinedAs}`, arrival, registration, task].toSorted())
  })

  it('Z14 a join that only the report tells counts from when it was read', () => {
    const consumer = drive(webinarContact)
    consumer.given(
      participation({ ...comes, ...running, sessions: [[30, null]] }),
      participation({
        ...registers,
        ...settled,
        rows: [[5, 60]],
        reported: true,
        joinReceivedAt: 90,
        webinarRevision: 2,
      }),
    )
    assert.ok(keysIn(consumer.outputs).includes(`attended:${joinedAs}`))
    assert.ok(!keysIn(consumer.outputs).includes(`attended:${registeredAs}`))
  })

  it('Z14 one from before receipts were kept stays the one', () => {
    const consumer = drive(webinarContact)
    consumer.given(
      participation({ ...registers, ...running, sessions: [[30, null]], joinReceivedAt: beforeReceipts }),
      participation({ ...comes, ...running, sessions: [[5, null]] }),
    )
    assert.deepEqual(keysIn(consumer.outputs), [`joined:${registeredAs}`, registration, `webinar:${registeredAs}`])
  })
})
