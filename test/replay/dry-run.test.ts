import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Difference } from '../../services/replay/dry-run/comparison.ts'
import { tracks } from '../../topology/topics.ts'
import { trackEvent } from '../tracks/events.ts'
import { type CrmSystem, crmTopology, type Mapping, startCrmSystem } from './crm.ts'
import { ada, bob } from './tracks.ts'

const carol = 'email:carol@example.com'

const delivered = async (): Promise<CrmSystem> => {
  const system = await startCrmSystem('ada@example.com', 'bob@example.com')
  await system.given(tracks, trackEvent(ada, 'signed up'), trackEvent(bob, 'signed up'))
  return system
}

const differencesOf = async (system: CrmSystem, mapping: Partial<Mapping> = {}): Promise<readonly Difference[]> =>
  (await system.dryRun(crmTopology(mapping), 'track-crm')).differences

/** Without the person's id. */
const told = ({ object, record, field, now, wouldBe, effect, reason }: Difference) =>
  [effect, object, record, field, now, wouldBe, reason].filter(part => part !== undefined)

describe('a dry run', () => {
  it('K5 prints each difference and changes nothing', async () => {
    const system = await delivered()
    const sizes = async () =>
      Promise.all(crmTopology().topics.map(async ({ name }) => [name, await system.kafka.topics.offsets(name)]))
    const [before, effects] = [await sizes(), system.crm.effects.length]
    const result = await system.dryRun(crmTopology({ track: name => `${name}!` }), 'track-crm')
    assert.deepEqual(result.differences.map(told).toSorted(), [
      ['change', 'contact', '501', 'track', 'signed up', 'signed up!'],
      ['change', 'contact', '502', 'track', 'signed up', 'signed up!'],
    ])
    assert.deepEqual([result.pending, result.counts.change, result.counts.same], [true, 2, 6])
    assert.deepEqual(await sizes(), before)
    assert.equal(system.crm.effects.length, effects)
    await system.close()
  })

  it('K5 finds nothing to do when all was delivered', async () => {
    const system = await delivered()
    const { differences, pending } = await system.dryRun(crmTopology(), 'track-crm')
    assert.deepEqual([differences, pending], [[], false])
    await system.close()
  })

  it('K5 tells what somebody changed at the vendor, which the replay leaves alone', async () => {
    const system = await delivered()
    const record = system.crm.records.get('501')
    if (record)
      (system.crm.records as Map<string, unknown>).set('501', {
        ...record,
        fields: { ...record.fields, track: 'by hand' },
      })
    const result = await system.dryRun(crmTopology(), 'track-crm')
    assert.deepEqual(result.differences.map(told), [['kept', 'contact', '501', 'track', 'by hand', 'signed up']])
    assert.equal(result.pending, false)
    const effects = system.crm.effects.length
    await system.replay(crmTopology(), 'track-crm')
    assert.equal(system.crm.effects.length, effects)
    await system.close()
  })

  it('K8 tells what is older than what was delivered', async () => {
    const system = await delivered()
    await system.given(tracks, trackEvent(ada, 'left'))
    const changed = crmTopology({ track: name => `${name}!` })
    const { differences } = await system.dryRun(changed, 'track-crm', { keys: [ada], to: '1' })
    assert.deepEqual(differences.map(told), [['stale', 'contact', '501', 'track', 'left', 'signed up!']])
    await system.close()
  })

  it('K5 tells what would be made, and of whom there is no record', async () => {
    const system = await startCrmSystem()
    await system.person(carol)
    await system.person('email:dan@example.com')
    await system.restart('identity-resolver')
    await system.given(
      tracks,
      trackEvent(carol, 'signed up'),
      trackEvent(carol, 'joined'),
      trackEvent('email:dan@example.com', 'joined'),
    )
    const differences = (await differencesOf(system)).map(told)
    assert.deepEqual(differences.filter(([, object]) => object === 'contact').toSorted(), [
      ['create', 'contact', null, 'source', null, 'tracks'],
      ['create', 'contact', null, 'track', null, 'joined'],
      ['skip', 'contact', null, null, null, 'RECORD_MISSING'],
    ])
    const ofCarol = differences.filter(([, , record]) => String(record).startsWith('carol'))
    assert.deepEqual(new Set(ofCarol.map(([effect]) => effect)), new Set(['create']))
    const joins = differences.filter(([, object]) => object === 'joined').map(([effect]) => effect)
    assert.deepEqual(joins.toSorted(), ['append', 'skip'])
    await system.close()
  })

  it('K5 tells of a record that was deleted', async () => {
    const system = await delivered()
    system.crm.remove('501')
    const differences = await differencesOf(system, { track: name => `${name}!` })
    assert.deepEqual(differences.filter(({ object }) => object === 'contact').map(told), [
      ['change', 'contact', '502', 'track', 'signed up', 'signed up!'],
      ['skip', 'contact', null, null, null, 'RECORD_DELETED'],
    ])
    await system.close()
  })

  it('K5 compares with the record that took the place of one that is gone', async () => {
    const system = await delivered()
    system.crm.remove('501')
    const record = system.crm.add(['ada@example.com'], { track: 'of another time' })
    const adas = async (mapping: Partial<Mapping>) => {
      const { differences } = await system.dryRun(crmTopology(mapping), 'track-crm', { keys: [ada] })
      return differences.map(told)
    }
    assert.deepEqual(await adas({ track: name => `${name}!` }), [
      ['change', 'contact', record, 'track', 'of another time', 'signed up!'],
      ['change', 'contact', record, 'source', null, 'tracks'],
    ])
    assert.deepEqual(await adas({}), [['skip', 'contact', '501', null, null, 'RECORD_DELETED']])
    await system.close()
  })

  it('K5 lists an occurrence that was made as immutable', async () => {
    const system = await delivered()
    await system.given(tracks, trackEvent(bob, 'joined'))
    const result = await system.dryRun(crmTopology({ occurrence: () => 'corrected' }), 'track-crm')
    assert.equal(result.counts.immutable, 1)
    assert.equal(result.pending, false)
    await system.close()
  })

  it('K5 asks again when the vendor is busy, and ends when it refuses', async () => {
    const system = await delivered()
    system.crm.fail({ limitedForMs: 1_000 }, 1, 'read')
    const running = differencesOf(system)
    let done = false
    void running.finally(() => {
      done = true
    })
    while (!done) {
      await nextTurn()
      system.clock.advance(500)
    }
    assert.deepEqual(await running, [])
    system.crm.fail('needs-person', 1, 'read')
    await assert.rejects(differencesOf(system), { code: 'DRY_RUN_UNANSWERED', message: /TOKEN_REFUSED/ })
    await system.close()
  })

  it('K5 is refused when every sink is off', async () => {
    const system = await delivered()
    const refused = system.dryRun({ ...crmTopology(), sinks: [] }, 'track-crm')
    await assert.rejects(refused, { code: 'REPLAY_WITHOUT_SINK' })
    await assert.rejects(system.dryRun(crmTopology(), 'track-crm', { destinations: new Map() }), {
      code: 'DESTINATION_OFF',
      message: /hubspot/,
    })
    await system.close()
  })
})
