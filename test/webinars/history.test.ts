import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Participation } from '../../schemas/generated.ts'
import { attendancesOf, mergeHistories, withParticipation } from '../../services/webinars/history.ts'
import { participation } from './participations.ts'

/** Participations of a few participants in a few webinars. What is told of one is a function of the revisions: that is what revisions are for. */
const participations = fc
  .record({
    webinar: fc.constantFrom('11', '22', '22-occ-1'),
    participant: fc.constantFrom('email:ada@example.com', 'zoom:registrant:r-ada'),
    revision: fc.integer({ min: 1, max: 4 }),
    webinarRevision: fc.integer({ min: 1, max: 3 }),
    event: fc.constantFrom('a', 'b'),
  })
  .map(({ event, ...facts }) =>
    participation({
      ...facts,
      eventId: `${facts.revision}-${facts.webinarRevision}-${event}`,
      registeredAt: -facts.revision,
    }),
  )
const histories = fc
  .array(participations, { maxLength: 8 })
  .map(list => list.reduce(withParticipation, { participations: [] as readonly Participation[] }))

/** What is known after these participations, whichever event told it: a repeat keeps the event that told it first. */
const known = (told: readonly Participation[]): readonly object[] =>
  told
    .reduce(withParticipation, { participations: [] as readonly Participation[] })
    .participations.map(({ eventId: _, ...rest }) => rest)

describe('the history of a person', () => {
  it('Z14 is the same whichever of two merged ones was first', () => {
    fc.assert(fc.property(histories, histories, (a, b) => assert.deepEqual(mergeHistories(a, b), mergeHistories(b, a))))
  })

  it('Z14 is the same in whichever order three are merged', () => {
    fc.assert(
      fc.property(histories, histories, histories, (a, b, c) =>
        assert.deepEqual(mergeHistories(mergeHistories(a, b), c), mergeHistories(a, mergeHistories(b, c))),
      ),
    )
  })

  it('Z14 merged with itself is itself', () => {
    fc.assert(fc.property(histories, a => assert.deepEqual(mergeHistories(a, a), a)))
  })

  it('Z3 is the same in whichever order and however often participations come', () => {
    const shuffled = fc
      .array(participations, { maxLength: 8 })
      .chain(list =>
        fc.tuple(fc.constant(list), fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 })),
      )
    fc.assert(fc.property(shuffled, ([list, others]) => assert.deepEqual(known(others), known(list))))
  })

  it('Z3 30 keeps what was told later, though it arrives earlier', () => {
    const [older, newer] = [participation({ revision: 1 }), participation({ revision: 2, sessions: [[0, 5]] })]
    assert.deepEqual(withParticipation(withParticipation(undefined, newer), older), { participations: [newer] })
  })

  it('Z3 30 of one participant revision, knows the webinar that changed later', () => {
    const [running, over] = [
      participation({ webinarRevision: 2 }),
      participation({ webinarRevision: 3, runs: [[0, 60]] }),
    ]
    assert.deepEqual(withParticipation(withParticipation(undefined, over), running), { participations: [over] })
  })

  it('Z14 of two participants in one webinar is one attendance, of two webinars two', () => {
    const history = [
      participation({ webinar: '11', participant: 'zoom:registrant:r-ada' }),
      participation({ webinar: '11', participant: 'email:ada@example.com', sessions: [[0, 5]] }),
      participation({ webinar: '22' }),
    ].reduce(withParticipation, { participations: [] as readonly Participation[] })
    assert.deepEqual(
      attendancesOf(history).map(({ webinar }) => webinar),
      ['11', '22'],
    )
  })
})
