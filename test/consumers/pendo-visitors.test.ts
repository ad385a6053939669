import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Visitor } from '../../schemas/generated.ts'
import pendoVisitors from '../../services/consumers/pendo-visitors.ts'
import { nameless, visitor } from '../segment-to-pendo/events.ts'
import { ada, drive, type Output } from './drive.ts'
import { checkLaws } from './laws.ts'

const told = (outputs: readonly Output[]) =>
  outputs.map(output =>
    output.kind === 'write' ? [output.target, output.operation, output.key, output.fields] : output,
  )

describe('pendo-visitors', () => {
  const rows: { name: string; given: Partial<Visitor>; asks: readonly unknown[] }[] = [
    {
      name: 'S1 the user id is the visitor id, the traits are metadata',
      given: { traits: { plan: 'pro', seats: 3, trial: false, phone: null } },
      asks: [['pendo:visitor', 'SET', 'u-1', { plan: 'pro', seats: 3, trial: false, phone: null }]],
    },
    {
      name: 'S1 a call without traits makes the visitor all the same',
      given: { traits: {} },
      asks: [['pendo:visitor', 'SET', 'u-1', {}]],
    },
    {
      name: 'S2 a group call tells the account that the visitor belongs to',
      given: { traits: {}, account: 'acme' },
      asks: [['pendo:visitor', 'SET', 'u-1', { accountid: 'acme' }]],
    },
    {
      name: 'S1 S2 an identify call may tell it too',
      given: { account: 'acme' },
      asks: [['pendo:visitor', 'SET', 'u-1', { plan: 'pro', accountid: 'acme' }]],
    },
    {
      name: 'S2 the placeholder of Pendo’s snippet is no account',
      given: { traits: {}, account: 'ACCOUNT-UNIQUE-ID' },
      asks: [['pendo:visitor', 'SET', 'u-1', {}]],
    },
    { name: 'S1 somebody without a user id is left out', given: nameless, asks: [] },
    { name: 'S1 what Pendo tells is not told to it', given: { source: 'pendo:default' }, asks: [] },
  ]
  for (const { name, given, asks } of rows)
    it(name, () => assert.deepEqual(told(drive(pendoVisitors).when(visitor(given))), asks))

  it('S1 the visitor is the event’s own user, whoever the person turned out to be', () => {
    const merged = { ...ada, aliases: ['user:first', 'user:u-1'] }
    assert.deepEqual(told(drive(pendoVisitors).when(visitor(), merged)), [
      ['pendo:visitor', 'SET', 'u-1', { plan: 'pro' }],
    ])
  })
})

checkLaws(pendoVisitors, [
  visitor({ eventId: 'segment:m-1' }),
  visitor({ eventId: 'segment:m-2', traits: {}, account: 'acme' }),
  visitor({ eventId: 'segment:m-3', person: 'user:u-2', aliases: ['user:u-2'] }),
])
