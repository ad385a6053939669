import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { receipts } from '../../topology/topics.ts'
import { startSharing } from './sharing.ts'

describe('existing tasks', () => {
  it('T2 get a copy in the other CRM by a backfill, and the same backfill again writes nothing', async context => {
    const run = await startSharing(context)
    const ada = await run.person('ada@example.com')
    const stranger = await run.account.call('POST', '/crm/v3/objects/contacts', {
      properties: { email: 'only-here@example.com' },
    })
    for (const name of ['Call', 'Write', 'Meet'])
      await run.form('/records/tasks', { hs_task_subject: `${name} Ada`, contact: ada.contact })
    await run.form('/records/tasks', { hs_task_subject: 'Call nobody knows whom', contact: stranger.body.id })
    for (const Subject of ['Send the quote', 'Send the bill']) await run.edit({ Subject, WhoId: ada.record })
    await run.org.add('Task', { Subject: 'Attended: Demo', Tributary_Id__c: '812:ada@example.com', WhoId: ada.record })
    const first = await run.backfill()
    assert.deepEqual(
      first.parts.map(({ read, done }) => [read, done]),
      [
        [4, true],
        [3, true],
      ],
    )
    assert.equal(first.awaiting, 1)
    const subjects = ['Call Ada', 'Meet Ada', 'Send the bill', 'Send the quote', 'Write Ada']
    const inHubSpot = await run.inHubSpot()
    const inSalesforce = await run.inSalesforce()
    assert.deepEqual(
      inHubSpot.map(one => one['hs_task_subject']).toSorted(),
      [...subjects, 'Call nobody knows whom'].toSorted(),
    )
    assert.deepEqual(inSalesforce.map(one => one['Subject']).toSorted(), [...subjects, 'Attended: Demo'].toSorted())
    const copy = inSalesforce.find(one => one['Subject'] === 'Call Ada')
    const original = inHubSpot.find(one => one['hs_task_subject'] === 'Call Ada')
    assert.deepEqual([copy?.['WhoId'], copy?.['Tributary_Id__c']], [ada.record, `hubspot:task:${original?.id}`])
    const writes = await run.writes()
    const changes = async () =>
      (await run.system.values(receipts)).filter(({ outcome }) => outcome !== 'UNCHANGED').map(({ outcome }) => outcome)
    assert.deepEqual(await changes(), Array(5).fill('CREATED'))
    for (const _ of [1, 2]) {
      const again = await run.backfill()
      assert.deepEqual(
        again.parts.map(({ read, told, done }) => [read, told, done]),
        [
          [6, 6, true],
          [6, 5, true],
        ],
      )
    }
    assert.deepEqual(await run.writes(), writes)
    assert.deepEqual(await changes(), Array(5).fill('CREATED'))
  })

  it('T2 T7 what somebody edits while the backfill holds an older reading stays, in both CRMs', async context => {
    const run = await startSharing(context)
    const ada = await run.person('ada@example.com')
    await run.form('/records/tasks', { hs_task_subject: 'Call Ada', contact: ada.contact })
    const [task] = await run.inHubSpot()
    const there = await run.edit({ Subject: 'Send the quote', WhoId: ada.record })
    assert.ok(task)
    let [edits, pages] = [0, 0]
    await run.backfill({
      hubspot: own => ({
        ...own,
        activities: async (...asked) => {
          const found = await own.activities(...asked)
          if (edits++ === 0) {
            await run.form(`/records/tasks/${task.id}`, { hs_task_subject: 'Ring Ada' })
            await run.liveHubSpot(task.id)
          }
          return found
        },
      }),
      salesforce: own => ({
        page: async (operation, address, signal) => {
          const page = await own.page(operation, address, signal)
          if (operation !== 'tasks.backfill' || pages++ > 0) return page
          await run.edit({ Subject: 'Send the contract' }, there)
          await run.liveSalesforce(there)
          return page
        },
      }),
    })
    assert.deepEqual([edits > 0, pages > 0], [true, true])
    const subjects = ['Ring Ada', 'Send the contract']
    assert.deepEqual((await run.inHubSpot()).map(one => one['hs_task_subject']).toSorted(), subjects)
    assert.deepEqual((await run.inSalesforce()).map(one => one['Subject']).toSorted(), subjects)
  })

  it('T2 a change that was never told is found by a backfill, and nothing else is written', async context => {
    const run = await startSharing(context)
    const ada = await run.person('ada@example.com')
    for (const name of ['Call', 'Write'])
      await run.form('/records/tasks', { hs_task_subject: `${name} Ada`, contact: ada.contact })
    await run.backfill()
    await run.backfill()
    const before = (await run.writes()).length
    const [task] = await run.inHubSpot()
    await run.form(`/records/tasks/${task?.id}`, { hs_task_status: 'COMPLETED' })
    await run.backfill()
    assert.deepEqual((await run.inSalesforce()).map(one => one['Status']).toSorted(), ['Completed', 'Not Started'])
    assert.equal((await run.writes()).length - before, 1)
  })
})
