import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { taskTold } from '../../../services/producers/salesforce/tasks.ts'

const receivedAt = Date.parse('2026-10-14T12:00:00Z')
const integration = '0055g00000AbCdEAAV'
const task = '00T5g0000012345EAA'

/** A task as a query gives it: a call of Kim's with a contact, whom somebody else edited. */
const row = (values: object = {}) => ({
  ...{ attributes: { type: 'Task' }, Id: task, IsDeleted: false, Subject: 'Call back', Description: '' },
  ...{ Status: 'In Progress', IsClosed: false, Priority: 'High', Type: 'Call', ActivityDate: '2026-10-20' },
  ...{ OwnerId: '0055g00000KimKiAAJ', Owner: { attributes: {}, Email: 'Kim.Larsson@Example.com' } },
  ...{ WhoId: '0035g00000ConTaAAJ', WhatId: null, LastModifiedById: '0055g00000KimKiAAJ', Tributary_Id__c: null },
  ...{ CreatedDate: '2026-10-14T11:00:00.000+0000', LastModifiedDate: '2026-10-14T11:30:00.000+0000' },
  ...{ SystemModstamp: '2026-10-14T11:30:05.000+0000' },
  ...values,
})

const isGone = () => false
const read = (values: object = {}, { userId = integration as string | null } = {}) =>
  taskTold(row(values), { receivedAt, userId, isGone })
const told = (...given: Parameters<typeof read>) => read(...given)?.records[0]?.value ?? assert.fail('nothing told')

const ids = { contact: '0035g00000ConTaAAJ', kim: '0055g00000KimKiAAJ' }

describe('a task of Salesforce', () => {
  it('T1 is told whole, with its link, its person and its owner', () => {
    const { eventId, ...value } = told()
    assert.match(eventId, new RegExp(`^salesforce:task:${task}:${Date.parse('2026-10-14T11:30:05Z')}-[0-9a-z]+$`))
    assert.deepEqual(value, {
      ...{ source: 'salesforce:default', system: 'SALESFORCE', activity: 'TASK', change: 'UPDATED' },
      ...{
        record: task,
        link: `salesforce:task:${task}`,
        relatedTo: null,
        related: [],
        others: null,
        recordOwner: null,
      },
      ...{ occurredAt: Date.parse('2026-10-14T11:30:00Z'), receivedAt, createdAt: Date.parse('2026-10-14T11:00:00Z') },
      ...{
        person: `salesforce:contact:${ids.contact}`,
        people: [`salesforce:contact:${ids.contact}`],
        owner: 'email:kim.larsson@example.com',
      },
      ...{ changes: {}, changedBy: ids.kim, ours: false },
      fields: {
        ...{ Subject: 'Call back', Description: null, Status: 'In Progress', IsClosed: false, Priority: 'High' },
        ...{ Type: 'Call', ActivityDate: '2026-10-20', OwnerId: ids.kim, WhoId: ids.contact, WhatId: null },
      },
    })
  })

  const own = `salesforce:task:${task}`
  for (const [key, link] of [
    [null, own],
    ['', own],
    ['hubspot:task:5012', 'hubspot:task:5012'],
    ['hubspot:call:77', 'hubspot:call:77'],
    ['salesforce:task:00T5g0000099999EAA', 'salesforce:task:00T5g0000099999EAA'],
    ['81234567890:ada@example.com', undefined],
    ['81234567890-1787650000000:zoom:registrant:x', undefined],
    ['hubspot', undefined],
    ['hubspot:Task:1', undefined],
  ] as const)
    it(`T8 with the key ${JSON.stringify(key)} ${link ? `is linked by ${link}` : 'is no business of the sync'}`, () =>
      assert.equal(read({ Tributary_Id__c: key })?.records[0]?.value.link, link))

  it('T8 of an org without the key column is linked by itself', () => {
    const { Tributary_Id__c: _, ...without } = row()
    const value = taskTold(without, { receivedAt, userId: integration, isGone })?.records[0]?.value
    assert.equal(value?.link, own)
  })

  for (const [who, kind] of [
    ['0035g00000ConTaAAJ', 'salesforce:contact:'],
    ['0035g00000ConTa', 'salesforce:contact:'],
    ['00Q5g0000067890', 'salesforce:lead:'],
    ['0015g00000Accou', null],
    [null, null],
    [7, null],
  ] as const)
    it(`T1 with WhoId ${JSON.stringify(who)} is about ${kind ?? 'nobody'}`, () => {
      const { person, people } = told({ WhoId: who })
      assert.equal(person?.replace(/[^:]*$/, '') ?? null, kind)
      if (person) assert.equal(person.length - String(kind).length, 18)
      assert.deepEqual(people, person === null ? [] : [person])
    })

  const account = '00190000001pPvHAAU'
  const known = [`salesforce:account:${account}`, 'domain:one.example']
  const site = { attributes: {}, Website: 'https://www.one.example/about' }
  for (const [what, values, names] of [
    ['nothing', {}, []],
    ['an account', { WhatId: account, AccountId: account, Account: site }, [known]],
    ['an account by 15 characters', { WhatId: account.slice(0, 15), AccountId: account, Account: site }, [known]],
    ['an account without a web site', { WhatId: account, AccountId: account, Account: null }, [[known[0]]]],
    [
      'an account, on a contact of another',
      { WhatId: account, AccountId: '00190000001pPvI', Account: site },
      [[known[0]]],
    ],
    ['nothing, on a contact of an account', { AccountId: account, Account: site }, []],
    ['an opportunity', { WhatId: '0065g00000Oppor', AccountId: account, Account: site }, null],
    ['nothing, on a lead', { WhoId: '00Q5g0000067890' }, null],
  ] as const)
    it(`T1 that relates to ${what} tells ${names ? JSON.stringify(names) : 'nothing of it'}`, () => {
      const { related, relatedTo } = told(values)
      assert.deepEqual(related?.map(one => one.names) ?? null, names)
      assert.equal(relatedTo, names?.length ? known[0] : null)
    })

  for (const [what, values, owner] of [
    ['a user', {}, 'email:kim.larsson@example.com'],
    ['the integration user', { OwnerId: integration, Owner: { Email: 'integration@example.com' } }, null],
    ['a queue', { OwnerId: '00G5g00000Queue', Owner: { Email: 'queue@example.com' } }, null],
    ['a user without an address', { Owner: { Email: null } }, null],
    ['a user who cannot be seen', { Owner: null }, null],
  ] as const)
    it(`T6 of ${what} is assigned to ${owner ?? 'nobody'}`, () => assert.equal(told(values).owner, owner))

  it('T7 that the integration user changed last is ours', () => {
    assert.equal(told({ LastModifiedById: integration }).ours, true)
    assert.equal(told({ LastModifiedById: integration.slice(0, 15) }).ours, true)
    assert.equal(told({ LastModifiedById: integration }, { userId: null }).ours, false)
    assert.equal(told({ LastModifiedById: null }, { userId: null }).ours, false)
  })

  const at = (time: string) => `2026-10-14T${time}.000+0000`
  for (const [what, values, change, occurredAt] of [
    ['just made', { CreatedDate: at('11:30:05') }, 'CREATED', '11:30:00'],
    ['changed', {}, 'UPDATED', '11:30:00'],
    ['deleted', { IsDeleted: true }, 'DELETED', '11:30:05'],
    ['modified after we took it', { LastModifiedDate: at('12:09:00') }, 'UPDATED', '12:00:00'],
  ] as const)
    it(`T8 that was ${what} is told as ${change}, at ${occurredAt}`, () => {
      const value = told(values)
      assert.deepEqual([value.change, value.occurredAt], [change, Date.parse(`2026-10-14T${occurredAt}Z`)])
      assert.equal(value.fields['Subject'], 'Call back')
      assert.ok(value.person)
    })

  it('T8 that was told last as deleted and is there again is restored', () => {
    const value = taskTold(row(), { receivedAt, userId: integration, isGone: id => id === task })?.records[0]?.value
    assert.equal(value?.change, 'RESTORED')
  })

  const contents: readonly (readonly [what: string, values: object, differs: boolean])[] = [
    ['another subject', { Subject: 'Call again' }, true],
    ['a deletion', { IsDeleted: true }, true],
    ['another owner', { OwnerId: integration }, true],
    ['another link', { Tributary_Id__c: 'hubspot:task:1' }, true],
    ['another person', { WhoId: null }, true],
    ['a touch of Salesforce itself', { SystemModstamp: at('11:50:00') }, false],
    ['a save, which may have come over a change that nobody read', { LastModifiedDate: at('11:50:00') }, true],
  ]
  for (const [what, values, differs] of contents)
    it(`T7 ${differs ? 'is told again' : 'is not told again'} after ${what}`, () =>
      assert.equal(read(values)?.content !== read()?.content, differs))

  it('T1 keeps a text with half a character, as text that can be written', () =>
    assert.equal(told({ Subject: 'Call \ud83d' }).fields['Subject'], 'Call \ufffd'))

  it('T1 without an id is none', () => {
    for (const Id of [null, 7, 'x', undefined]) assert.equal(read({ Id }), undefined)
  })
})
