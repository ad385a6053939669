import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Task } from '../../schemas/generated.ts'
import { taskLinksBy } from '../../services/consumers/task-links.ts'
import { readyTaskSync } from '../../services/tasks/mapping.ts'
import { type MarketingEventName, taskSync } from '../../topology/tasks.ts'
import { drive, writesTo } from '../consumers/drive.ts'
import { checkLaws } from '../consumers/laws.ts'
import { startMarketing } from '../producers/hubspot/marketing-sweeping.ts'
import { openOrg } from '../sinks/salesforce-org.ts'
import { ada, at } from './crms.ts'

const all = { ...taskSync.marketing, sent: { type: 'Email', prefix: 'Sent: ' } }
const consumer = taskLinksBy(() => readyTaskSync({ ...taskSync, marketing: all }))
const id = '332bd0ca5ee285b3f3b6332bd0ca5ee2'

const happened = (name: MarketingEventName, title: string, url: string | null = null): Task => ({
  ...{
    eventId: `hubspot:${name}:${id}`,
    source: 'hubspot:default',
    occurredAt: at,
    receivedAt: at + 500,
    createdAt: at,
  },
  ...{ system: 'HUBSPOT', record: id, change: 'CREATED', activity: 'MARKETING_EVENT', link: `hubspot:${name}:${id}` },
  ...{ people: ['hubspot:contact:501'], person: 'hubspot:contact:501', recordOwner: 'email:alex@example.com' },
  fields: { name: title, url, occurredAt: new Date(at).toISOString() },
  ...{ owner: null, relatedTo: null, related: null, others: null, changedBy: null, changes: {}, ours: false },
})

describe('marketing events on their way to Salesforce', () => {
  const page = 'https://acme.example.com/contact'
  const cases: readonly (readonly [Task, Subject: string, Type: string | null, Description?: string])[] = [
    [happened('submission', 'Contact us', page), 'Submitted: Contact us', null, page],
    [happened('sent', 'Spring news'), 'Sent: Spring news', 'Email'],
    [happened('opened', 'Spring news'), 'Opened: Spring news', 'Email'],
    [happened('clicked', 'Spring news', page), 'Clicked: Spring news', 'Email', page],
  ]
  for (const [event, Subject, Type, Description] of cases)
    it(`T3 T4 become completed tasks: "${Subject}"`, () => {
      const [write, ...others] = writesTo(drive(consumer).when(event, ada), 'salesforce:activity')
      assert.deepEqual(others, [])
      assert.equal(write?.key, event.link)
      assert.deepEqual(write?.fields, {
        ...{
          Subject,
          Type,
          ...(Description === undefined ? {} : { Description }),
          Status: 'Completed',
          ActivityDate: '2026-03-04',
          IsDeleted: false,
        },
        ...{ WhoId: '003Hx00003KdPYAIA3', OwnerId: 'alex@example.com' },
      })
    })

  it('T3 are taken by type, and what is told again changes nothing', () => {
    const standard = taskLinksBy(() => readyTaskSync(taskSync))
    const isTaken = (name: MarketingEventName) => standard.concerns?.(happened(name, 'x'))
    assert.deepEqual((['submission', 'sent', 'opened', 'clicked'] as const).map(isTaken), [true, false, true, true])
    const driven = drive(consumer)
    driven.when(happened('opened', 'Spring news'), ada)
    assert.deepEqual(driven.when({ ...happened('opened', 'Spring news'), eventId: 'again' }, ada), [])
  })

  it('T3 T4 a mistake in what is chosen is named', () => {
    const marketing = { ...taskSync.marketing, opened: { type: '', prefix: 'x' } }
    assert.throws(() => readyTaskSync({ ...taskSync, marketing, marketingRepeats: 'never' }), {
      code: 'MAPPING_INVALID',
      message: /marketing\.opened\.type.*\n?.*marketingRepeats must be 'first' or 'every'/s,
    })
  })
})

checkLaws(
  consumer,
  [happened('submission', 'Contact us'), happened('opened', 'Spring news')].map(event => ({
    ...event,
    aliases: ['hubspot:contact:501', 'salesforce:contact:003Hx00003KdPYAIA3'],
  })),
)

describe('marketing of HubSpot in Salesforce', () => {
  const open = async (context: TestContext) => {
    const org = await openOrg(context)
    const marketing = await startMarketing(context, { destinations: new Map([['salesforce', org.destination]]) })
    await marketing.sweep()
    marketing.clock.advance(60_000)
    return { org, ...marketing }
  }

  it('T3 T4 who is not known yet is waited for; then there is one task for each, however often it is read', async context => {
    const { org, clock, submit, send, react, sweep, person, settle } = await open(context)
    await submit('ada@example.com')
    const campaign = await send('Spring news', 'ada@example.com')
    await react('OPEN', campaign, 'ada@example.com')
    clock.advance(1_000)
    await sweep({ taken: ['submission', 'opened'] })
    assert.deepEqual(await org.tasks(), [])
    const contact = await org.add('Contact', { LastName: 'Lovelace', Email: 'ada@example.com' })
    // The form made the contact in HubSpot.
    await person('email:ada@example.com', 'hubspot:contact:501')
    assert.deepEqual(await org.tasks(), [])
    await person('email:ada@example.com', `salesforce:contact:${contact}`)
    await settle()
    for (const _ of [1, 2]) {
      clock.advance(1_000)
      await react('OPEN', campaign, 'ada@example.com')
      clock.advance(1_000)
      await sweep({ taken: ['submission', 'opened'] })
    }
    const tasks = await org.tasks()
    assert.deepEqual(tasks.map(({ Subject, Status, WhoId }) => [Subject, Status, WhoId]).toSorted(), [
      ['Opened: Spring news', 'Completed', contact],
      ['Submitted: Contact us', 'Completed', contact],
    ])
  })

  it('K9 of who is erased while they are waited for, nothing is told', async context => {
    const { org, clock, submit, sweep, person, claim } = await open(context)
    await submit('ada@example.com')
    clock.advance(1_000)
    await sweep()
    await person('email:ada@example.com', 'hubspot:contact:501')
    await claim({ kind: 'ERASE', aliases: ['email:ada@example.com'], time: clock.now() })
    clock.advance(1_000)
    const contact = await org.add('Contact', { LastName: 'Lovelace', Email: 'ada@example.com' })
    await claim({ aliases: ['hubspot:contact:501', `salesforce:contact:${contact}`], time: clock.now() })
    await sweep()
    assert.deepEqual(await org.tasks(), [])
  })
})
