import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { pendoAccount, pendoVisitor } from '../../services/sinks/pendo/objects.ts'
import { type Consumer, consumer } from '../../topology/define.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { accounts, deadLetters, identities, pendoWrites, tracks } from '../../topology/topics.ts'
import { account, track } from '../segment-to-pendo/events.ts'
import { startTestSystem } from '../system.ts'

const startAlone = (only: Consumer) => startTestSystem({ ...pipeline, consumers: [only] })

describe('writes about nobody', () => {
  it('K2 name nobody, also when an event of somebody asks for them', async () => {
    const system = await startAlone(
      consumer({
        name: 'last-activity',
        reads: tracks,
        joins: { table: identities, by: 'person', ifMissing: 'create' },
        writes: [pendoAccount, pendoVisitor],
        handle: ({ event }) => ({
          writes: [pendoAccount.set('acme', { last: event.name }), pendoVisitor.set('u-1', { last: event.name })],
        }),
      }),
    )
    await system.given(tracks, track())
    const person = await system.person('user:u-1')
    const writes = await system.values(pendoWrites)
    assert.deepEqual(
      writes.map(write => [write.object, write.person]),
      [
        ['account', null],
        ['visitor', person],
      ],
    )
    const keys = (await system.records(pendoWrites.name)).map(({ key }) => key?.toString())
    assert.deepEqual(keys, ['pendo:account:acme', person])
    await system.close()
  })

  it('K2 are all that an event of nobody may ask for', async () => {
    const system = await startAlone({
      ...{ kind: 'consumer', name: 'wrong', reads: accounts, joins: null, writes: [pendoVisitor] },
      handle: () => ({ writes: [pendoVisitor.set('u-1', {})] }),
    } as Consumer)
    await system.given(accounts, account())
    const codes = (await system.records(deadLetters.name)).map(({ headers }) => String(headers['error.code']))
    assert.deepEqual(codes, ['WRITE_WITHOUT_PERSON'])
    assert.deepEqual(await system.records(pendoWrites.name), [])
    await system.close()
  })
})
