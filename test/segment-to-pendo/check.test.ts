import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { checkSegmentToPendo } from '../../services/segment-to-pendo/check.ts'
import { segmentToPendo } from '../../topology/segment-to-pendo.ts'

const mistakesOf = (over: object): readonly string[] => {
  try {
    checkSegmentToPendo({ ...segmentToPendo, ...over })
    return []
  } catch (error) {
    const { code, message } = error as { readonly code: string; readonly message: string }
    assert.equal(code, 'MAPPING_INVALID')
    return message.split('\n- ').slice(1)
  }
}

describe('the check of the mapping', () => {
  it('S4 accepts the one that is there', () => assert.deepEqual(checkSegmentToPendo(segmentToPendo), segmentToPendo))

  it('S4 accepts the example that the file gives', () => {
    const text = readFileSync(new URL('../../topology/segment-to-pendo.ts', import.meta.url), 'utf8')
    const example = text
      .split('\n')
      .filter(line => line.startsWith(' *     '))
      .map(line => line.slice(' *     '.length))
      .join('\n')
    const over = Function(`return {${example}}`)() as { readonly track: object; readonly page: object }
    assert.deepEqual(Object.keys(over), ['track', 'page'])
    assert.deepEqual(mistakesOf(over), [])
  })

  const all = { send: 'all' }
  const events = { others: 'send', send: 'all' }
  const rows: { name: string; given: object; mistake: RegExp }[] = [
    {
      name: 'a call that there is not',
      given: { alias: all },
      mistake: /nothing but anonymous, identify.*it has alias too/,
    },
    { name: 'another word', given: { identify: 'off' }, mistake: /^identify must be an object with send, except/ },
    {
      name: 'another word for anonymous',
      given: { anonymous: 'send' },
      mistake: /^anonymous must be 'leave-out' or 'as-device'/,
    },
    {
      name: 'a word that there is not',
      given: { identify: { ...all, only: [] } },
      mistake: /^identify must be an object with nothing but send.*it has only too/,
    },
    { name: 'nothing chosen', given: { identify: {} }, mistake: /^identify\.send must be 'all' or a list of names/ },
    {
      name: 'an empty name',
      given: { identify: { send: [''] } },
      mistake: /^identify\.send\.0 must be a name that is not empty/,
    },
    {
      name: 'a name twice',
      given: { identify: { send: ['plan', 'plan'] } },
      mistake: /^identify\.send names plan twice/,
    },
    {
      name: 'except without all',
      given: { identify: { send: ['plan'], except: ['seats'] } },
      mistake: /^identify\.except belongs to send: 'all'/,
    },
    {
      name: 'a renaming of what is not sent',
      given: { identify: { send: ['plan'], rename: { seats: 'places' } } },
      mistake: /^identify\.rename\.seats renames what send does not name/,
    },
    {
      name: 'a renaming of what is left out',
      given: { identify: { ...all, except: ['seats'], rename: { seats: 'places' } } },
      mistake: /renames what except leaves out/,
    },
    {
      name: 'two of one name',
      given: { identify: { ...all, rename: { a: 'plan', b: 'plan' } } },
      mistake: /^identify\.rename gives two of them the name plan/,
    },
    {
      name: 'a name that is a constant too',
      given: { identify: { ...all, rename: { a: 'plan' }, constants: { plan: 'x' } } },
      mistake: /^identify\.rename\.a becomes plan, which is a constant too/,
    },
    {
      name: 'a field that Pendo cannot have',
      given: { identify: { ...all, rename: { a: 'first name' } } },
      mistake: /^identify\.rename\.a must be a name that Pendo takes \(letters, digits and _/,
    },
    {
      name: 'a constant that is no value',
      given: { identify: { ...all, constants: { plan: null } } },
      mistake: /^identify\.constants\.plan must be/,
    },
    {
      name: 'a group without its field',
      given: { group: all },
      mistake: /^group\.visitorField must be the name of a field, or null/,
    },
    {
      name: 'a field of visitors that Pendo cannot have',
      given: { group: { ...all, visitorField: 'account id' } },
      mistake: /^group\.visitorField must be a name that Pendo takes/,
    },
    {
      name: 'a field of visitors that a trait has',
      given: { identify: { ...all, rename: { org: 'accountid' } } },
      mistake: /^group\.visitorField must be a field of its own/,
    },
    {
      name: 'others that are not decided',
      given: { track: all },
      mistake: /^track\.others must be 'send' or 'leave-out'/,
    },
    {
      name: 'a property of too long a name',
      given: { track: { ...events, rename: { a: 'x'.repeat(33) } } },
      mistake: /^track\.rename\.a must be a name that Pendo takes \(at most 32/,
    },
    {
      name: 'a property of a digit',
      given: { page: { ...events, constants: { '1st': 1 } } },
      mistake: /^page\.constants\.1st must have a name that Pendo takes/,
    },
    {
      name: 'a property of underscores',
      given: { screen: { ...events, rename: { a: '__x__' } } },
      mistake: /^screen\.rename\.a must be a name/,
    },
    {
      name: 'constants beyond 512 bytes',
      given: { track: { ...events, constants: { a: 'x'.repeat(600) } } },
      mistake: /^track\.constants takes 608 bytes as JSON/,
    },
    {
      name: 'an event with a word that there is not',
      given: { track: { ...events, events: { Ordered: { title: 'x' } } } },
      mistake: /^track\.events\.Ordered must be an object with nothing but name.*it has title too/,
    },
    {
      name: 'an event whose choice does not fit that of all',
      given: { track: { others: 'send', send: ['plan'], events: { Ordered: { rename: { total: 'sum' } } } } },
      mistake: /^track\.events\.Ordered\.rename\.total renames what send does not name/,
    },
    {
      name: 'more events than Pendo takes',
      given: {
        track: { ...events, events: Object.fromEntries(Array.from({ length: 5_001 }, (_, n) => [`e${n}`, {}])) },
      },
      mistake: /^track\.events has 5001 names; Pendo takes 5000/,
    },
  ]
  for (const { name, given, mistake } of rows) {
    it(`S4 finds ${name}`, () => {
      const mistakes = mistakesOf(given)
      assert.equal(mistakes.length, 1, mistakes.join('\n'))
      assert.match(mistakes[0] ?? '', mistake)
    })
  }

  it('S4 lists every mistake at once', () => {
    const given = { identify: { ...all, rename: { a: 'first name' } }, track: { ...events, constants: { '1st': 1 } } }
    assert.equal(mistakesOf(given).length, 2)
    assert.equal(mistakesOf({ identify: 'off', track: { send: 'none', others: 'none' } }).length, 3)
  })
})
