import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createLeakFinder, type LeakKind, samplePeople } from './leaks.ts'

const SECRET = '5b1c9d0e7fSecret'
const leaksOf = createLeakFinder({ secrets: [SECRET, 'sandbox'], people: ['Zoë Chill', 'Ana de Souza', 'Madonna'] })
const base64 = (text: string): string => Buffer.from(text).toString('base64')
const jwt = `${base64('{"alg":"RS256"}').replace(/=+$/, '')}.${base64('{"iss":"client","sub":"x"}').replace(/=+$/, '')}.c2ln`

const planted: readonly (readonly [what: string, text: string, kinds: readonly LeakKind[]])[] = [
  ['an address', 'Contact ada.lovelace@example.com is gone', ['e-mail address']],
  ['an address with letters of other alphabets', 'für jörg@müller.example', ['e-mail address']],
  ['an address in a URL', '/contacts?email=ada%40example.com', ['e-mail address']],
  ['an address in JSON', '{"message":"ada\\u0040example.com"}', ['e-mail address']],
  ['an address in base64', `key=${base64('email:ada@example.com')}`, ['e-mail address']],
  ['an address in hexadecimal digits', Buffer.from('ada@example.com').toString('hex'), ['e-mail address']],
  ['an address in base64 within a URL', encodeURIComponent(base64('contact ada@example.com')), ['e-mail address']],
  ['a telephone number', 'phone +49 (30) 901820-1', ['telephone number']],
  ['a secret', `the key ${SECRET} is refused`, ['secret of the run']],
  ['a secret in base64', base64(`user:${SECRET}`), ['secret of the run']],
  ['a name', 'Zoë Chill joined', ['name of a person']],
  ['a name in other capitals, decomposed', 'ZOE\u0308  CHILL', ['name of a person']],
  ['a name within an id', 'participant:ana_de-souza', ['name of a person']],
  ['a bearer token', 'authorization: Bearer 8hd7-token.of_someone', ['credential of an Authorization header']],
  ['a login', 'Authorization: Basic YWRhOnB3MTIz=', ['credential of an Authorization header']],
  ['a private key', '-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq0', ['private key']],
  ['a private key on one line', '-----BEGIN PRIVATE KEY-----\\nMIIEpAIBAAKCAQEA7bq0', ['private key']],
  ['a JSON web token', `assertion ${jwt}`, ['JSON web token']],
  ['a HubSpot token', 'token pat-eu1-4f6c-never-to-be-seen', ['HubSpot token']],
  ['a Salesforce session', '00D5g000004kXYZ!AQcAQH0dMHZfz972Szmpkb58urFRkgeBGsxL', ['Salesforce session']],
  ['a signature', `v0=${'0a'.repeat(32)}`, ['signature of a webhook']],
  ['a link to join', 'https://example.zoom.us/w/9?tk=Yk9sX2.DQMAAAA', ['token in a URL']],
]

/** As programs print them in good order. */
const harmless = [
  'kafkajs@2.2.4 and @hubspot/api-client@14.0.1 of Node v24.21.0',
  '{"level":40,"time":"2026-11-22T08:59:43.120Z","service":"hubspot","offset":120034,"msg":"the sink is paused"}',
  'at file:///app/services/kafka/client/client.ts:12:34',
  'SALESFORCE_PRIVATE_KEY must be an RSA private key as PEM, from "-----BEGIN PRIVATE KEY-----" on, line breaks as they are or as \\n',
  'Waiting for Kafka at 127.0.0.1:19092, 127.0.0.1:19093 …',
  'HUBSPOT_ACCESS_TOKEN is refused: the sandbox takes the bearer token; basic authentication is off',
  'POST https://api.hubapi.com/crm/v3/objects/contacts/batch/upsert?archived=false was answered with 503',
  'correlation 019a5c9e-7f6b-7d3a-9f52-0242ac120002, hash 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
  'it took +1200 ms, until 2026-11-22T10:00:00+01:00',
  'Madonna and ana souza are words; the sandbox too',
]

describe('a planted leak is found, and named without being repeated', () => {
  for (const [what, text, kinds] of planted) it(what, () => assert.deepEqual(leaksOf(`before ${text} after`), kinds))
})

describe('what is none is let alone', () => {
  for (const text of harmless) it(text.slice(0, 60), () => assert.deepEqual(leaksOf(text), []))
})

it('the people of the sample are known', () => {
  const people = samplePeople()
  assert.ok(people.includes('Greta Lindqvist') && people.includes('Zeno Zamora') && people.length > 1_000)
})
