import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { systemClock } from '../../services/runtime/clock.ts'
import { scopes } from '../../services/sinks/hubspot/scopes.ts'
import { hubSpotSetup, required } from '../../services/sinks/hubspot/setup/account.ts'
import { putting, signal } from './hubspot-putting.ts'
import { requestsOf } from './hubspot-sink.ts'

const opened = async (...given: Parameters<typeof putting>) => {
  const { account } = await putting(...given)
  return { account, parts: hubSpotSetup({ accessToken: 'sandbox', baseUrl: account.url, clock: systemClock }) }
}

describe('a HubSpot account is set up', () => {
  it('Z4 by a comparison that changes nothing, and names all that is missing', async context => {
    const { account, parts } = await opened(context)
    const names: string[] = []
    for (const part of parts) {
      const compared = await part.compare(signal)
      assert.ok(compared.kind === 'compared')
      assert.ok(compared.differences.every(({ kind, makes }) => kind === 'missing' && makes))
      names.push(...compared.differences.map(({ name }) => name))
    }
    const { contactPropertyGroup, contactProperties, eventDefinitions } = required
    const all = [contactPropertyGroup.name, ...Object.keys(contactProperties), ...Object.keys(eventDefinitions)]
    assert.deepEqual(names.toSorted(), all.toSorted())
    assert.deepEqual(
      (await requestsOf(account)).filter(({ method }) => method !== 'GET'),
      [],
    )
  })

  it('Z4 part by part, and a second time there is nothing to do', async context => {
    const { parts } = await opened(context)
    for (const part of parts) {
      const made = await part.make(signal)
      assert.ok(made.kind === 'made')
      assert.deepEqual(made.left, [])
      assert.deepEqual(await part.compare(signal), { kind: 'compared', differences: [] })
    }
  })

  it('Z4 as far as the scopes of the app allow, and each missing one is named', async context => {
    const { parts } = await opened(context, { scopes: scopes.contacts })
    const told = await Promise.all(
      parts.map(async part => {
        const result = await part.make(signal)
        return [part.name, result.kind === 'made' ? '' : result.message] as const
      }),
    )
    assert.deepEqual(
      told.map(([name, message]) => [name, message === '']),
      [
        ['contacts', true],
        ['marketing events', false],
        ['events', false],
      ],
    )
    const messages = new Map(told)
    assert.match(messages.get('marketing events') ?? '', /crm\.objects\.marketing_events\.read/)
    assert.match(messages.get('events') ?? '', /behavioral_events\.event_definitions\.read_write/)
  })
})
