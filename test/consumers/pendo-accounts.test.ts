import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Account, SinkWrite } from '../../schemas/generated.ts'
import pendoAccounts from '../../services/consumers/pendo-accounts.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { accounts, pendoWrites } from '../../topology/topics.ts'
import { account } from '../segment-to-pendo/events.ts'
import { startTestSystem } from '../system.ts'
import { drive, type Output } from './drive.ts'
import { checkLaws } from './laws.ts'

const told = (outputs: readonly Output[]) =>
  outputs.map(output =>
    output.kind === 'write' ? [output.target, output.operation, output.key, output.fields] : output,
  )

describe('pendo-accounts', () => {
  const rows: { name: string; given: Partial<Account>; asks: readonly unknown[] }[] = [
    {
      name: 'S2 the group id is the account id, the traits are metadata',
      given: { traits: { name: 'Acme', employees: 120 }, domain: 'acme.example' },
      asks: [['pendo:account', 'SET', 'acme', { name: 'Acme', employees: 120 }]],
    },
    {
      name: 'S2 a call without traits makes the account all the same',
      given: { traits: {} },
      asks: [['pendo:account', 'SET', 'acme', {}]],
    },
    { name: 'S2 the placeholder of Pendo’s snippet is no account', given: { account: 'ACCOUNT-UNIQUE-ID' }, asks: [] },
    { name: 'S2 what Pendo tells is not told to it', given: { source: 'pendo:default' }, asks: [] },
  ]
  for (const { name, given, asks } of rows)
    it(name, () => assert.deepEqual(told(drive(pendoAccounts).when(account(given), null)), asks))

  it('S2 its writes name nobody, are keyed by the account and have the version of the event', async () => {
    const system = await startTestSystem({ ...pipeline, consumers: [pendoAccounts] })
    const event = account()
    await system.given(accounts, event)
    const [record] = await system.records(pendoWrites.name)
    assert.equal(record?.key?.toString(), 'pendo:account:acme')
    const [write] = (await system.values(pendoWrites)) as readonly SinkWrite[]
    assert.deepEqual([write?.person, write?.key], [null, 'acme'])
    assert.deepEqual(write?.version, { revision: null, time: event.occurredAt, eventId: event.eventId })
    await system.close()
  })
})

checkLaws(pendoAccounts, [
  account({ eventId: 'segment:m-1' }),
  account({ eventId: 'segment:m-2', traits: { name: null } }),
  account({ eventId: 'segment:m-3', account: 'other' }),
])
