import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KEY, movedClock, openOrg, query, type TestOrg } from './salesforce.ts'

/** Sends a form as a browser does; gives where the answer leads. */
const send = async (
  org: TestOrg,
  path: string,
  fields: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<string> => {
  const body = new URLSearchParams(fields)
  const answer = await fetch(org.url + path, { method: 'POST', body, headers, redirect: 'manual' })
  assert.equal(answer.status, 303)
  return answer.headers.get('location') ?? ''
}

const page = async (org: TestOrg, path: string, headers: Record<string, string> = {}): Promise<string> =>
  (await fetch(org.url + path, { headers })).text()

const idIn = (place: string): string => place.split('/').at(-1) ?? ''

/** Whose it is, who made it and who changed it last, by first name. */
const hands = async (org: TestOrg, id: string, object = 'Task'): Promise<string> => {
  const soql = `SELECT Owner.FirstName, CreatedBy.FirstName, LastModifiedBy.FirstName FROM ${object} WHERE Id = '${id}'`
  const [row] = (await query(org, soql, 'queryAll')).body.records
  return [row.Owner, row.CreatedBy, row.LastModifiedBy].map(user => user.FirstName).join(' ')
}

describe('a person in the pages', () => {
  it('T1 makes, edits and completes a task, which is by them and never by the integration user', async context => {
    const clock = movedClock('2026-05-01T10:00:00Z')
    const org = await openOrg(context, { clock })
    const lead = await org.create('Lead', { LastName: 'Turing', Company: 'Bletchley', Email: 'alan@example.com' })
    const fields = { Status: 'In Progress', Priority: 'High', Type: 'Call', ActivityDate: '2026-05-04', OwnerId: '' }
    const place = await send(org, '/records/Task', { ...fields, Subject: 'A', WhoId: 'Alan@example.com' })
    const id = idIn(place)
    assert.equal(await hands(org, id), 'Alex Alex Alex')
    const made = await org.read('Task', id)
    assert.deepEqual(
      [made['Subject'], made['Status'], made['Priority'], made['Type'], made['ActivityDate'], made['WhoId']],
      ['A', 'In Progress', 'High', 'Call', '2026-05-04', lead],
    )
    clock.move(5_000)
    await send(org, place, {
      Subject: 'B',
      Description: 'note',
      ActivityDate: '',
      OwnerId: 'kim.larsson@sandbox.example.com',
      editedBy: 'sam.okafor@sandbox.example.com',
    })
    assert.equal(await hands(org, id), 'Kim Alex Sam')
    const edited = await org.read('Task', id)
    assert.deepEqual(
      [edited['Subject'], edited['Description'], edited['ActivityDate'], edited['SystemModstamp']],
      ['B', 'note', null, '2026-05-01T10:00:05.000+0000'],
    )
    assert.match(await page(org, place), /Complete this task/)
    await send(org, `${place}/complete`)
    assert.equal((await org.read('Task', id))['Status'], 'Completed')
    assert.equal(await hands(org, id), 'Kim Alex Alex')
    assert.doesNotMatch(await page(org, place), /Complete this task/)
  })

  it('T8 deletes a task and brings it back with its fields', async context => {
    const org = await openOrg(context)
    const id = await org.create('Task', { Subject: 'A', [KEY]: 'hubspot:task:1' })
    const place = `/records/Task/${id}`
    assert.equal(await send(org, `${place}/delete`, { editedBy: 'kim.larsson@sandbox.example.com' }), '/records/Task')
    assert.equal(await hands(org, id), 'Integration Integration Kim')
    assert.match(await page(org, '/records/Task'), /href="\/deleted\/Task">1 deleted</)
    assert.match(await page(org, '/deleted/Task'), new RegExp(`${place}[\\s\\S]*Restore`))
    assert.match(await page(org, place), /Restore this task/)
    assert.equal(await send(org, `${place}/restore`), place)
    assert.equal(await hands(org, id), 'Integration Integration Alex')
    const restored = await org.read('Task', id)
    assert.deepEqual([restored['Subject'], restored[KEY], restored['IsDeleted']], ['A', 'hubspot:task:1', false])
    assert.match(await page(org, '/deleted/Task'), /No deleted tasks/)
    const again = await send(org, `${place}/restore`)
    assert.match(await page(org, again), /role="alert">Entity is not in the recycle bin</)
  })

  it('T8 brings a contact back with the tasks that went with it, not with those that were deleted before', async context => {
    const org = await openOrg(context)
    const contact = await org.create('Contact', { LastName: 'A' })
    const before = await org.create('Task', { Subject: 'before', WhoId: contact })
    await org.create('Task', { Subject: 'along', WhoId: contact })
    await send(org, `/records/Task/${before}/delete`)
    await send(org, `/records/Contact/${contact}/delete`)
    await send(org, `/records/Contact/${contact}/restore`)
    const { body } = await query(org, `SELECT Subject FROM Task WHERE WhoId = '${contact}'`)
    assert.deepEqual(
      body.records.map((one: { Subject: string }) => one.Subject),
      ['along'],
    )
  })

  it('T8 brings a task back to whom its person became', async context => {
    const org = await openOrg(context)
    const master = await org.create('Contact', { LastName: 'A' })
    const loser = await org.create('Contact', { LastName: 'B' })
    const lead = await org.create('Lead', { LastName: 'L', Company: 'C' })
    const gone = await org.create('Contact', { LastName: 'D' })
    const tasks: string[] = []
    for (const WhoId of [loser, lead, gone]) {
      tasks.push(await org.create('Task', { WhoId }))
      await send(org, `/records/Task/${tasks.at(-1)}/delete`)
    }
    await send(org, `/records/Contact/${master}/merge`, { other: loser })
    const contact = idIn(await send(org, `/records/Lead/${lead}/convert`))
    await send(org, `/records/Contact/${gone}/delete`)
    const found: unknown[] = []
    for (const id of tasks) {
      await send(org, `/records/Task/${id}/restore`)
      found.push((await org.read('Task', id))['WhoId'])
    }
    assert.deepEqual(found, [master, contact, null])
  })

  it('T8 moves the tasks along when they convert a lead or merge contacts, which a poller sees', async context => {
    const clock = movedClock('2026-05-01T10:00:00Z')
    const org = await openOrg(context, { clock })
    const [sam] = (await query(org, "SELECT Id FROM User WHERE FirstName = 'Sam'")).body.records
    const lead = await org.create('Lead', { LastName: 'L', Company: 'C', OwnerId: sam.Id })
    const task = await org.create('Task', { WhoId: lead })
    const master = await org.create('Contact', { LastName: 'M' })
    const stamps: unknown[] = []
    const look = async (): Promise<void> => {
      const { WhoId, SystemModstamp } = await org.read('Task', task)
      stamps.push([WhoId, String(SystemModstamp).slice(11, 19), await hands(org, task)])
    }
    clock.move(60_000)
    const contact = idIn(await send(org, `/records/Lead/${lead}/convert`))
    await look()
    clock.move(60_000)
    await send(org, `/records/Contact/${master}/merge`, { other: contact, editedBy: 'kim.larsson@sandbox.example.com' })
    await look()
    assert.deepEqual(stamps, [
      [contact, '10:01:00', 'Integration Integration Alex'],
      [master, '10:02:00', 'Integration Integration Kim'],
    ])
    assert.equal(await hands(org, contact, 'Contact'), 'Sam Alex Kim', 'the lead’s owner has the contact')
  })

  it('is chosen once for a browser, and must be an active user', async context => {
    const org = await openOrg(context)
    const answer = await fetch(`${org.url}/editor`, {
      method: 'POST',
      body: new URLSearchParams({ editedBy: 'only.salesforce@sandbox.example.com', back: '/records/Task' }),
      redirect: 'manual',
    })
    assert.equal(answer.headers.get('location'), '/records/Task')
    const cookie = answer.headers.get('set-cookie')?.split(';')[0] ?? ''
    const place = await send(org, '/records/Task', { Subject: 'A' }, { cookie })
    assert.equal(await hands(org, idIn(place)), 'Only Only Only')
    assert.match(await page(org, '/', { cookie }), /<option value="\w+" selected>Only Salesforce</)
    assert.match(await page(org, '/'), /<option value="\w+" selected>Alex Rivera</)
    assert.equal(await send(org, '/editor', { back: '//example.com' }), '/')
    for (const editedBy of ['former.user@sandbox.example.com', 'integration@sandbox.example.com', 'x@example.com']) {
      const refused = await send(org, place, { Subject: 'B', editedBy })
      assert.match(await page(org, refused), /role="alert">no active user of the org: /)
    }
    assert.equal((await org.read('Task', idIn(place)))['Subject'], 'A')
  })

  it('finds what a task is made with, and who is inactive only where they are the owner', async context => {
    const org = await openOrg(context)
    const contact = await org.create('Contact', { LastName: 'Byron', Email: 'ada@example.com' })
    const id = await org.create('Task', { WhoId: contact })
    const tasks = await page(org, '/records/Task')
    assert.match(tasks, new RegExp(`<option value="${contact}">Byron ada@example\\.com</option>`))
    assert.match(tasks, /name="OwnerId"[^>]*><option value="" selected>Assigned to me</)
    assert.doesNotMatch(tasks, /Former User/)
    assert.match(await page(org, `/records/Contact/${contact}`), new RegExp(`name="WhoId" value="${contact}"`))
    const [former] = (await query(org, "SELECT Id FROM User WHERE FirstName = 'Former'")).body.records
    await org.call('PATCH', `/sobjects/User/${former.Id}`, { IsActive: true })
    await send(org, `/records/Task/${id}`, { OwnerId: former.Id })
    await org.call('PATCH', `/sobjects/User/${former.Id}`, { IsActive: false })
    assert.match(await page(org, `/records/Task/${id}`), /selected>Former User \(inactive\)</)
  })
})
