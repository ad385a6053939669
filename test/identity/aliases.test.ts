import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  anonymous,
  email,
  hubspotContact,
  isWeak,
  kindOf,
  parseAlias,
  prospect,
  recordIds,
  salesforceContact,
  salesforceLead,
  user,
  zoomRegistrant,
  zoomUser,
} from '../../services/identity/aliases.ts'

const malformed = (message: RegExp) => ({
  name: 'TributaryError',
  code: 'ALIAS_MALFORMED',
  errorClass: 'rejected',
  message,
})

test('each kind has one spelling', () => {
  const spellings: [string, string][] = [
    [email('  Ada.Lovelace@Example.COM '), 'email:ada.lovelace@example.com'],
    [email('JOSE\u0301@example.com'), 'email:jos\u00e9@example.com'],
    [user(' 42 '), 'user:42'],
    [user('CaseMatters'), 'user:CaseMatters'],
    [anonymous('b6a2-11'), 'anonymous:b6a2-11'],
    [hubspotContact('501'), 'hubspot:contact:501'],
    [salesforceLead('00Q5g00000AbCdE'), 'salesforce:lead:00Q5g00000AbCdEEAV'],
    [zoomRegistrant('iFxeBPYun6SAiWUzBcEkX'), 'zoom:registrant:iFxeBPYun6SAiWUzBcEkX'],
    [zoomUser('z8yCxjabcdEFGHfp8uQ'), 'zoom:user:z8yCxjabcdEFGHfp8uQ'],
    [prospect('0Uv5A000000PAaBSAW', '77'), 'account-engagement:prospect:0Uv5A000000PAaBSAW:77'],
  ]
  for (const [spelled, expected] of spellings) {
    assert.equal(spelled, expected)
    assert.equal(parseAlias(expected), expected)
  }
})

interface SalesforceVectors {
  readonly salesforce_id_18: { readonly vectors: readonly { readonly id15: string; readonly id18: string }[] }
}

test('Salesforce ids of 15 and of 18 characters are one alias', () => {
  const { salesforce_id_18: recorded } = JSON.parse(
    readFileSync(new URL('./salesforce-ids.json', import.meta.url), 'utf8'),
  ) as SalesforceVectors
  for (const { id15, id18 } of recorded.vectors) {
    assert.equal(salesforceContact(id15), `salesforce:contact:${id18}`)
    assert.equal(salesforceContact(id18), `salesforce:contact:${id18}`)
    assert.equal(salesforceContact(id15 + id18.slice(15).toLowerCase()), `salesforce:contact:${id18}`)
  }
  assert.throws(() => salesforceContact('00Q5G00000ABCDEEAV'), malformed(/in its own case/))
})

test('a spelling is stable: parsed again it is the same', () => {
  const value = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
  fc.assert(
    fc.property(fc.constantFrom('email', 'user', 'anonymous', 'zoom:registrant'), value, value, (kind, a, b) => {
      let spelled: string
      try {
        spelled = parseAlias(`${kind}:${a}${kind === 'email' ? `@${b}` : ''}`)
      } catch {
        return
      }
      assert.equal(parseAlias(spelled), spelled)
      assert.equal(parseAlias(` ${spelled} `), spelled)
    }),
    { numRuns: 2_000 },
  )
})

test('Zoom users and anonymous visitors are weak, all others strong', () => {
  const weak = ['zoom:user:a', 'anonymous:a']
  const strong = ['email:a@x.example', 'user:1', 'hubspot:contact:1', 'zoom:registrant:a', 'salesforce:lead:a']
  assert.deepEqual(
    [weak.map(isWeak), strong.map(isWeak)],
    [
      [true, true],
      [false, false, false, false, false],
    ],
  )
  assert.equal(kindOf('person:0123456789abcdef0123'), undefined)
})

test('a malformed alias is refused with what was expected, and without repeating what may be a person’s', () => {
  const typed: [string, RegExp][] = [
    ['ada@example.com', /one of the kinds email, user, hubspot:contact/],
    ['hubspot:501', /one of the kinds/],
    ['email:ada', /after `email:` expected an e-mail address/],
    ['email:ada@example.com@example.com', /an e-mail address/],
    ['email:a da@example.com', /an e-mail address/],
    ['hubspot:contact:05', /a record id of digits/],
    ['hubspot:contact:abc', /a record id of digits/],
    ['salesforce:contact:003', /15 characters/],
    ['account-engagement:prospect:77', /<business unit>:<prospect id of digits>/],
    ['user:', /a placeholder/],
    ['zoom:registrant:a\u0000b', /the id of one registrant/],
    [`user:${'x'.repeat(400)}`, /400 characters/],
  ]
  for (const [text, message] of typed) {
    assert.throws(() => parseAlias(text), malformed(message), text)
    assert.throws(
      () => parseAlias(text),
      error => !(error as Error).message.includes('ada'),
    )
  }
})

test('placeholders that clients send for everybody are nobody’s id', () => {
  for (const id of [
    'null',
    'undefined',
    '0',
    '00000000-0000-0000-0000-000000000000',
    'VISITOR-UNIQUE-ID',
    'anonymous',
    '[object Object]',
  ]) {
    assert.throws(() => user(id), malformed(/a placeholder that stands for nobody/), id)
  }
})

test('of two records of one person in one CRM the earliest claimed comes first', () => {
  const aliases = ['hubspot:contact:9', 'email:a@x.example', 'hubspot:contact:5', 'salesforce:lead:00Q5g00000AbCdEEAV']
  assert.deepEqual(recordIds({ aliases }, 'hubspot:contact'), ['9', '5'])
  assert.deepEqual(recordIds({ aliases }, 'salesforce:lead'), ['00Q5g00000AbCdEEAV'])
  assert.deepEqual(recordIds({ aliases }, 'salesforce:contact'), [])
})
