import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { readContent } from '../../services/dead-letters/content.ts'
import { letterOf, placeOf } from '../../services/dead-letters/letter.ts'
import { parseAlias } from '../../services/identity/aliases.ts'
import { checkSelection } from '../../services/producers/zoom/selection.ts'
import { TributaryError } from '../../services/runtime/errors.ts'
import { unless } from './targets/target.ts'

const isStated = (error: unknown): boolean => error instanceof TributaryError
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.string({ maxLength: 400 }).map(text => `${text}\ud800`),
  fc.constantFrom(
    'email:',
    'user: ',
    'email:a@b',
    'zoom:user:\u0000',
    'email:\u0130@x',
    `email:${'\u0315\u0300'.repeat(100)}@x`,
  ),
)

describe('what people and files hand to the commands', () => {
  it('an alias of any text is read, in a spelling that stays, or refused without repeating it', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('', 'email:', 'user:', 'zoom:registrant:', 'salesforce:contact:'),
        anyText,
        (kind, text) => {
          unless(isStated, () => {
            const alias = parseAlias(kind + text)
            assert.equal(parseAlias(alias), alias)
          })
        },
      ),
      { numRuns: 2_000 },
    )
  })

  it('a selection of any shape is taken or refused with SELECTION_INVALID', () => {
    const values = fc.jsonValue({ maxDepth: 4 })
    const selections = fc.oneof(
      values,
      fc.record({ zoom: values }),
      fc.record({
        zoom: fc.dictionary(
          fc.constantFrom('default', '__proto__', 'emea'),
          fc.record({ webinars: values, panelists: values }),
        ),
      }),
    )
    fc.assert(
      fc.property(selections, selection =>
        unless(
          error => error instanceof TributaryError && error.code === 'SELECTION_INVALID',
          () => checkSelection(selection, ['default']).of('default').selects('1'),
        ),
      ),
      { numRuns: 1_000 },
    )
  })

  it('an id of a dead letter of any text is one, in a spelling that stays, or none', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          anyText,
          fc.tuple(fc.nat(), fc.nat()).map(ids => ids.join('-')),
        ),
        text => {
          const place = placeOf(text)
          assert.ok(place === undefined || `${place.partition}-${place.offset}` === text)
        },
      ),
    )
  })

  it('a dead letter with headers and a value of any bytes is shown', async () => {
    const bytes = fc.uint8Array({ maxLength: 60 }).map(part => Buffer.from(part))
    const names = fc.oneof(
      fc.string(),
      fc.constantFrom('error.at', 'error.topic', 'error.offset', 'error.attempt', '__proto__'),
    )
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, bytes), fc.option(bytes), async (headers, value) => {
        const record = { topic: 'dead-letters', partition: 0, offset: 1, timestamp: 0, key: null, value, headers }
        const letter = letterOf(record)
        assert.doesNotThrow(() => new Date(letter.at).toISOString())
        JSON.stringify(await readContent(letter.original, { topics: [] } as never))
      }),
      { numRuns: 300 },
    )
  })
})
