import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Track } from '../../schemas/generated.ts'
import { checkProductEventSelection } from '../../services/product-events/selection.ts'
import { type PendoToHubSpot, pendoToHubSpot } from '../../topology/pendo-to-hubspot.ts'
import { productEvent, selecting } from './events.ts'

describe('the selection of product events', () => {
  const some = { tracks: ['Report exported'], features: ['Export'] }
  const cases: { name: string; over: Partial<PendoToHubSpot>; event: Partial<Track>; selected: boolean }[] = [
    { name: 'a Core Event by default', over: {}, event: {}, selected: true },
    { name: 'a core page by default', over: {}, event: { kind: 'PAGE' }, selected: true },
    { name: 'a core feature by default', over: {}, event: { kind: 'FEATURE' }, selected: true },
    { name: 'no other event by default', over: {}, event: { core: false }, selected: false },
    { name: 'no screen, core or not', over: {}, event: { kind: 'SCREEN' }, selected: false },
    { name: 'nothing of another source', over: {}, event: { source: 'segment:web' }, selected: false },
    {
      name: 'nothing that its sender keeps from HubSpot',
      over: {},
      event: { destinations: { HubSpot: false } },
      selected: false,
    },
    { name: 'nothing when it is off', over: { enabled: false }, event: {}, selected: false },
    { name: 'what is named, core or not', over: { events: some }, event: { core: false }, selected: true },
    {
      name: 'a name with spaces around it',
      over: { events: some },
      event: { name: ' Report exported ' },
      selected: true,
    },
    { name: 'no other spelling', over: { events: some }, event: { name: 'report exported' }, selected: false },
    { name: 'not what is not named, though core', over: { events: some }, event: { name: 'Other' }, selected: false },
    {
      name: 'a name of one kind is not that of another',
      over: { events: some },
      event: { kind: 'FEATURE' },
      selected: false,
    },
    { name: 'a kind left out is not sent', over: { events: some }, event: { kind: 'PAGE' }, selected: false },
    { name: 'all of a kind', over: { events: { pages: 'all' } }, event: { kind: 'PAGE', core: false }, selected: true },
    {
      name: 'no screen among all pages',
      over: { events: { pages: 'all' } },
      event: { kind: 'SCREEN' },
      selected: false,
    },
    {
      name: 'another account of a vendor',
      over: { sources: ['pendo:'] },
      event: { source: 'pendo:emea' },
      selected: true,
    },
    {
      name: 'only the account that is named',
      over: { sources: ['pendo:default'] },
      event: { source: 'pendo:emea' },
      selected: false,
    },
    {
      name: 'a source of Segment that is named',
      over: { sources: ['segment:web'] },
      event: { source: 'segment:web' },
      selected: true,
    },
  ]
  for (const { name, over, event, selected } of cases) {
    it(`P4 ${name}`, () => assert.equal(selecting(over)().selects(productEvent(event)), selected))
  }

  const properties: { chosen: PendoToHubSpot['properties']; taken: readonly string[] }[] = [
    { chosen: 'all', taken: ['format', 'rows'] },
    { chosen: 'none', taken: [] },
    { chosen: { only: ['rows'] }, taken: ['rows'] },
    { chosen: { except: ['rows'] }, taken: ['format'] },
  ]
  for (const { chosen, taken } of properties) {
    it(`P5 properties ${JSON.stringify(chosen)}: ${taken.join(' and ') || 'none'}`, () => {
      const { takesProperty } = selecting({ properties: chosen })()
      assert.deepEqual(['format', 'rows'].filter(takesProperty), taken)
    })
  }
})

describe('a mistaken selection of product events', () => {
  it('P4 is refused with every mistake at once', () => {
    const wrong = {
      enabled: 'yes',
      events: { tracks: [], page: ['Home'] },
      properties: { only: 'rows' },
      createContacts: 1,
      sources: ['pendo'],
      source: [],
    }
    assert.throws(
      () => checkProductEventSelection(wrong),
      (error: Error) => {
        const lines = error.message.split('\n- ').slice(1)
        assert.equal((error as Error & { code: string }).code, 'SELECTION_INVALID')
        for (const named of ['enabled', 'events', 'properties', 'createContacts', 'sources'])
          assert.ok(
            lines.some(line => line.startsWith(named)),
            `${named}: ${error.message}`,
          )
        assert.match(error.message, /but it has source too/)
        return true
      },
    )
  })

  const mistakes: { name: string; given: unknown; message: RegExp }[] = [
    {
      name: 'an empty list sends nothing',
      given: { ...pendoToHubSpot, events: { tracks: [] } },
      message: /^- events/m,
    },
    { name: 'an empty selection', given: { ...pendoToHubSpot, events: {} }, message: /tracks, pages or features/ },
    { name: 'an empty name', given: { ...pendoToHubSpot, events: { pages: [' '] } }, message: /^- events/m },
    { name: 'no source', given: { ...pendoToHubSpot, sources: [] }, message: /at least one source/ },
    { name: 'no object at all', given: null, message: /pendoToHubSpot must be an object/ },
  ]
  for (const { name, given, message } of mistakes) {
    it(`P4 ${name}`, () => assert.throws(() => checkProductEventSelection(given), { message }))
  }
})
