import assert from 'node:assert/strict'
import { it } from 'node:test'
import { sampleOrg } from '../../services/commands/start/sample-org.ts'
import { playSampleOutreach } from '../../services/commands/start/sample-outreach.ts'
import { openAccount } from '../sandbox/hubspot.ts'

it('T3 somebody of the sample whom both CRMs know submits a form and opens an e-mail', async context => {
  const { call, url } = await openAccount(context)
  await playSampleOutreach(url)
  const { form_submission: submitted, email_event: events } = (await call('GET', '/_sandbox/state')).body
  assert.equal(submitted.length, 1)
  const opened = events.find(({ properties }: { properties: { type: string } }) => properties.type === 'OPEN')
  const { email } = sampleOrg().people[0] ?? {}
  assert.equal(opened.properties.recipient, email?.toLowerCase())
  assert.equal(submitted[0].properties.values[0].value, email?.toLowerCase())
})
