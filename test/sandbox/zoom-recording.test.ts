import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { readRecording, recordingNames } from '../../services/sandbox/zoom/recording.ts'
import { recordingText } from '../../services/sandbox/zoom/recordings/make-recording.ts'
import type { Webhook } from '../../services/sandbox/zoom/webhooks.ts'
import { deviations } from './zoom-shapes.ts'

const RECORDING = readRecording('product-webinar')
const webhooks = RECORDING.map(({ body }) => body)
const of = (event: string): Webhook[] => webhooks.filter(webhook => webhook.event === event)
const part = <Part>(webhook: Webhook, name: string): Part => webhook.payload.object[name] as Part
const distinct = (values: readonly unknown[]): number => new Set(values).size

interface Participant {
  readonly id: string
  readonly email: string
  readonly registrant_id: string
  readonly participant_uuid: string
  readonly phone_number?: string
  readonly join_time?: string
  readonly leave_time?: string
}
interface Registrant {
  readonly id: string
  readonly email: string
}
const joins = of('webinar.participant_joined').map(webhook => part<Participant>(webhook, 'participant'))
const leaves = of('webinar.participant_left').map(webhook => part<Participant>(webhook, 'participant'))
const registrants = of('webinar.registration_created').map(webhook => part<Registrant>(webhook, 'registrant'))
const HOST = 'x1yCzABCDEfg23HiJKl4mN'

describe('the recorded webinar', () => {
  test('is what its scenario generates, byte for byte', () => {
    const file = new URL('../../services/sandbox/zoom/recordings/product-webinar.jsonl', import.meta.url)
    const hint = 'run: node services/sandbox/zoom/recordings/make-recording.ts'
    assert.ok(recordingText() === readFileSync(file, 'utf8'), `product-webinar.jsonl is stale; ${hint}`)
    assert.deepEqual(recordingNames(), ['product-webinar'])
  })

  test('has the keys and types of Zoom’s examples in every webhook', () => {
    const wrong = webhooks.flatMap((webhook, index) => deviations(webhook).map(text => `line ${index + 1}: ${text}`))
    assert.deepEqual(wrong, [])
  })

  test('takes a minute, its lines in the order of sending', () => {
    const times = RECORDING.map(({ at }) => at)
    assert.deepEqual(
      times,
      times.toSorted((one, other) => one - other),
    )
    assert.equal(times[0], 0)
    assert.ok((times.at(-1) ?? 0) > 50_000 && (times.at(-1) ?? 0) <= 60_000)
  })

  test('has 200 registrants: 5 who cancel, 1 who is denied, 1 who waits for approval', () => {
    assert.equal(distinct(registrants.map(({ id }) => id)), 200)
    assert.equal(distinct(registrants.map(({ email }) => email.toLowerCase())), 200)
    assert.equal(of('webinar.registration_cancelled').length, 5)
    assert.equal(of('webinar.registration_denied').length, 1)
    assert.equal(of('webinar.registration_approved').length, 1)
  })

  test('has 130 attendees, a guest without address, and the host', () => {
    const addressOf = new Map(registrants.map(({ id, email }) => [id, email.toLowerCase()]))
    const people = joins.filter(({ id }) => id !== HOST).filter(({ phone_number }) => phone_number === undefined)
    const known = people.filter(({ email, registrant_id }) => email !== '' || registrant_id !== '')
    assert.equal(distinct(known.map(one => addressOf.get(one.registrant_id) ?? one.email.toLowerCase())), 130)
    assert.equal(people.length - known.length, 2, 'the guest comes twice')
    assert.equal(joins.filter(({ id }) => id === HOST).length, 2)
  })

  test('holds what makes attendance hard', () => {
    const bytes = webhooks.map(webhook => JSON.stringify(webhook))
    assert.equal(bytes.length - distinct(bytes), 11, 'repeated webhooks')
    const left = new Set(leaves.map(({ participant_uuid }) => participant_uuid))
    assert.equal(distinct(joins.map(one => one.participant_uuid).filter(id => !left.has(id))), 4, 'missing leaves')
    assert.equal(of('webinar.participant_bind').length, 2, 'telephones')
    assert.equal(distinct(of('webinar.started').map(webhook => webhook.payload.object['uuid'])), 2, 'a restart')
    const seen = new Set<string>()
    const early = new Set<string>()
    for (const { event, payload } of webhooks) {
      const { participant_uuid } = (payload.object['participant'] ?? { participant_uuid: '' }) as Participant
      if (event === 'webinar.participant_left' && !seen.has(participant_uuid)) early.add(participant_uuid)
      seen.add(participant_uuid)
    }
    assert.ok(early.size >= 2, 'leaves before their joins')
    const users = Map.groupBy(
      joins.filter(({ id }) => id !== '' && id !== HOST),
      ({ id }) => id,
    )
    const shared = [...users.values()].filter(uses => distinct(uses.map(({ registrant_id }) => registrant_id)) > 1)
    assert.equal(shared.length, 1, 'a device that two people share')
  })

  test('keeps to domains that are reserved for documentation', () => {
    const addresses = [...registrants, ...joins].map(({ email }) => email.toLowerCase()).filter(email => email !== '')
    assert.deepEqual(
      addresses.filter(email => !/^[^@\s]+@([a-z-]+\.)*example\.(com|org|net)$/.test(email)),
      [],
    )
  })
})

describe('the expectation of the recorded webinar', () => {
  const read = (name: string): string => readFileSync(new URL(`../scenarios/expected/${name}`, import.meta.url), 'utf8')
  const [header, ...lines] = read('product-webinar.csv').trimEnd().split('\n')
  const rows = lines.map(line => line.split(','))

  test('has a row for each of 130 attendees and 66 who missed it, sorted by address', () => {
    assert.equal(header, 'webinar,email,status,joinedAt,leftAt,minutes,percent')
    assert.equal(rows.filter(([, , status]) => status === 'attended').length, 130)
    assert.equal(rows.filter(([, , status]) => status === 'missed').length, 66)
    const addresses = rows.map(([, email = '']) => email)
    assert.deepEqual(addresses, addresses.toSorted())
    assert.equal(distinct(addresses), 196)
  })

  test('has a row for exactly those addresses that registered and stood, or came', () => {
    const gone = ['webinar.registration_cancelled', 'webinar.registration_denied'].flatMap(of)
    const out = new Set(gone.map(webhook => part<Registrant>(webhook, 'registrant').email.toLowerCase()))
    const here = joins.filter(one => one.id !== HOST && one.registrant_id === '' && one.email !== '')
    const standing = registrants.map(({ email }) => email.toLowerCase()).filter(email => !out.has(email))
    const expected = new Set([...standing, ...here.map(({ email }) => email.toLowerCase())])
    assert.deepEqual(new Set(rows.map(([, email]) => email)), expected)
  })

  test('agrees with the rows reckoned by hand', () => {
    const result = (cell = ''): string => (/so ([\d.]+)\s*$/.exec(cell)?.[1] ?? cell).trim()
    const byHand = read('README.md')
      .split('\n')
      .map(line => line.split('|'))
      .filter(([, email = '']) => email.includes('@'))
    assert.ok(byHand.length >= 12)
    for (const [, email = '', , minutes, percent] of byHand) {
      const row = rows.find(([, address]) => address === email.trim())
      assert.deepEqual([email.trim(), row?.[5], row?.[6]], [email.trim(), result(minutes), result(percent)])
    }
  })
})
