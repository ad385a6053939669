import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { SinkWrite, Webinar } from '../../schemas/generated.ts'
import { pipeline } from '../../topology/pipeline.ts'
import {
  attendances,
  deadLetters,
  hubspotEvents,
  hubspotMarketing,
  hubspotWrites,
  identities,
  parked,
  salesforceWrites,
  webinarHistories,
  webinars,
} from '../../topology/topics.ts'
import { startTestSystem, type TestSystem } from '../system.ts'
import { atMinute, ended, joined, left, registered, reported, settled, started } from '../webinars/events.ts'

/**
 * The worked example of design.md ("From claim to delivered field"): one person from the first registration to the erasure, with every topic's
 * content after each event. Person ids are written P1, P2 … in the order in which they were minted. Rows are `key: what it says`.
 */

const webinar = '93498765432'
const ada = { registrant: 'zoom:registrant:r-ada', work: 'email:ada@work.example', home: 'email:ada@home.example' }

let system: TestSystem
/** Person ids in order of appearance. */
const persons: string[] = []
const named = (id: string): string => {
  if (!persons.includes(id)) persons.push(id)
  return `P${persons.indexOf(id) + 1}`
}
const nameIds = (text: string): string =>
  persons.reduce((named, id, index) => named.replaceAll(id, `P${index + 1}`), text)

const identityRows = async (): Promise<string[]> => {
  const rows = await system.rows(identities)
  for (const [key, { kind }] of rows) if (kind === 'PERSON' || kind === 'MERGED') named(key.replace('person:', ''))
  return [...rows]
    .map(([key, { kind, person, aliases }]) =>
      kind === 'ERASED'
        ? 'erased:<hmac>'
        : nameIds(`${key}: ${kind} ${kind === 'PERSON' ? aliases.join(' ') : `→ ${person}`}`),
    )
    .sort()
}

const attendanceRows = async (): Promise<string[]> =>
  [...(await system.rows(attendances))]
    .map(([key, { revision, participant }]) => {
      if (!participant) return `${key} r${revision}`
      const sessions = Object.entries(participant.sessions).map(
        ([id, { leftAt }]) => `${id}${leftAt === null ? '' : ' left'}`,
      )
      return `${key} r${revision}: ${[participant.registrationStatus ?? 'not registered', ...sessions].join(', ')}`
    })
    .sort()

const historyRows = async (): Promise<string[]> =>
  [...(await system.rows(webinarHistories))]
    .map(([key, { revision, participations: known }]) =>
      nameIds(`${key} r${revision}: ${known.map(each => each.participant).join(' ')}`),
    )
    .sort()

const count = async (topic: { readonly name: string }): Promise<number> => (await system.records(topic.name)).length

const lastWrite = async (consumer: string): Promise<SinkWrite | undefined> =>
  (await system.values(hubspotWrites))
    .filter(write => write.cause.consumer === consumer && write.object === 'contact')
    .at(-1)

/** Once keys of the custom events asked for so far, without the webinar. */
const timeline = async (): Promise<string[]> => [
  ...new Set((await system.values(hubspotEvents)).map(({ once }) => once?.replace(`:${webinar}`, '') ?? '')),
]

/** The last state asked for in the marketing event, by participant. */
const marketing = async (): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    (await system.values(hubspotMarketing)).map(({ key, fields }) => [
      key?.replace(`${webinar}:`, '') ?? '',
      fields['state'],
    ]),
  )

/** The last line asked for of each task, by participant. */
const tasks = async (): Promise<Record<string, unknown>> =>
  Object.fromEntries(
    (await system.values(salesforceWrites)).map(({ key, fields }) => [
      key?.replace(`webinar:${webinar}:`, '') ?? '',
      String(fields['Description']).split('\n').at(-1),
    ]),
  )

/** As the Zoom producer does: the claim of the event's aliases and the event. */
const send = async (event: Webinar): Promise<void> => {
  if (event.aliases.length > 0)
    await system.claim({ id: event.eventId, time: event.occurredAt, aliases: event.aliases })
  await system.given(webinars, event)
}

const contact = async (): Promise<Record<string, unknown>> => {
  const { fields = {}, version, person } = (await lastWrite('webinar-contact')) ?? {}
  return {
    person: named(person ?? ''),
    revision: version?.revision,
    registered: fields['zoom_webinar_registration_count'],
    attended: fields['zoom_webinar_attendance_count'],
    status: fields['zoom_webinar_last_status'],
    minutes: fields['zoom_webinar_last_attended_minutes'],
  }
}

describe('the worked example', () => {
  before(async () => {
    system = await startTestSystem(pipeline)
  })
  after(() => system.close())

  it('1 somebody registers: a person is minted, and a contact with a name and a registration is asked for', async () => {
    await send(registered([ada.registrant, ada.work]))
    assert.deepEqual(await identityRows(), [
      `${ada.work}: ALIAS → P1`,
      `person:P1: PERSON ${ada.work} ${ada.registrant}`,
      `${ada.registrant}: ALIAS → P1`,
    ])
    assert.deepEqual(await attendanceRows(), [`${webinar}| r1`, `${webinar}|${ada.registrant} r1: APPROVED`])
    assert.deepEqual(await historyRows(), [`P1 r1: ${ada.registrant}`])
    const naming = await lastWrite('webinar-registrations')
    assert.deepEqual([naming?.createIfMissing, naming?.fieldsOnCreate], [true, { tributary_source: 'zoom' }])
    assert.deepEqual(await contact(), {
      person: 'P1',
      revision: 1,
      registered: 1,
      attended: 0,
      status: 'registered',
      minutes: null,
    })
    assert.deepEqual(await timeline(), [`registered:${ada.registrant}`])
    assert.deepEqual(await marketing(), { [ada.registrant]: 'registered' })
    assert.deepEqual(await tasks(), {})
  })

  it('2 the webinar starts: nothing changes for anybody', async () => {
    const writes = await count(hubspotWrites)
    await send(started())
    assert.deepEqual(await attendanceRows(), [`${webinar}| r2`, `${webinar}|${ada.registrant} r1: APPROVED`])
    assert.equal(await count(hubspotWrites), writes)
  })

  it('3 they join: the contact is attending, and has a task', async () => {
    await send(joined([ada.registrant, ada.work], 'laptop', 5))
    assert.deepEqual(await attendanceRows(), [`${webinar}| r2`, `${webinar}|${ada.registrant} r2: APPROVED, laptop`])
    assert.deepEqual(await contact(), {
      person: 'P1',
      revision: 2,
      registered: 1,
      attended: 1,
      status: 'attending',
      minutes: null,
    })
    assert.deepEqual(await timeline(), [`registered:${ada.registrant}`, `joined:${ada.registrant}`])
    assert.deepEqual(await marketing(), { [ada.registrant]: 'attended' })
    assert.deepEqual(await tasks(), { [ada.registrant]: 'Time zone: Europe/Berlin' })
  })

  it('4 somebody nobody knows joins under another address: a second person', async () => {
    await send(joined([ada.home], 'phone', 10))
    assert.ok((await identityRows()).includes(`person:P2: PERSON ${ada.home}`))
    assert.deepEqual(await historyRows(), [`P1 r2: ${ada.registrant}`, `P2 r1: ${ada.home}`])
    assert.deepEqual(await contact(), {
      person: 'P2',
      revision: 1,
      registered: 0,
      attended: 1,
      status: 'attending',
      minutes: null,
    })
    assert.deepEqual((await timeline()).slice(2), [`joined:${ada.home}`])
    assert.deepEqual(Object.keys(await tasks()), [ada.registrant, ada.home])
  })

  it('5 the laptop leaves and joins again: time in the room counts, not the joins', async () => {
    await send(left([ada.registrant, ada.work], 'laptop', 25))
    await send(joined([ada.registrant, ada.work], 'laptop-again', 30))
    assert.deepEqual(await contact(), {
      person: 'P1',
      revision: 4,
      registered: 1,
      attended: 1,
      status: 'attending',
      minutes: 20,
    })
    assert.equal((await tasks())[ada.registrant], 'Minutes attended: 20')
  })

  it('6 a join shows registrant and other address together: the two are one, and the row of one moves to the other', async () => {
    await send(joined([ada.registrant, ada.home], 'tablet', 35))
    const aliases = [ada.work, ada.home, ada.registrant]
    assert.deepEqual(
      (await identityRows()).filter(row => row.includes('PERSON')),
      [`person:P1: PERSON ${ada.work} ${ada.registrant} ${ada.home}`],
    )
    for (const alias of aliases) assert.ok((await identityRows()).includes(`${alias}: ALIAS → P1`), alias)
    assert.ok((await identityRows()).includes('person:P2: MERGED → P1'))
    assert.equal((await historyRows()).length, 1)
    assert.match((await historyRows())[0] ?? '', new RegExp(`^P1 r\\d+: ${ada.home} ${ada.registrant}$`))
    assert.deepEqual(
      { ...(await contact()), revision: 0 },
      { person: 'P1', revision: 0, registered: 1, attended: 1, status: 'attending', minutes: 20 },
    )
  })

  it('7 a leave that comes late, and after another join, closes its own session', async () => {
    await send(left([ada.home], 'phone', 20))
    assert.deepEqual(
      { ...(await contact()), revision: 0 },
      { person: 'P1', revision: 0, registered: 1, attended: 1, status: 'attending', minutes: 20 },
    )
  })

  it('8 a repeated webhook changes no row and asks for the same writes', async () => {
    const rows = [await attendanceRows(), await historyRows()]
    const writes = await count(hubspotWrites)
    const participations = await count(hubspotMarketing)
    await send(joined([ada.registrant, ada.work], 'laptop', 5))
    assert.deepEqual([await attendanceRows(), await historyRows()], rows)
    const [, repeated] = [writes, await lastWrite('webinar-contact')]
    assert.equal(await count(hubspotWrites), writes + 1, 'the contact')
    assert.equal(await count(hubspotMarketing), participations + 1, 'the participation')
    assert.equal(repeated?.version.revision, Number(/ r(\d+)/.exec((await historyRows())[0] ?? '')?.[1]))
  })

  it('9 the webinar ends: missing leaves are closed, and everybody is told', async () => {
    await send(ended())
    assert.deepEqual(
      { ...(await contact()), revision: 0 },
      { person: 'P1', revision: 0, registered: 1, attended: 1, status: 'attended', minutes: 50 },
    )
  })

  it('10 the report is read: it corrects the minutes, and tells how it ended, once and under the first participant', async () => {
    await send(reported([ada.registrant, ada.work], 'u1', 5, 25))
    await send(reported([ada.registrant, ada.work], 'u2', 30, 45))
    await send(reported([ada.home], 'u3', 10, 20))
    assert.ok(!(await timeline()).some(once => once.startsWith('attended')))
    await send(settled())
    assert.deepEqual(
      { ...(await contact()), revision: 0 },
      { person: 'P1', revision: 0, registered: 1, attended: 1, status: 'attended', minutes: 35 },
    )
    assert.deepEqual((await timeline()).slice(3), [`attended:${ada.registrant}`])
    const outcome = (await system.values(hubspotEvents)).findLast(({ object }) => object === 'zoom_webinar_attended')
    assert.deepEqual([outcome?.at, outcome?.fields['attended_percent']], [atMinute(60), 58])
    assert.equal((await tasks())[ada.registrant], 'Share of the webinar: 58 %')
  })

  it('11 a restart of every service changes nothing', async () => {
    const before = [await identityRows(), await attendanceRows(), await historyRows(), await count(hubspotWrites)]
    await system.restart()
    assert.deepEqual(
      [await identityRows(), await attendanceRows(), await historyRows(), await count(hubspotWrites)],
      before,
    )
  })

  it('11 and a webhook repeated after it changes no row', async () => {
    const rows = [await attendanceRows(), await historyRows()]
    await send(joined([ada.registrant, ada.work], 'laptop', 5))
    await send(ended())
    await send(settled())
    assert.deepEqual([await attendanceRows(), await historyRows()], rows)
  })

  it('12 K9 erasure: aliases, persons and rows are gone, a keyed hash remains', async () => {
    await system.claim({ kind: 'ERASE', aliases: [ada.home], time: system.clock.now() })
    const left = await identityRows()
    assert.deepEqual([...new Set(left)], ['erased:<hmac>'])
    assert.deepEqual(await attendanceRows(), [`${webinar}| r${await webinarRevision()}`])
    assert.deepEqual(await historyRows(), [])
  })

  it('13 K9 later events of the erased person are dropped, also after a restart and compaction', async () => {
    for (const table of [identities, attendances, webinarHistories, parked]) system.kafka.compact(table.name)
    await system.restart()
    const writes = await count(hubspotWrites)
    await send(joined([ada.registrant, ada.work], 'laptop-back', 70))
    await send(registered([ada.registrant, ada.work]))
    assert.deepEqual([await historyRows(), await count(hubspotWrites), await count(deadLetters)], [[], writes, 0])
    assert.equal(await system.metrics.value('tributary_parked_events'), 0)
  })
})

const webinarRevision = async (): Promise<number> => (await system.rows(attendances)).get(`${webinar}|`)?.revision ?? 0
