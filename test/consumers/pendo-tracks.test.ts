import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Track } from '../../schemas/generated.ts'
import pendoTracks from '../../services/consumers/pendo-tracks.ts'
import { nameless, track } from '../segment-to-pendo/events.ts'
import { ada, drive, type Output } from './drive.ts'
import { checkLaws } from './laws.ts'

const told = (outputs: readonly Output[]) =>
  outputs.map(output =>
    output.kind === 'write' ? [output.target, output.operation, output.once, output.at, output.fields] : output,
  )
const { occurredAt } = track()
const asked = (fields: object) => [['pendo:track', 'APPEND', 'segment:m-track', occurredAt, fields]]
const properties = { 'properties.rows': 12, 'properties.format': 'csv' }

describe('pendo-tracks', () => {
  const rows: { name: string; given: Partial<Track>; asks: readonly unknown[] }[] = [
    {
      name: 'S3 is a track event with its properties, its visitor and its account',
      given: {},
      asks: asked({ event: 'Report exported', visitorId: 'u-1', accountId: 'acme', ...properties }),
    },
    {
      name: 'S3 has no account when the call names none',
      given: { account: null },
      asks: asked({ event: 'Report exported', visitorId: 'u-1', accountId: null, ...properties }),
    },
    {
      name: 'S3 has no account when the call has the placeholder of Pendo’s snippet',
      given: { account: 'ACCOUNT-UNIQUE-ID' },
      asks: asked({ event: 'Report exported', visitorId: 'u-1', accountId: null, ...properties }),
    },
    { name: 'S3 somebody without a user id is left out', given: nameless, asks: [] },
    { name: 'S6 a page is left out unless it is mapped', given: { kind: 'PAGE' }, asks: [] },
    { name: 'S6 a screen is left out unless it is mapped', given: { kind: 'SCREEN' }, asks: [] },
    { name: 'S3 what Pendo tells is not told to it', given: { source: 'pendo:default' }, asks: [] },
  ]
  for (const { name, given, asks } of rows)
    it(name, () => assert.deepEqual(told(drive(pendoTracks).when(track(given))), asks))

  it('S3 the visitor is the event’s own user, whoever the person turned out to be', () => {
    const merged = { ...ada, aliases: ['user:first', 'user:u-1'] }
    const [write] = drive(pendoTracks).when(track(), merged)
    assert.equal(write?.kind === 'write' && write.fields['visitorId'], 'u-1')
  })
})

checkLaws(pendoTracks, [
  track({ eventId: 'segment:m-1' }),
  track({ eventId: 'segment:m-2', account: null, properties: {} }),
  track({ eventId: 'segment:m-3', person: 'user:u-2', aliases: ['user:u-2'] }),
])
