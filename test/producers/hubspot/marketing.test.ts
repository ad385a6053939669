import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { overlapMs, startMarketing } from './marketing-sweeping.ts'

const minute = 60_000

describe('the sweep of marketing of HubSpot', () => {
  it('T3 T4 tells who submitted a form and who was sent, opened and clicked an e-mail, by their record', async context => {
    const marketing = await startMarketing(context)
    const { clock, sweep, submit, send, react, contact, told } = marketing
    await sweep()
    clock.advance(minute)
    const id = await contact('ada@example.com', { hubspot_owner_id: '77410001' })
    await submit('ada@example.com')
    clock.advance(1_000)
    const campaign = await send('Spring news', 'ada@example.com')
    clock.advance(1_000)
    await react('OPEN', campaign, 'ada@example.com')
    clock.advance(1_000)
    await react('CLICK', campaign, 'ada@example.com', { url: 'https://acme.example.com/pricing?who=ada#top' })
    clock.advance(minute)
    await sweep()
    const page = 'https://www.sandbox.example.com/contact-us'
    assert.deepEqual(
      (await told()).map(({ link, fields: { name, url } }) => [link?.split(':')[1], name, url]),
      [
        ['submission', 'Contact us', page],
        ['sent', 'Spring news', null],
        ['opened', 'Spring news', null],
        ['clicked', 'Spring news', 'https://acme.example.com/pricing'],
      ],
    )
    for (const task of await told()) {
      assert.match(task.link ?? '', /^hubspot:[a-z]+:[0-9a-f]{32}$/)
      assert.deepEqual([task.activity, task.system, task.owner], ['MARKETING_EVENT', 'HUBSPOT', null])
      assert.deepEqual([task.person, task.people], [`hubspot:contact:${id}`, [`hubspot:contact:${id}`]])
      assert.equal(task.recordOwner, 'email:alex.rivera@sandbox.example.com')
      assert.equal(task.fields['occurredAt'], new Date(task.occurredAt).toISOString())
    }
  })

  it('T2 begins when it first runs: what happened before is not told, not even by the overlap', async context => {
    const { clock, sweep, submit, send, react, told, asked } = await startMarketing(context)
    await submit('ada@example.com')
    const campaign = await send('Spring news', 'ada@example.com')
    await react('OPEN', campaign, 'ada@example.com')
    clock.advance(1_000)
    await sweep()
    assert.deepEqual(await asked('/email/'), [])
    clock.advance(minute)
    await sweep()
    assert.deepEqual(await told(), [])
  })

  it('T3 tells each once, however often it is read and whoever reads it, and of many opens the first', async context => {
    const { clock, sweep, submit, send, react, told } = await startMarketing(context)
    await sweep()
    clock.advance(minute)
    const campaign = await send('Spring news', 'ada@example.com', 'bob@example.com')
    await submit('ada@example.com')
    const opened = clock.now() + 1_000
    for (const _ of [1, 2, 3]) {
      clock.advance(1_000)
      await react('OPEN', campaign, 'ada@example.com')
      await react('CLICK', campaign, 'ada@example.com')
    }
    clock.advance(1_000)
    for (const _ of [1, 2]) await sweep({ taken: ['submission', 'opened', 'clicked'] })
    clock.advance(20 * overlapMs)
    for (const who of ['ada@example.com', 'bob@example.com']) await react('OPEN', campaign, who)
    clock.advance(1_000)
    for (const _ of [1, 2]) await sweep({ taken: ['submission', 'opened', 'clicked'] })
    const names = (await told()).map(({ link }) => link?.split(':')[1])
    assert.deepEqual(names.toSorted(), ['clicked', 'opened', 'opened', 'submission'])
    assert.equal((await told()).find(({ link }) => link?.includes('opened'))?.occurredAt, opened)
  })

  it('T3 tells every open where that is chosen', async context => {
    const { clock, sweep, send, react, told } = await startMarketing(context)
    await sweep()
    const campaign = await send('Spring news', 'ada@example.com')
    for (const _ of [1, 2, 3]) {
      clock.advance(1_000)
      await react('OPEN', campaign, 'ada@example.com')
    }
    clock.advance(1_000)
    for (const _ of [1, 2]) await sweep({ taken: ['opened'], repeats: 'every' })
    assert.equal(new Set((await told()).map(({ link }) => link)).size, 3)
    assert.equal((await told()).length, 3)
  })

  it('T3 leaves out what HubSpot takes for a bot, what was not sent after all, and who says of nobody', async context => {
    const { clock, sweep, submit, send, react, told, passedOver } = await startMarketing(context)
    await sweep()
    clock.advance(minute)
    const campaign = await send('Spring news', 'ada@example.com', 'bob@example.com')
    await react('OPEN', campaign, 'ada@example.com', { filtered: true })
    await react('DROPPED', campaign, 'bob@example.com')
    await submit(undefined, { values: { city: 'Berlin' } })
    await submit(undefined, { values: { email: 'not an address' } })
    await submit('ada@example.com', { form: 'Comments' })
    clock.advance(minute)
    await sweep()
    assert.deepEqual(
      (await told()).map(({ link }) => link?.split(':')[1]),
      ['sent'],
    )
    const counts = await Promise.all(['filtered', 'void', 'nobody'].map(passedOver))
    assert.deepEqual(counts, [1, 1, 2])
  })

  it('T4 gives a task a subject even of an e-mail that HubSpot does not have any more', async context => {
    const { clock, sweep, send, react, told, ask } = await startMarketing(context)
    await sweep()
    const campaign = await send('Spring news', 'ada@example.com')
    clock.advance(minute)
    await react('OPEN', campaign, 'ada@example.com')
    const match = { method: 'GET', path: '/email/public/v1/campaigns' }
    await ask('POST', '/_sandbox/faults', { match, times: 1, answer: { status: 404, body: { message: 'gone' } } })
    await sweep({ taken: ['opened'] })
    assert.deepEqual(
      (await told()).map(({ fields }) => fields['name']),
      [`e-mail ${campaign}`],
    )
  })

  it('T3 tells what HubSpot shows only after the time was passed', async context => {
    const { clock, sweep, submit, send, react, told } = await startMarketing(context)
    await sweep()
    clock.advance(minute)
    const campaign = await send('Spring news', 'ada@example.com')
    await react('OPEN', campaign, 'ada@example.com', { shownAfterMs: overlapMs - 30 * minute })
    await submit('ada@example.com', { shownAfterMs: overlapMs - 30 * minute })
    for (const shown of [false, true]) {
      clock.advance(overlapMs / 2 - minute)
      await sweep({ taken: ['submission', 'opened'] })
      assert.equal((await told()).length, shown ? 2 : 0)
    }
  })

  it('T3 tells all of one millisecond, over pages', async context => {
    const { clock, sweep, submit, send, react, told } = await startMarketing(context)
    await sweep()
    clock.advance(minute)
    const people = Array.from({ length: 1_100 }, (_, index) => `person-${index}@example.com`)
    const campaign = await send('Spring news', ...people)
    const at = clock.now()
    for (const email of people.slice(0, 3)) await react('OPEN', campaign, email, { created: at })
    for (const email of people.slice(0, 120)) await submit(email, { submittedAt: at })
    clock.advance(minute)
    for (const _ of [1, 2]) await sweep()
    const names = Map.groupBy(await told(), ({ link }) => link?.split(':')[1])
    const counts = [...names].map(([name, all]) => [name, all.length, new Set(all.map(({ link }) => link)).size])
    assert.deepEqual(counts.toSorted(), [
      ['opened', 3, 3],
      ['sent', 1_100, 1_100],
      ['submission', 120, 120],
    ])
  })

  it('T3 does not even ask for a type that is not taken', async context => {
    const { clock, sweep, submit, send, react, told, asked } = await startMarketing(context)
    for (const _ of [1, 2]) {
      clock.advance(minute)
      const campaign = await send('Spring news', 'ada@example.com')
      await react('CLICK', campaign, 'ada@example.com')
      await submit('ada@example.com')
      clock.advance(minute)
      await sweep({ taken: ['clicked'] })
    }
    assert.equal((await told()).length, 1)
    assert.deepEqual(await asked('/marketing/v3/forms'), [])
    assert.ok((await asked('/email/public/v1/events')).every(path => path.includes('eventType=CLICK')))
  })

  it('T3 reads what it may while a scope is missing, and says which', async context => {
    const scopes = ['crm.objects.contacts.read', 'crm.objects.contacts.write', 'crm.objects.owners.read', 'forms']
    const { clock, sweep, submit, told, lines } = await startMarketing(context, { sandbox: { scopes } })
    await sweep()
    clock.advance(minute)
    await submit('ada@example.com')
    clock.advance(minute)
    await sweep({ fails: true })
    assert.equal((await told()).length, 1)
    assert.match(lines.join('\n'), /HUBSPOT_SCOPES_MISSING.*Grant the app the scope content/)
  })

  it('K9 tells nothing of who was erased, nor of their address', async context => {
    const { clock, sweep, submit, claim, person, contact, told, passedOver, records, lines } =
      await startMarketing(context)
    await sweep()
    const id = await contact('ada@example.com')
    await person('email:ada@example.com', `hubspot:contact:${id}`)
    await claim({ kind: 'ERASE', aliases: ['email:ada@example.com'], time: clock.now() })
    clock.advance(minute)
    await submit('Ada@Example.com')
    await submit('bob@example.com')
    clock.advance(minute)
    await sweep()
    const all = await told()
    assert.equal(all.length, 1)
    assert.equal(await passedOver('erased'), 1)
    const keys = [...(await records('tasks')), ...(await records('hubspot-marketing-sweeps'))].map(({ key }) =>
      String(key),
    )
    assert.doesNotMatch([...keys, ...lines, ...all.map(({ eventId }) => eventId)].join('\n'), /@|bob|ada/)
  })
})
