import assert from 'node:assert/strict'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { startHubSpotSandbox } from '../../services/sandbox/hubspot/start.ts'
import { expectedAttendance } from './expected-attendance.ts'
import { runProgram } from './program.ts'
import { type EmulatedHubSpot, emulatedHubSpot } from './sandboxes.ts'
import { ownSettings, type Settings } from './settings.ts'

test('the sample run prints the attendance reckoned by hand, and a second run on the same data changes no contact', async context => {
  const settings = await ownSettings(context)

  assert.deepEqual(await sampleRun(context, settings), expectedAttendance())
  const first = await afterTheRun(settings, async hubspot => {
    const contacts = await hubspot.contacts()
    const writes = await hubspot.writes()
    const created = writes.filter(({ operation }) => operation === 'create').map(({ id }) => id)
    assert.deepEqual(created.toSorted(), contacts.map(({ id }) => id).toSorted(), 'each contact was created once')
    assert.deepEqual(
      contacts.map(({ properties }) => properties['email']).toSorted(),
      [...new Set(contacts.map(({ properties }) => properties['email']))].toSorted(),
    )
    return { contacts, writes }
  })

  assert.deepEqual(await sampleRun(context, settings), expectedAttendance())
  const second = await afterTheRun(settings, async hubspot => ({
    contacts: await hubspot.contacts(),
    writes: await hubspot.writes(),
  }))
  assert.deepEqual(second.writes.slice(first.writes.length), [], 'nothing was written again')
  assert.deepEqual(second.contacts, first.contacts)
})

const sampleRun = async (context: TestContext, settings: Settings): Promise<unknown> => {
  const { code, stdout, stderr } = await runProgram(context, ['start', '--once', '--json', '--speed', '4'], settings)
  assert.equal(code, 0, stderr)
  return JSON.parse(stdout)
}

/** What the emulated HubSpot of a run that has ended holds: a sandbox over the same journal shows it. */
const afterTheRun = async <Result>(
  settings: Settings,
  look: (hubspot: EmulatedHubSpot) => Promise<Result>,
): Promise<Result> => {
  const journalFile = join(settings['TRIBUTARY_DATA'] ?? '', 'sandbox', 'vendors', 'hubspot.jsonl')
  const { url, close } = await startHubSpotSandbox({ journalFile })
  return await look(emulatedHubSpot(url)).finally(close)
}
