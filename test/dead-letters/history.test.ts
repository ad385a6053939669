import assert from 'node:assert/strict'
import { afterEach, beforeEach, it } from 'node:test'
import { listLetters, showLetter } from '../../services/dead-letters/reading.ts'
import { retryLetters } from '../../services/dead-letters/settling.ts'
import { tracks } from '../../topology/topics.ts'
import { trackEvent } from '../tracks/events.ts'
import { ada, type LetterSystem, startLetterSystem } from './system.ts'

let run: LetterSystem
beforeEach(async () => {
  run = await startLetterSystem()
})
afterEach(() => run.system.close())

const told = async (id: string): Promise<unknown[]> => {
  const { history } = await showLetter(run.parts, id)
  return history.map(({ outcome, code, record }) => [outcome, code, record])
}

it('K7 a write that was set aside shows what became of the writes to the same record, before and after its retry', async () => {
  run.hubspot.refuse(fields => fields['zoom_webinar_comments'] === 'refused')
  await run.system.given(tracks, trackEvent(ada, 'first'))
  await run.system.given(tracks, trackEvent(ada, 'refused'))
  const [letter] = await listLetters(run.parts)
  assert.ok(letter)
  const before = [
    ['APPLIED', null, '501'],
    ['REJECTED', 'VALUE_REFUSED', null],
  ]
  assert.deepEqual(await told(letter.id), before)

  run.hubspot.refuse(() => false)
  await retryLetters(run.parts, { ids: [letter.id] })
  await run.system.settle()
  assert.deepEqual(await told(letter.id), [...before, ['APPLIED', null, '501']])
})

it('K7 an event that was set aside has no such history', async () => {
  await run.system.given(tracks, trackEvent(ada, 'poison'))
  const [letter] = await listLetters(run.parts)
  assert.deepEqual(await told(letter?.id ?? ''), [])
})
