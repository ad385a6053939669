import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Profile, Visitor } from '../../schemas/generated.ts'
import { visitorProfilesBy } from '../../services/consumers/visitor-profiles.ts'
import { contact, lawful, mappingOf, visitor } from '../pendo-and-hubspot/sides.ts'
import { drive } from './drive.ts'
import { checkLaws } from './laws.ts'

const consumer = visitorProfilesBy(() => mappingOf())

const profilesOf = (event: Visitor): readonly Profile[] =>
  drive(consumer)
    .when(event)
    .flatMap(output => (output.kind === 'emission' ? [output.value as Profile] : []))

describe('visitor-profiles', () => {
  it('P7 tells by person what Pendo told of the shared fields of a visitor, and nothing else', () => {
    const [profile, ...others] = profilesOf(
      visitor({ 'custom.size': '12', 'custom.other': 'x', 'agent.role': 'admin' }),
    )
    assert.deepEqual(others, [])
    assert.deepEqual([profile?.side, profile?.record, profile?.person], ['PENDO', '42', 'user:42'])
    const values = Object.entries(profile?.values ?? {}).map(([name, { value, change }]) => [name, value, change])
    assert.deepEqual(values, [
      ['custom.size=size', 12, false],
      ['agent.role=pendo_role', 'admin', false],
    ])
  })

  it('P7 tells of a contact by its record id, and that one property changed', () => {
    const [profile] = profilesOf(contact({ jobtitle: 'Head' }))
    assert.deepEqual([profile?.side, profile?.record], ['HUBSPOT', '501'])
    assert.equal(profile?.values['custom.title=jobtitle']?.change, true)
  })

  it('P7 tells that there is a contact although nothing that is shared is told of it', () =>
    assert.equal(profilesOf(contact({})).length, 1))

  it('P7 leaves out who is only seen in Pendo, and who has no id there', () => {
    assert.deepEqual(profilesOf(visitor({})), [])
    assert.deepEqual(profilesOf({ ...visitor({ 'custom.title': 'x' }), person: 'anonymous:1', aliases: [] }), [])
  })

  it('P7 is about Pendo and HubSpot only, and off unless the mapping says so', () => {
    assert.equal(consumer.concerns?.(visitor({})), true)
    assert.equal(consumer.concerns?.({ ...visitor({}), source: 'segment:web' }), false)
    assert.equal(visitorProfilesBy(() => mappingOf({ enabled: false })).isOn?.(), false)
  })
})

checkLaws(consumer, lawful)
