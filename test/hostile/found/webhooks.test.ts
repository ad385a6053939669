import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { readContent } from '../../../services/dead-letters/content.ts'
import { parseAlias } from '../../../services/identity/aliases.ts'
import { readRun } from '../../../services/producers/zoom/reports/reading.ts'
import { changed, type Receiver, receivedAt, startReceiver } from '../../producers/zoom/receiver.ts'

let receiver: Receiver
before(async () => {
  receiver = await startReceiver()
})
after(() => receiver.close())

const joined = 'webinar.participant_joined'
const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown

/** Posts a sample whose text was changed: values that no JSON writer writes come about too. */
const postWith = (place: string, text: string) =>
  receiver.post(changed(joined, body => (body.payload.object[place] = 'HERE')).replace('"HERE"', text))

describe('webhooks', () => {
  for (const [what, time] of [
    ['an object that cannot become a text', { toString: 1, valueOf: null }],
    ['a list nested a hundred thousand times', deep],
  ] as const) {
    it(`${what} in place of a time was answered with 500, so Zoom sent it again and again and it was lost`, async () => {
      for (const change of [
        (body: { event_ts: unknown }) => (body.event_ts = time),
        (body: { payload: { object: { participant: { join_time: unknown } } } }) =>
          (body.payload.object.participant.join_time = time),
      ]) {
        const { status } = await receiver.post(withDeep(joined, change))
        assert.equal(status, 200)
      }
    })
  }

  it('half a character was another text in Kafka than in the ids and aliases made of it', async () => {
    const { status } = await postWith('topic', '"Caf\\ud83d"')
    assert.equal(status, 200)
    const topics = (await receiver.records()).map(({ topic }) => topic)
    assert.ok(topics.includes('Caf\ufffd'), String(topics))
  })

  it('an address of a hundred thousand accents kept the process busy for minutes', async () => {
    const accents = `a${'\u0315\u0300'.repeat(100_000)}@example.com`
    const { status } = await receiver.post(changed(joined, body => (body.payload.object.participant.email = accents)))
    assert.equal(status, 200)
    const registered = changed('webinar.registration_created', body => (body.payload.object.registrant.email = accents))
    assert.equal((await receiver.post(registered)).status, 200)
    assert.throws(() => parseAlias(`email:${accents}`), { code: 'ALIAS_MALFORMED' })
  })

  it('a dead letter of JSON that is nested too deeply could not be shown', async () => {
    const value = Buffer.from(`${'['.repeat(100_000)}${']'.repeat(100_000)}`)
    const original = { topic: 'webhooks/zoom/default', partition: null, offset: null, key: null, value, headers: {} }
    const content = await readContent(original, { topics: [] } as never)
    assert.equal(content.kind, 'hex')
  })

  it('the time of a report beyond all dates threw an error without a code, so the run was never settled', async () => {
    for (const time of [9e15, 8.64e15 + 1, Number.MAX_SAFE_INTEGER, 1e300]) {
      const told = await readRun(accountTelling(time), facts, reading, new AbortController().signal)
      const [session] = told?.records ?? []
      assert.equal(session?.participant?.joinedAt, receivedAt)
      for (const { startTime } of told?.records ?? []) assert.ok(startTime === null || startTime <= receivedAt)
    }
  })
})

/** `changed` writes by `JSON.stringify`, which such a depth breaks. */
const withDeep = (event: string, change: (body: never) => unknown): string => {
  const marker = 'DEEP'
  const text = changed(event, body => {
    change(body as never)
    const { event_ts } = body
    const { participant } = body.payload.object
    if (event_ts === deep) body.event_ts = marker
    if (participant.join_time === deep) participant.join_time = marker
  })
  return text.replace(`"${marker}"`, `${'['.repeat(100_000)}${']'.repeat(100_000)}`)
}

const facts = {
  ...{
    account: 'default',
    number: '1',
    recurring: false,
    instance: 'uuid==',
    topic: null,
    startTime: null,
    endTime: null,
  },
  timezone: null,
}
const reading = {
  clock: { now: () => receivedAt, sleep: () => Promise.resolve() },
  logger: receiverLogger(),
  known: () => Promise.resolve(undefined),
}

function receiverLogger() {
  const silent = () => undefined
  return { debug: silent, info: silent, warn: silent, error: silent } as never
}

const accountTelling = (time: number): Parameters<typeof readRun>[0] => {
  const nobody = { user_id: '1', id: null, participant_user_id: null, registrant_id: 'r', name: null, user_email: null }
  const gone = Promise.resolve([])
  return {
    ...{ name: 'default', panelists: new Set() },
    calls: {
      reportedParticipants: () =>
        Promise.resolve([{ ...nobody, join_time: time, leave_time: time, status: 'in_meeting' }]),
      reportedRun: () => Promise.resolve({ start_time: time, end_time: time, topic: null, user_email: null }),
      webinar: () => Promise.resolve({ id: '1', host_id: null, host_email: null, topic: null, occurrences: [] }),
      registrants: () => gone,
      users: () => gone,
      webinarsOf: () => gone,
      runsOf: () => gone,
    },
  } as never
}
