import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { receipts, tracks } from '../../topology/topics.ts'
import { trackEvent } from '../tracks/events.ts'
import { type CrmSystem, crmTopology, startCrmSystem } from './crm.ts'
import { ada, bob } from './tracks.ts'

/** Ada signed up and joined, Bob only signed up; all of it is in the CRM. */
const delivered = async (): Promise<CrmSystem> => {
  const system = await startCrmSystem('ada@example.com', 'bob@example.com')
  await system.given(tracks, trackEvent(ada, 'signed up'), trackEvent(bob, 'signed up'), trackEvent(ada, 'joined'))
  return system
}

/** What changed in the CRM while `work` ran. */
const changesOf = async ({ crm }: CrmSystem, work: () => Promise<unknown>) => {
  const before = crm.effects.length
  await work()
  return crm.effects.slice(before)
}

/** How many receipts of each outcome came while `work` ran. */
const outcomesOf = async (
  system: CrmSystem,
  work: () => Promise<unknown>,
): Promise<Readonly<Record<string, number>>> => {
  const before = await system.values(receipts)
  await work()
  const counts: Record<string, number> = {}
  for (const { outcome } of await system.values(receipts)) counts[outcome] = (counts[outcome] ?? 0) + 1
  for (const { outcome } of before) counts[outcome] = (counts[outcome] ?? 0) - 1
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

describe('a replay of what was delivered', () => {
  it('K5 replaying everything after all was delivered sends nothing', async () => {
    const system = await delivered()
    const requests = system.crm.requests.length
    const outcomes = await outcomesOf(system, () => system.replay(crmTopology(), 'track-crm'))
    assert.equal(system.crm.requests.length, requests)
    assert.deepEqual(outcomes, { UNCHANGED: 5, STALE: 1, IMMUTABLE: 1 })
    await system.close()
  })

  it('K5 after a mapping is corrected a replay sends exactly the differences', async () => {
    const system = await delivered()
    const corrected = crmTopology({ track: name => (name === 'joined' ? 'Joined' : name) })
    const planned = await system.dryRun(corrected, 'track-crm')
    const changes = await changesOf(system, () => system.replay(corrected, 'track-crm'))
    assert.deepEqual(changes, [{ record: '501', fields: { track: 'Joined' } }])
    assert.deepEqual(
      planned.differences
        .filter(({ effect }) => effect === 'change')
        .map(({ record, field, wouldBe }) => ({ record, field, wouldBe })),
      [{ record: '501', field: 'track', wouldBe: 'Joined' }],
    )
    assert.deepEqual(await changesOf(system, () => system.replay(corrected, 'track-crm')), [])
    await system.close()
  })

  it('K5 a corrected task is put again, once', async () => {
    const system = await delivered()
    const corrected = crmTopology({ subject: name => `Did: ${name}` })
    const changes = await changesOf(system, () => system.replay(corrected, 'track-crm', { keys: [bob] }))
    assert.deepEqual(
      changes.map(({ record, fields }) => [record, fields['subject']]),
      [['task:bob@example.com:signed up', 'Did: signed up']],
    )
    assert.equal(system.crm.dependents.size, 4)
    await system.close()
  })

  it('K8 newer live writes win over a replay of older events', async () => {
    const system = await delivered()
    const replayed = crmTopology({ track: name => name.toUpperCase() })
    const only = { keys: [ada], to: '1' }
    const outcomes = await outcomesOf(system, () => system.replay(replayed, 'track-crm', only))
    assert.deepEqual(outcomes, { STALE: 1, UNCHANGED: 1 })
    assert.equal(system.crm.records.get('501')?.fields['track'], 'joined')
    await system.close()
  })

  it('K5 an occurrence that was made stays as it is', async () => {
    const system = await delivered()
    const corrected = crmTopology({ occurrence: () => 'Corrected' })
    const { differences } = await system.dryRun(corrected, 'track-crm')
    assert.deepEqual(
      differences
        .map(({ effect, field, now, wouldBe }) => ({ effect, field, now, wouldBe }))
        .filter(({ effect }) => effect !== 'stale'),
      [{ effect: 'immutable', field: 'name', now: 'joined', wouldBe: 'Corrected' }],
    )
    assert.deepEqual(await changesOf(system, () => system.replay(corrected, 'track-crm')), [])
    await system.close()
  })
})
