import assert from 'node:assert/strict'
import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { assertionOf, audienceOf } from '../../services/sinks/salesforce/api/assertion.ts'
import { literal, queriesFor } from '../../services/sinks/salesforce/api/soql.ts'
import { longestEncodedQuery } from '../../services/sinks/salesforce/limits.ts'
import { longId, recordRef } from '../../services/sinks/salesforce/people/ids.ts'
import {
  type DescribedField,
  neededFields,
  taskFieldDifferences,
} from '../../services/sinks/salesforce/tasks/fields.ts'
import { cut, externalId, foldedId, taskRow, wavesOf } from '../../services/sinks/salesforce/tasks/rows.ts'

describe('the assertion by which Salesforce lets us in', () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const login = {
    loginUrl: 'https://acme.my.salesforce.com',
    clientId: '3MVG9',
    username: 'in@example.com',
    privateKey: pem,
  }
  const now = Date.UTC(2026, 9, 14, 12)

  it('is an RS256 JWT of the app and the user, for three minutes, that the public key verifies', () => {
    const [header = '', claims = '', signature = ''] = assertionOf(login, now).split('.')
    const read = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString())
    assert.deepEqual(read(header), { alg: 'RS256', typ: 'JWT' })
    const exp = now / 1000 + 180
    assert.deepEqual(read(claims), { iss: '3MVG9', sub: 'in@example.com', aud: 'https://login.salesforce.com', exp })
    const signed = Buffer.from(`${header}.${claims}`)
    const key = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }))
    assert.ok(verify('RSA-SHA256', signed, key, Buffer.from(signature, 'base64url')))
    assert.ok(!verify('RSA-SHA256', Buffer.from(`${header}x.${claims}`), key, Buffer.from(signature, 'base64url')))
  })

  for (const [loginUrl, audience] of [
    ['https://login.salesforce.com', 'https://login.salesforce.com'],
    ['https://test.salesforce.com', 'https://test.salesforce.com'],
    ['https://acme.my.salesforce.com', 'https://login.salesforce.com'],
    ['https://acme--uat.sandbox.my.salesforce.com', 'https://test.salesforce.com'],
    ['https://a-b-1234.scratch.my.salesforce.com', 'https://test.salesforce.com'],
    ['http://127.0.0.1:9402', 'http://127.0.0.1:9402'],
    ['https://notsalesforce.com', 'https://notsalesforce.com'],
  ] as const)
    it(`is for ${audience} when people log in at ${loginUrl}`, () => assert.equal(audienceOf(loginUrl), audience))
})

describe('ids', () => {
  it('have 18 characters whatever Salesforce spelled', () => {
    const file = new URL('../identity/salesforce-ids.json', import.meta.url)
    const { vectors } = JSON.parse(readFileSync(file, 'utf8')).salesforce_id_18
    for (const { id15, id18 } of vectors) {
      assert.equal(longId(id15), id18)
      assert.deepEqual(recordRef('lead', id15), { object: 'lead', id: id18 })
    }
  })
})

describe('queries', () => {
  it('hold texts that cannot end or change them', () => {
    assert.equal(literal(String.raw`o'neil\x`), String.raw`'o\'neil\\x'`)
    assert.equal(literal('a\nb'), String.raw`'a\nb'`)
    fc.assert(
      fc.property(fc.string(), text => {
        const quoted = literal(text)
        const inside = quoted.slice(1, -1).replace(/\\./g, '')
        return quoted.startsWith("'") && quoted.endsWith("'") && !/['\\]/.test(inside)
      }),
    )
  })

  it('ask for every value once, and none is too long for a URL', () => {
    const build = (list: string): string => `SELECT Id FROM Contact WHERE Email IN (${list})`
    const address = fc.string({ minLength: 1, maxLength: 320, unit: 'grapheme' })
    fc.assert(
      fc.property(fc.array(address, { maxLength: 400 }), values => {
        const queries = queriesFor(values, build)
        assert.deepEqual(
          queries.flatMap(query => query.values),
          [...new Set(values)],
        )
        for (const { soql, values: asked } of queries)
          assert.ok(asked.length === 1 || encodeURIComponent(soql).length <= longestEncodedQuery)
      }),
      { numRuns: 30 },
    )
    assert.deepEqual(queriesFor([], build), [])
  })
})

describe('the task that goes over the wire', () => {
  const input = {
    key: 'attended:93498765432:email:ada@example.com',
    of: { object: 'contact', id: '00310000000XYZa' },
    person: { id: 'p1', aliases: [], emails: [], attributes: {} },
    fields: { Subject: 'Attended: Tributary', Status: 'Completed', ActivityDate: null },
    at: null,
    known: false,
    repeated: false,
  }

  it('has its fields, its key, and the record of the person with 18 characters', () => {
    assert.deepEqual(taskRow(input), {
      Subject: 'Attended: Tributary',
      Status: 'Completed',
      ActivityDate: null,
      Tributary_Id__c: input.key,
      WhoId: '00310000000XYZaAAO',
    })
  })

  it('has a subject of at most 255 characters, the last of them whole', () => {
    const family = '👩‍👩‍👧‍👦'
    assert.equal(cut('short', 255), 'short')
    assert.equal(cut(`${'x'.repeat(250)}${family}`, 255), 'x'.repeat(250))
    assert.equal(cut('é'.normalize('NFD').repeat(200), 255), 'é'.normalize('NFD').repeat(127))
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 400 }), text => {
        const subject = String(taskRow({ ...input, fields: { Subject: text } })['Subject'])
        return subject.length <= 255 && text.startsWith(subject) && subject.isWellFormed()
      }),
    )
  })

  it('has a key of at most 255 characters, and long ones stay apart', () => {
    const long = 'attended:1:email:'.padEnd(300, 'a')
    assert.equal(externalId(long).length, 255)
    assert.notEqual(externalId(long), externalId(`${long}b`))
    assert.equal(externalId(long), externalId(long))
    assert.equal(externalId(input.key), input.key)
  })

  it('is never in one call with another of the same key, whatever its case', () => {
    const keyed = ['a', 'b', 'A', 'a', 'c'].map(key => ({ key }))
    assert.deepEqual(
      wavesOf(keyed, ({ key }) => foldedId(key)).map(wave => wave.map(({ key }) => key)),
      [['a', 'b', 'c'], ['A'], ['a']],
    )
  })
})

describe('the fields of tasks', () => {
  const field = (name: string, facts: Partial<DescribedField> = {}): DescribedField => ({
    ...{ name, type: 'string', length: 255, externalId: false, unique: false, createable: true, updateable: true },
    ...facts,
  })
  const others = ['Subject', 'Status', 'ActivityDate', 'Description', 'WhoId'].map(name => field(name))
  const key = field('Tributary_Id__c', { externalId: true, unique: true })

  it('are as they must be', () => assert.deepEqual(taskFieldDifferences([...others, key]), []))

  it('lack the key: an admin is told where and how to create it', () => {
    const [missing, ...more] = taskFieldDifferences(others)
    assert.deepEqual([missing?.code, missing?.field, more.length], ['FIELD_MISSING', 'Tributary_Id__c', 0])
    for (const word of [
      'Object Manager, Activity',
      'Text',
      'Tributary Id',
      'Tributary_Id__c',
      '255',
      'case insensitive',
      'External ID',
    ])
      assert.ok(missing?.remedy.includes(word), word)
  })

  for (const [what, facts, pattern] of [
    ['is no external id', { externalId: false }, /be an external id/],
    ['is not unique', { unique: false }, /be unique/],
    ['is too short', { length: 80 }, /hold 255 characters, but holds 80/],
    ['is a number', { type: 'double', length: 0 }, /be a text field, but is of type double/],
  ] as const) {
    it(`have a key that ${what}`, () => {
      const [unfit] = taskFieldDifferences([...others, { ...key, ...facts }])
      assert.equal(unfit?.code, 'FIELD_UNFIT')
      assert.match(unfit?.remedy ?? '', pattern)
    })
  }

  it('must be editable by the integration user', () => {
    const [locked] = taskFieldDifferences([...others, { ...key, updateable: false }])
    assert.deepEqual([locked?.code, locked?.field], ['FIELD_NOT_EDITABLE', 'Tributary_Id__c'])
  })

  it('T1 T6 that activities need besides must be editable only where tasks are shared with another CRM', () => {
    const described = [...others, key, field('Priority'), field('Type', { updateable: false })]
    assert.deepEqual(taskFieldDifferences(described, neededFields(false)), [])
    assert.deepEqual(
      taskFieldDifferences(described, neededFields(true)).map(one => [one.code, one.field]),
      [
        ['FIELD_NOT_EDITABLE', 'Type'],
        ['FIELD_NOT_EDITABLE', 'OwnerId'],
      ],
    )
  })
})
