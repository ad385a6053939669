import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { choiceOf } from '../../services/commands/dead-letters.ts'
import { detailsAsJson, detailsAsLines, rowForPeople } from '../../services/commands/dead-letters-text.ts'
import { advices } from '../../services/dead-letters/advice.ts'
import type { LetterDetails } from '../../services/dead-letters/reading.ts'

describe('the letters to settle', () => {
  const ids = ['0-1', '0-2']
  const refused = { code: 'DEAD_LETTERS_NOT_CHOSEN' }

  it('K7 are those of the ids, or all that the filters let through', () => {
    assert.deepEqual(choiceOf(ids, {}), { ids, again: false })
    assert.deepEqual(choiceOf(ids, { again: true }), { ids, again: true })
    assert.deepEqual(choiceOf([], { all: true }), { filter: {} })
    assert.deepEqual(choiceOf([], { all: true, code: 'PARK_LIMIT' }), { filter: { code: 'PARK_LIMIT' } })
  })

  it('K7 are never guessed', () => {
    assert.throws(() => choiceOf([], {}), refused)
    assert.throws(() => choiceOf([], { code: 'PARK_LIMIT' }), refused)
    assert.throws(() => choiceOf(ids, { all: true }), refused)
    assert.throws(() => choiceOf(ids, { topic: 'tracks' }), refused)
    assert.throws(() => choiceOf([], { all: true, again: true }), refused)
  })
})

const details: LetterDetails = {
  id: '2-17',
  timestamp: 1_791_968_671_000,
  at: 1_791_968_670_990,
  service: 'last-track',
  code: 'HANDLER_FAILED',
  message: 'The handler threw.',
  attempts: null,
  writeId: null,
  original: {
    topic: 'tracks',
    partition: 2,
    offset: 41,
    key: Buffer.from('user:42'),
    value: Buffer.from([0xff, 1]),
    headers: { origin: Buffer.from('\u001b[2Jelsewhere\u009b'), raw: Buffer.from([0xff]) },
  },
  state: 'retried',
  mark: { state: 'RETRIED', at: 1_791_968_680_000, letterTimestamp: 1_791_968_671_000, appended: ['tracks-2-52'] },
  advice: advices.HANDLER_FAILED,
  content: { kind: 'hex', hex: 'ff01', reason: 'No schema.' },
  history: [
    {
      ...{ writeId: 'last-track:track:6:0', destination: 'hubspot', object: 'contact', person: 'p1', record: '501' },
      ...{ outcome: 'APPLIED', status: 200, code: null, adjustments: [], attempts: 1, correlationId: null },
      ...{ occurredAt: 1_791_968_600_000, receivedAt: 1_791_968_600_500, at: 1_791_968_601_000 },
    },
  ],
}

describe('what is shown of a letter', () => {
  it('K7 is all of it, with what to do', () => {
    const text = detailsAsLines(details).join('\n')
    for (const part of [
      'Dead letter 2-17 (retried)',
      '2026-10-14T09:04:30.990Z by last-track',
      'tracks, partition 2, offset 41',
      'The handler threw.',
      advices.HANDLER_FAILED.advice,
      'tracks-2-52',
      'user:42',
      'hex:ff',
      'No schema.',
      'ff01',
      '2026-10-14T09:03:21.000Z  APPLIED  501  last-track:track:6:0',
    ])
      assert.ok(text.includes(part), part)
  })

  it('K7 moves no cursor of a terminal, whatever the bytes are', () => {
    const json = { kind: 'json', value: { name: '\u009b2J\u001b[2J' } } as const
    const lines = [...detailsAsLines(details), ...detailsAsLines({ ...details, content: json })]
    const row = {
      id: '2-17',
      at: 0,
      service: 's',
      code: 'C',
      topic: 't\u001b[2J',
      event: 'e\u0007',
      state: 'open',
    } as const
    assert.doesNotMatch([...lines, ...Object.values(rowForPeople(row))].join(''), /\p{Cc}/u)
  })

  it('K7 cuts long bytes for people and has them all in JSON', () => {
    const hex = 'ab'.repeat(5_000)
    const long: LetterDetails = { ...details, content: { kind: 'hex', hex, reason: 'No schema.' } }
    const text = detailsAsLines(long).join('\n')
    assert.match(text, /… of 5000 bytes; --json shows them all/)
    assert.ok(text.length < 6_000)
    assert.deepEqual(detailsAsJson(long).original.content, long.content)
  })
})
