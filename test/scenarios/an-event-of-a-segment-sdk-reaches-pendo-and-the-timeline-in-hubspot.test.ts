import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { startTestKafka } from '../kafka.ts'
import { contentOf } from '../structure/repository.ts'
import { atEnd } from './at-end.ts'
import { eventually } from './eventually.ts'
import { runScript, startServices } from './program.ts'
import { openSystem } from './system.ts'

const USER = 'wei.chen@nordwind.example.com'
const EVENT = { event: 'Report exported', properties: { format: 'pdf' } }
const PATIENCE_MS = 60_000

test('P1 P2 P8 S1 S3 S5 the script of the README: its event reaches Pendo, and from there the timeline of the contact in HubSpot', async context => {
  const kafka = await startTestKafka()
  atEnd(context, () => kafka.stop())
  const { settings, hubspot, pendo } = await openSystem(context, kafka)
  await startServices(context, [], { ...settings, SANDBOX: 'hubspot,pendo,segment' })
  const made = await hubspot.call('POST', '/crm/v3/objects/contacts', { properties: { email: USER } })
  const { id } = made as { id: string }

  const [script = ''] = /^import \{ Analytics \}[^`]*/m.exec(contentOf('README.md')) ?? []
  const ours = script.replace('http://127.0.0.1:8080', `http://127.0.0.1:${settings['INGEST_PORT']}`)
  const file = join(settings['TRIBUTARY_DATA'] ?? '', 'send.mjs')
  writeFileSync(file, ours.replace('@segment/analytics-node', import.meta.resolve('@segment/analytics-node')))
  for (const _ of ['once', 'again, as other events']) assert.equal(await runScript(file), 0)

  await eventually(async () => {
    const { visitors = [] } = await pendo.state()
    assert.ok(
      visitors.some(visitor => visitor.id === USER),
      'the visitor is in Pendo',
    )
    const path = `/events/v3/events?objectType=contact&objectId=${id}`
    const { results } = (await hubspot.call('GET', path)) as { results: readonly Occurrence[] }
    const seen = results.map(({ eventType, properties }) => [eventType.replace(/^pe\d+_/, ''), properties['format']])
    assert.deepEqual(seen, [named, named])
  }, PATIENCE_MS)
})

interface Occurrence {
  readonly eventType: string
  readonly properties: Readonly<Record<string, string>>
}

const named = ['pendo_track_report_exported', EVENT.properties.format]
