import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { objectTypes } from '../../../services/producers/hubspot/object-types.ts'
import type { HubSpotReader } from '../../../services/producers/hubspot/rest/client.ts'
import { HubSpotError } from '../../../services/producers/hubspot/rest/problems.ts'
import { modifiedRecords } from '../../../services/producers/hubspot/sweep/modified.ts'
import { type ModelRecord, modelReader } from './portal.ts'

const [type] = objectTypes
assert.ok(type)
const never = new AbortController().signal
const start = Date.parse('2026-08-25T10:00:00Z')

const readAll = async (reader: HubSpotReader, limit: number, since = start) => {
  const ids: string[] = []
  const pages: { readonly reached: number; readonly left: number }[] = []
  for await (const { records, ...page } of modifiedRecords(
    reader,
    type,
    { properties: ['email'], since, limit },
    never,
  )) {
    ids.push(...records.map(({ id }) => String(id)))
    pages.push(page)
  }
  return { ids, pages }
}

/** Of few times, so that many records share one. */
const portal = fc
  .array(fc.nat({ max: 6 }), { maxLength: 60 })
  .map(times => times.map((time, index): ModelRecord => ({ id: 501 + index * 7, modified: start + time - 1 })))

describe('what was modified in HubSpot', () => {
  it('P7 is read whole, whatever the size of a page and however many records share one time', async () => {
    await fc.assert(
      fc.asyncProperty(portal, fc.integer({ min: 1, max: 8 }), async (records, limit) => {
        const { ids } = await readAll(
          modelReader(() => records),
          limit,
        )
        const since = records.filter(({ modified }) => modified >= start).map(({ id }) => String(id))
        assert.deepEqual(new Set(ids), new Set(since))
      }),
      { numRuns: 300 },
    )
  })

  it('P7 misses no record while others are modified between the pages', async () => {
    const changes = fc.array(fc.record({ before: fc.nat({ max: 30 }), which: fc.nat() }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(portal, fc.integer({ min: 1, max: 8 }), changes, async (given, limit, modifications) => {
        const records = [...given]
        let now = start + 100
        const reader = modelReader(
          () => records,
          searches => {
            for (const { before, which } of modifications) {
              const at = which % Math.max(1, records.length)
              const record = records[at]
              if (before === searches && record) records[at] = { ...record, modified: now++ }
            }
          },
        )
        const { ids } = await readAll(reader, limit)
        const since = records.filter(({ modified }) => modified >= start).map(({ id }) => String(id))
        assert.deepEqual(new Set(ids), new Set(since))
      }),
      { numRuns: 300 },
    )
  })

  it('P7 says how far it has come and how many are left, and never that it has come further than it has', async () => {
    await fc.assert(
      fc.asyncProperty(portal, fc.integer({ min: 1, max: 8 }), async (records, limit) => {
        const byId = new Map(records.map(({ id, modified }) => [String(id), modified]))
        const given = new Set<string>()
        let left = Number.POSITIVE_INFINITY
        const read = modifiedRecords(
          modelReader(() => records),
          type,
          { properties: [], since: start, limit },
          never,
        )
        for await (const page of read) {
          for (const { id } of page.records) given.add(String(id))
          for (const [id, modified] of byId)
            assert.ok(modified < start || modified >= page.reached || given.has(id), `${id} was not given`)
          assert.ok(page.left <= left)
          left = page.left
        }
        assert.equal(left, 0)
      }),
      { numRuns: 200 },
    )
  })

  it('P7 of more than 10,000 records of one time is read without a page beyond the first', async () => {
    const records = Array.from({ length: 10_500 }, (_, index) => ({ id: index + 1, modified: start }))
    const reader = modelReader(() => [{ id: 99_999, modified: start + 1 }, ...records])
    const { ids } = await readAll(reader, 200)
    assert.deepEqual([ids.length >= 10_501, new Set(ids).size], [true, 10_501])
    assert.ok(reader.searches.length < 60, `${reader.searches.length} searches`)
  })

  it('P7 is asked for in smaller pages when an answer is too large to be read', async () => {
    const records = Array.from({ length: 20 }, (_, index) => ({ id: index + 1, modified: start + index }))
    const reader = modelReader(() => records)
    const tooLarge = new HubSpotError('HUBSPOT_ANSWER_TOO_LARGE', 'too large')
    const picky: HubSpotReader = {
      search: (...given) => (given[1].limit > 3 ? Promise.reject(tooLarge) : reader.search(...given)),
    }
    assert.equal(new Set((await readAll(picky, 16)).ids).size, 20)
    const never: HubSpotReader = { search: () => Promise.reject(tooLarge) }
    await assert.rejects(readAll(never, 16), { code: 'HUBSPOT_ANSWER_TOO_LARGE' })
  })

  const odd: readonly (readonly [what: string, times: readonly unknown[]])[] = [
    ['no time', [start, undefined]],
    ['no readable time', [start, 'soon']],
    ['an earlier time than was asked for', [start + 5, start - 5]],
  ]
  for (const [what, times] of odd)
    it(`P7 ends early when the last record has ${what}, and does not go round in circles`, async () => {
      const records = times.map((time, index) => ({ id: String(index + 1), properties: { lastmodifieddate: time } }))
      const reader: HubSpotReader = { search: () => Promise.resolve({ records, total: 9, isAll: false }) }
      await assert.rejects(readAll(reader, 2), { code: 'HUBSPOT_ANSWER_UNREADABLE' })
    })

  it('P7 ends early when the same records come for ever', async () => {
    const records = ['1', '2'].map(id => ({ id, properties: { lastmodifieddate: start } }))
    const reader: HubSpotReader = { search: () => Promise.resolve({ records, total: 9, isAll: false }) }
    await assert.rejects(readAll(reader, 2), { code: 'HUBSPOT_ANSWER_UNREADABLE' })
  })
})
