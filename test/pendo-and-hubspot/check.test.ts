import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { checkPendoAndHubSpot } from '../../services/pendo-and-hubspot/check.ts'
import { neededFields, neededProperties } from '../../services/pendo-and-hubspot/needed.ts'
import { groupsOf } from '../../topology/groups.ts'
import { pendoAndHubSpot, sharedProperties } from '../../topology/pendo-and-hubspot.ts'
import { pipeline } from '../../topology/pipeline.ts'
import { mappingOf } from './sides.ts'

const mistakesOf = (over: object): readonly string[] => {
  try {
    checkPendoAndHubSpot({ ...pendoAndHubSpot, ...over })
    return []
  } catch (error) {
    const { code, message } = error as { readonly code: string; readonly message: string }
    assert.equal(code, 'MAPPING_INVALID')
    return message.split('\n- ').slice(1)
  }
}

const title = { pendo: 'custom.title', hubspot: 'jobtitle', direction: 'both', conflict: 'newest' }

describe('the mapping of metadata that Pendo and HubSpot share', () => {
  it('P7 is right as it is, and off: nobody has it without having chosen it', () => {
    assert.deepEqual(mistakesOf({}), [])
    assert.deepEqual(mistakesOf({ enabled: true }), [])
    assert.equal(pendoAndHubSpot.enabled, false)
  })

  const rows: readonly { readonly name: string; readonly given: object; readonly mistake: RegExp }[] = [
    { name: 'a switch that is none', given: { enabled: 'yes' }, mistake: /^enabled must be true or false/ },
    { name: 'a word that there is not', given: { visitors: [] }, mistake: /nothing but enabled.*it has visitors too/ },
    {
      name: 'a direction that there is not',
      given: { contacts: [{ ...title, direction: 'back' }] },
      mistake: /^contacts\.0.* must be an object whose direction is 'both', 'to-hubspot' or 'to-pendo'/,
    },
    {
      name: 'both ways without a rule',
      given: { contacts: [{ pendo: 'custom.title', hubspot: 'jobtitle', direction: 'both' }] },
      mistake: /^contacts\.0\.conflict must be 'newest', 'hubspot' or 'pendo'/,
    },
    {
      name: 'a rule where there can be no conflict',
      given: { contacts: [{ ...title, direction: 'to-pendo' }] },
      mistake: /^contacts\.0 must be an object with nothing but .*it has conflict too/,
    },
    {
      name: 'a field of Pendo without its group',
      given: { contacts: [{ ...title, pendo: 'title' }] },
      mistake: /^contacts\.0\.pendo must be a field of Pendo: `<group>\.<field>`/,
    },
    {
      name: 'a group that the API does not write',
      given: { companies: [{ ...title, pendo: 'agent.title' }] },
      mistake: /^companies\.0\.pendo must be `custom\.<field>`.*but is agent\.title/,
    },
    {
      name: 'a group that nobody tells',
      given: { contacts: [{ pendo: 'auto.lastvisit', hubspot: 'last_visit', direction: 'to-hubspot' }] },
      mistake: /^contacts\.0\.pendo must be of a group that is told/,
    },
    {
      name: 'the label of a property',
      given: { contacts: [{ ...title, hubspot: 'Job Title' }] },
      mistake: /^contacts\.0\.hubspot must be the internal name/,
    },
    {
      name: 'an address, which says who it is',
      given: { contacts: [{ ...title, hubspot: 'email' }] },
      mistake: /^contacts\.0\.hubspot must be a property that may be written, which email is not/,
    },
    {
      name: 'a property that is kept for webinars',
      given: { contacts: [{ ...title, hubspot: 'zoom_webinar_attendance_count' }] },
      mistake: /^contacts\.0\.hubspot must be a property that may be written/,
    },
    {
      name: 'two sources of one property',
      given: { contacts: [title, { pendo: 'agent.title', hubspot: 'jobtitle', direction: 'to-hubspot' }] },
      mistake: /^contacts\.1\.hubspot is jobtitle, which contacts\.0 has too/,
    },
    {
      name: 'a way round in a circle',
      given: {
        contacts: [
          { pendo: 'custom.a', hubspot: 'x', direction: 'to-hubspot' },
          { pendo: 'custom.a', hubspot: 'y', direction: 'to-pendo' },
        ],
      },
      mistake: /^contacts\.1\.pendo is custom\.a, which contacts\.0 has too/,
    },
    {
      name: 'a field that says which company it is, and is written',
      given: { companies: [{ ...title, pendo: 'custom.id' }], matchCompaniesBy: { pendoField: 'custom.id' } },
      mistake: /^companies\.0\.pendo says which company it is/,
    },
    {
      name: 'another way to match',
      given: { matchCompaniesBy: 'name' },
      mistake: /^matchCompaniesBy must be 'domain', or an object with pendoField/,
    },
  ]
  for (const { name, given, mistake } of rows)
    it(`P7 refuses ${name}`, () => {
      const mistakes = mistakesOf(given)
      assert.equal(mistakes.length, 1, mistakes.join('\n'))
      assert.match(mistakes[0] ?? '', mistake)
    })

  it('P7 names every mistake at once', () => {
    assert.equal(mistakesOf({ enabled: 1, matchCompaniesBy: 'name', contacts: [{ ...title, type: 'word' }] }).length, 3)
  })

  it('P7 tells what HubSpot must be asked for, and what both vendors must have; nothing while it is off', () => {
    assert.deepEqual(sharedProperties({ ...pendoAndHubSpot, enabled: true }), {
      contacts: ['hs_object_id', 'jobtitle', 'phone', 'pendo_role', 'lifecyclestage'],
      companies: ['hs_object_id', 'pendo_plan', 'numberofemployees'],
    })
    assert.deepEqual(sharedProperties(pendoAndHubSpot), { contacts: [], companies: [] })
    const { contacts } = neededProperties(mappingOf())
    assert.deepEqual(contacts.at(-1), { name: 'lifecyclestage', type: 'text', isWritten: false })
    assert.deepEqual(neededFields(mappingOf()).visitor, [
      { name: 'title', types: ['string'] },
      { name: 'phone', types: ['string'] },
      { name: 'size', types: ['integer', 'float'] },
      { name: 'stage', types: ['string'] },
    ])
    assert.deepEqual(neededProperties(mappingOf({ enabled: false })), { contacts: [], companies: [] })
  })

  it('P7 while it is off its consumers have no group, so that they begin with all that is there', () => {
    const names = ['visitor-profiles', 'visitor-contact', 'account-profiles', 'account-company', 'metadata-receipts']
    const groups = groupsOf(pipeline)
    assert.deepEqual(
      names.filter(name => groups.has(name)),
      [],
    )
    const on = { ...pipeline, consumers: pipeline.consumers.map(consumer => ({ ...consumer, isOn: () => true })) }
    assert.deepEqual(
      names.filter(name => groupsOf(on).has(name)),
      names,
    )
  })
})
