import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Task } from '../../../schemas/generated.ts'
import { startHubSpotActivities } from '../../../services/producers/hubspot/activities/service.ts'
import { createHubSpotActivityReader } from '../../../services/producers/hubspot/rest/activities.ts'
import { systemClock as clock } from '../../../services/runtime/clock.ts'
import { silentLogger } from '../../../services/runtime/log.ts'
import { OWNERS } from '../../../services/sandbox/hubspot/owners/owners.ts'
import { tasks } from '../../../topology/topics.ts'
import { eventually } from '../../scenarios/eventually.ts'
import { startEmulated } from './emulated.ts'
import { appId } from './receiving.ts'

const due = '2026-10-14T09:00:00Z'
const contacts = 'contacts'

/** An emulated HubSpot whose webhooks come to an ingest, and a process that reads what they notice. */
const joined = async (context: TestContext) => {
  const emulated = await startEmulated(context, { appId: Number(appId) })
  const { kafka, codec, metrics, hubspotUrl } = emulated
  const synced = new Set<string>()
  const running = await startHubSpotActivities({
    ...{ kafka, codec, metrics, clock, logger: silentLogger, appId, onFatal: assert.fail },
    reader: createHubSpotActivityReader({ baseUrl: hubspotUrl, accessToken: 'sandbox', clock, metrics }),
    synced: aliases => new Map(aliases.flatMap(alias => (synced.has(alias) ? [[alias, `there:${alias}`]] : []))),
  })
  context.after(running.close)
  return {
    ...{ ...emulated, synced, running },
    /** A person sends a form of the page. */
    form: async (path: string, fields: Record<string, string> = {}): Promise<void> => {
      const request = { method: 'POST', body: new URLSearchParams(fields), redirect: 'manual' } as const
      assert.equal((await fetch(hubspotUrl + path, request)).status, 303)
    },
    /** The last that was told of a record, when it is as expected. */
    last: async (record: string, holds: (task: Task) => void): Promise<void> => {
      await eventually(async () => {
        const told = (await emulated.decoded(tasks)).filter(task => task.record === record)
        holds(told.at(-1) ?? assert.fail('nothing is told yet'))
      })
    },
  }
}

describe('activities of the emulated HubSpot', () => {
  it('T1 T5 T6 T8 T7 are told whole when they are made, put on contacts, edited, merged, deleted and restored', async context => {
    const run = await joined(context)
    const [rep, boss] = OWNERS
    const older = await run.create(contacts, { email: 'ada@example.com', hubspot_owner_id: boss?.id })
    const newer = await run.create(contacts, { email: 'bo@example.com' })
    run.synced.add(`hubspot:contact:${older}`)
    const properties = { hs_timestamp: due, hs_task_subject: 'Call Ada', hubspot_owner_id: rep?.id }
    const id = await run.create('tasks', properties)
    await run.last(id, task => {
      assert.deepEqual([task.link, task.fields['hs_task_subject'], task.people], [`hubspot:task:${id}`, 'Call Ada', []])
      assert.deepEqual([task.owner, task.ours], [`email:${rep?.email}`, true])
    })
    for (const contact of [older, newer])
      await run.ask('PUT', `/crm/v4/objects/tasks/${id}/associations/default/contacts/${contact}`)
    await run.last(id, task => {
      assert.deepEqual(task.people, [`hubspot:contact:${older}`, `hubspot:contact:${newer}`])
      assert.deepEqual([task.person, task.recordOwner], [`hubspot:contact:${older}`, `email:${boss?.email}`])
    })
    await run.form(`/records/tasks/${id}`, { hs_task_status: 'COMPLETED' })
    await run.last(id, task => {
      assert.equal(task.fields['hs_task_status'], 'COMPLETED')
      assert.deepEqual([task.ours, task.changes['hs_task_status']?.ours], [false, false])
      assert.deepEqual([task.changes['hs_task_subject']?.ours, task.changedBy], [true, 'CRM_UI userId:1'])
    })
    await run.ask('POST', '/crm/v3/objects/contacts/merge', { primaryObjectId: older, objectIdToMerge: newer })
    await run.ask('PATCH', `/crm/v3/objects/tasks/${id}`, { properties: { hs_task_priority: 'HIGH' } })
    await run.last(id, task => {
      assert.deepEqual([task.fields['hs_task_priority'], task.people.length], ['HIGH', 1])
      assert.ok(![`hubspot:contact:${older}`, `hubspot:contact:${newer}`].includes(task.person ?? ''))
    })
    await run.ask('DELETE', `/crm/v3/objects/tasks/${id}`)
    await run.last(id, task => assert.deepEqual([task.change, task.link], ['DELETED', `hubspot:task:${id}`]))
    const deletedAt = (await run.decoded(tasks)).findLast(({ change }) => change === 'DELETED')?.occurredAt ?? 0
    await run.form(`/records/tasks/${id}/restore`)
    await run.last(id, task => {
      assert.notEqual(task.change, 'DELETED')
      assert.equal(task.fields['hs_task_subject'], 'Call Ada')
      assert.ok(task.occurredAt > deletedAt, 'the restoration is later than the deletion')
    })
    assert.deepEqual([run.running.status(), await run.letters()], [{ state: 'running' }, []])
  })

  it('T3 are told of every type', async context => {
    const run = await joined(context)
    const made = {
      calls: { hs_call_title: 'Intro', hs_call_duration: '1260000' },
      notes: { hs_note_body: 'Likes tea' },
      meetings: { hs_meeting_title: 'Demo' },
      emails: { hs_email_subject: 'Offer', hs_email_direction: 'EMAIL' },
    }
    for (const [path, properties] of Object.entries(made)) {
      const id = await run.create(path, { hs_timestamp: due, ...properties })
      await run.last(id, task => {
        const expected = { ...properties, ...('hs_call_duration' in properties ? { hs_call_duration: 1_260_000 } : {}) }
        for (const [name, value] of Object.entries(expected)) assert.equal(task.fields[name], value)
        assert.equal(`${task.activity.toLowerCase()}s`, path)
      })
    }
  })
})
