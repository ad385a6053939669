import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Track, Webinar } from '../../schemas/generated.ts'
import { hubspotContact } from '../../services/sinks/hubspot/objects.ts'
import { type Consumer, consumer, type RowOf } from '../../topology/define.ts'
import { attendances, identities, tracks, webinars } from '../../topology/topics.ts'
import { trackEvent } from '../tracks/events.ts'
import { registered, started } from '../webinars/events.ts'
import { laws } from './laws.ts'

const ada = 'email:ada@example.com'
const events = [trackEvent(ada, 'first'), trackEvent(ada, 'second'), trackEvent('email:grace@example.com', 'third')]
const comment = (text: string) => ({ writes: [hubspotContact.set({ zoom_webinar_comments: text })] })

/** A consumer of tracks with this handler. */
const withHandler = (handle: (event: Track) => ReturnType<typeof comment>): Consumer =>
  consumer({
    name: 'lawless',
    reads: tracks,
    joins: { table: identities, by: 'person', ifMissing: 'park' },
    writes: [hubspotContact],
    handle: ({ event }) => handle(event),
  })

const emptyRow = { occurrences: [], webinar: null, participant: null }
/** A consumer that keeps rows, with this way to make one of the row before. */
const withRows = (change: (row: RowOf<{ revision: number }> | undefined, event: Webinar) => object): Consumer => {
  const lawful = consumer({
    name: 'lawless',
    reads: webinars,
    joins: { table: identities, by: 'person', ifMissing: 'park' },
    writes: [hubspotContact],
    keepsPerKey: { table: attendances, inputKeyOf: key => key.split('|')[0] ?? '', aliasesOf: () => [ada] },
    handle: ({ event, rows }) => ({
      rows: new Map([[`${event.number}|`, { ...emptyRow, ...change(rows.get(`${event.number}|`), event) }]]),
      writes: comment('x').writes,
    }),
  })
  return lawful
}

const broken: { law: string; name: string; consumer: Consumer; events?: readonly Webinar[]; violation: RegExp }[] = [
  {
    law: 'the same input has the same output, and nothing else has a part in it',
    name: 'the clock',
    consumer: withHandler(() => comment(String(Date.now()))),
    violation: /used now/,
  },
  {
    law: 'the same input has the same output, and nothing else has a part in it',
    name: 'the clock by new Date()',
    consumer: withHandler(() => comment(new Date().toISOString())),
    violation: /used new Date\(\)/,
  },
  {
    law: 'the same input has the same output, and nothing else has a part in it',
    name: 'chance',
    consumer: withHandler(() => comment(String(Math.random()))),
    violation: /used random/,
  },
  {
    law: 'the same input has the same output, and nothing else has a part in it',
    name: 'a variable outside',
    consumer: (() => {
      let calls = 0
      return withHandler(() => comment(String(++calls)))
    })(),
    violation: /two results for one input/,
  },
  {
    law: 'the same input has the same output, and nothing else has a part in it',
    name: 'an input that it changes',
    consumer: withHandler(event => {
      Object.assign(event, { name: 'changed' })
      return comment('x')
    }),
    violation: /changed its input/,
  },
  {
    law: 'the same input has the same output, and nothing else has a part in it',
    name: 'no output at all',
    consumer: withHandler(() => ({ writes: [] })),
    violation: /nothing was compared/,
  },
  {
    law: 'it asks only for what it declares',
    name: 'an undeclared destination',
    consumer: { ...withHandler(() => comment('x')), writes: [] },
    violation: /UNDECLARED_OUTPUT/,
  },
  {
    law: 'it asks only for what it declares',
    name: 'a handler that throws',
    consumer: withHandler(() => {
      throw new Error('poison')
    }),
    violation: /HANDLER_FAILED/,
  },
  {
    law: 'an event handled twice changes no row and asks for the same again',
    name: 'a row that counts events',
    consumer: withRows(row => ({
      occurrences: [...((row as { occurrences?: object[] } | undefined)?.occurrences ?? []), { id: 'x', startTime: 1 }],
    })),
    events: [registered([ada])],
    violation: /changed a row again/,
  },
  {
    law: 'an event handled twice changes no row and asks for the same again',
    name: 'a write only when the row is new',
    consumer: (() => {
      const lawful = withRows(() => ({}))
      const handle: Consumer['handle'] = input => ({
        ...lawful.handle(input),
        writes: input.rows?.size ? [] : comment('x').writes,
      })
      return { ...lawful, handle }
    })(),
    events: [registered([ada])],
    violation: /asked for something else/,
  },
]

describe('the checks of the laws', () => {
  for (const { law, name, consumer: lawless, events: given = events, violation } of broken) {
    it(`${law}: finds ${name}`, async () => {
      const violations = await laws[law]?.(lawless, given)
      assert.match((violations ?? []).join('\n'), violation)
    })
  }

  it('ids do not come from offsets: finds what is not made of the event alone', async () => {
    // A handler sees no offset; what changes from run to run is found the same way.
    let calls = 0
    const counting = withHandler(() => comment(`number ${++calls}`))
    const violations = await laws['ids do not come from offsets']?.(counting, events)
    assert.match((violations ?? []).join('\n'), /other writes/)
  })

  it('who is erased is dropped and counted: finds events joined by a field that does not hold who was erased', async () => {
    const lawful = withHandler(event => comment(event.name))
    assert.ok(lawful.joins)
    const misjoined: Consumer = { ...lawful, joins: { ...lawful.joins, by: 'account' } }
    const about = events.map(event => ({ ...event, account: 'user:42', aliases: ['user:43'] }))
    const violations = await laws['who is erased is dropped and counted']?.(misjoined, about)
    assert.match((violations ?? []).join('\n'), /counted 0 erased events of 3/)
  })

  it('who is erased is dropped and counted: finds a row about them made of an event about nobody', async () => {
    const lawful = withRows(() => ({}))
    const keeper: Consumer = { ...lawful, handle: input => ({ ...lawful.handle(input), writes: [] }) }
    const violations = await laws['who is erased is dropped and counted']?.(keeper, [started()])
    assert.match((violations ?? []).join('\n'), /kept the row/)
  })

  it('keep quiet about a lawful consumer', async () => {
    const lawful = withHandler(event => comment(event.name))
    for (const violationsOf of Object.values(laws)) assert.deepEqual(await violationsOf(lawful, events), [])
  })
})
