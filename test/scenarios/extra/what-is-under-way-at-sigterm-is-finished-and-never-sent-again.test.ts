/*
 * Guard: services/delivery/delivery.ts
 * - await Promise.race([idle, clock.sleep(settings.drainMs, over.signal)])
 * +
 */
import assert from 'node:assert/strict'
import { deadLetters, hubspotWrites } from '../../../topology/topics.ts'
import { startTestKafka } from '../../kafka.ts'
import { atEnd } from '../at-end.ts'
import { eventually } from '../eventually.ts'
import { startHere } from '../here.ts'
import { startServices } from '../program.ts'
import type { EmulatedHubSpot } from '../sandboxes.ts'
import { scenario } from '../scenario.ts'
import { addressesOf, countOf, delivered, knowPeople, outcomesOf } from '../sink-writes.ts'
import { openSystem } from '../system.ts'

const PEOPLE = 250
const UPSERT = '/crm/v3/objects/contacts/batch/upsert'
const ANSWER_MS = 3_000
/** What an orchestrator leaves a process before it kills it, as in docker-compose.yml. */
const GRACE_MS = 30_000

scenario(
  {
    id: 'sigterm',
    sentence: 'what is under way at SIGTERM is finished within the grace period and never sent again',
    faults: 'SIGTERM of a sink that waits for slow answers to its writes; then it is started again',
  },
  async context => {
    const platform = await startTestKafka()
    atEnd(context, () => platform.stop())
    const { settings, cluster, hubspot } = await openSystem(context, platform)
    await startHere(context, ['sandbox-hubspot', 'identity-resolver'], settings)
    const people = await knowPeople(cluster, addressesOf(PEOPLE))
    const sink = await startServices(context, ['hubspot'], settings)
    await hubspot.disturb({ method: 'POST', path: UPSERT, times: PEOPLE, answer: { delayMs: ANSWER_MS } })
    const publisher = await cluster.kafka.publisher('writes')
    const writes = people.map(person => countOf(person, 1))
    await publisher.publish(
      writes.map(write => {
        const value = cluster.codec.encode(hubspotWrites, write)
        return { topic: hubspotWrites.name, key: write.person, value }
      }),
    )
    await publisher.close()

    await eventually(async () => assert.ok((await upserts(hubspot)).some(({ status }) => status === null)))
    const endedAt = performance.now()
    assert.equal(await sink.end('SIGTERM'), 0)
    const drainMs = performance.now() - endedAt
    assert.ok(drainMs < GRACE_MS, `it took ${Math.round(drainMs)} ms to end`)
    const sentBefore = await upserts(hubspot)
    // An answer that nobody waits for any more comes too.
    await eventually(async () => assert.ok((await upserts(hubspot)).every(({ status }) => status !== null)))
    const appliedBefore = await hubspot.writes()
    assert.ok(appliedBefore.length > 0)
    assert.equal((await outcomesOf(cluster)).size, appliedBefore.length, 'what HubSpot applied is in receipts')
    assert.equal(await cluster.waitingFor('hubspot'), PEOPLE - appliedBefore.length, 'and committed')

    await startServices(context, ['hubspot'], settings)
    await delivered(cluster, 'hubspot')
    const sent = (await upserts(hubspot)).flatMap(({ emails }) => emails)
    const duplicated = sent.length - new Set(sent).size
    const lost = PEOPLE - (await hubspot.contacts()).length
    assert.deepEqual({ lost, duplicated }, { lost: 0, duplicated: 0 })
    assert.equal((await hubspot.writes()).length, PEOPLE)
    assert.deepEqual(await cluster.records(deadLetters.name), [])
    const notes = [`${sentBefore.length} requests under way were finished in ${(drainMs / 1_000).toFixed(1)} s.`]
    return { events: PEOPLE, lost, duplicated, notes }
  },
)

/** Requests that write contacts: the addresses of each, and its answer's status, null while there is none. */
const upserts = async (
  hubspot: EmulatedHubSpot,
): Promise<readonly { readonly status: number | null; readonly emails: readonly string[] }[]> =>
  (await hubspot.requests())
    .filter(({ path }) => path.startsWith(UPSERT))
    .map(({ status, body }) => ({
      status,
      emails: ((body as { inputs: readonly { id: string }[] } | null)?.inputs ?? []).map(({ id }) => id),
    }))
