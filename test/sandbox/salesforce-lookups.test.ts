import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { createTimeIndex } from '../../services/sandbox/salesforce/records/time-index.ts'
import { KEY, movedClock, openOrg, query, type TestOrg } from './salesforce.ts'

const START = '2026-05-01T10:00:00Z'
const timeAt = (second: number): string => `${new Date(Date.parse(START) + second * 1000).toISOString().slice(0, 19)}Z`

/** Tasks that were made, changed, changed late, deleted and brought back, one a second. Gives their ids. */
const busyOrg = async (org: TestOrg, tick: () => void): Promise<string[]> => {
  const ids: string[] = []
  for (let index = 0; index < 40; index += 1) {
    ids.push(await org.create('Task', { Subject: `S${index % 7}`, [KEY]: `hubspot:task:${index}` }))
    tick()
  }
  for (const [index, id] of ids.entries()) {
    const edit = { object: 'Task', id, by: 'sam.okafor@sandbox.example.com' }
    if (index % 3 === 0) await org.call('PATCH', `/sobjects/Task/${id}`, { Priority: 'High' })
    if (index % 5 === 0)
      await org.raw('POST', '/_sandbox/edit', { ...edit, fields: { Subject: 'late' }, begunMsAgo: 30_000 })
    if (index % 4 === 0) await org.raw('POST', '/_sandbox/edit', { ...edit, operation: 'delete' })
    if (index % 8 === 0) await org.raw('POST', '/_sandbox/edit', { ...edit, operation: 'restore' })
    tick()
  }
  return ids
}

describe('a query that is answered by looking a few records up', () => {
  it('finds what looking at all records finds', async context => {
    const clock = movedClock(START)
    const org = await openOrg(context, { clock })
    const ids = await busyOrg(org, () => clock.move(1_000))
    const id = fc.constantFrom(...ids, ids[0]?.slice(0, 15) ?? '', '0035g000000000A')
    const quoted = (values: string[]): string => `(${values.map(one => `'${one}'`).join(', ')})`
    const some = <Value>(values: fc.Arbitrary<Value>): fc.Arbitrary<Value[]> =>
      fc.array(values, { minLength: 1, maxLength: 8 })
    const leaf = fc.oneof(
      fc
        .tuple(fc.constantFrom('>', '>=', '=', '<', '!='), fc.integer({ min: -5, max: 85 }))
        .map(([operator, second]) => `SystemModstamp ${operator} ${timeAt(second)}`),
      id.map(one => `Id = '${one}'`),
      id.map(one => `Id > '${one}'`),
      some(id).map(values => `Id IN ${quoted(values)}`),
      some(fc.integer({ min: 0, max: 44 })).map(
        values => `${KEY} IN ${quoted(values.map(one => `HubSpot:task:${one}`))}`,
      ),
      fc.constantFrom(`${KEY} = null`, "Priority = 'High'", "Subject = 's3'", 'IsDeleted = true'),
    )
    const { condition } = fc.letrec<{ condition: string }>(tie => ({
      condition: fc.oneof(
        { maxDepth: 3 },
        leaf,
        fc
          .tuple(fc.constantFrom(' AND ', ' OR '), some(tie('condition')))
          .map(([joiner, parts]) => `(${parts.join(joiner)})`),
        tie('condition').map(part => `(NOT ${part})`),
      ),
    }))
    const found = async (where: string, path: string): Promise<string[]> => {
      const { status, body } = await query(org, `SELECT Id FROM Task WHERE ${where}`, path)
      assert.equal(status, 200, `${where}: ${JSON.stringify(body)}`)
      return body.records.map(({ Id }: { Id: string }) => Id)
    }
    await fc.assert(
      fc.asyncProperty(condition, fc.constantFrom('query', 'queryAll'), async (where, path) => {
        // What is negated is not looked up: this looks at all records.
        assert.deepEqual(await found(where, path), await found(`NOT (NOT ${where})`, path))
      }),
      { numRuns: 300 },
    )
  })

  it('by time knows each record at its last time only, however often it moved', () => {
    const moves = fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.integer({ min: 0, max: 30 })), {
      maxLength: 200,
    })
    fc.assert(
      fc.property(moves, fc.integer({ min: 0, max: 31 }), fc.integer({ min: 0, max: 200 }), (all, from, split) => {
        const text = (time: number): string => String(time).padStart(2, '0')
        const times = new Map<string, string>()
        for (const [id, time] of all.slice(0, split)) times.set(`r${id}`, text(time))
        const entries = [...times].map(([id, time]) => ({ id, time }))
        const index = createTimeIndex(entries, id => times.get(id), 20)
        for (const [id, time] of all.slice(split)) {
          const before = times.get(`r${id}`)
          times.set(`r${id}`, text(time))
          index.moved(`r${id}`, before, text(time))
        }
        const expected = [...times].filter(([, time]) => time >= text(from)).map(([id]) => id)
        const found = index.since(text(from))
        assert.deepEqual([...found].sort(), expected.sort())
        const inOrder = found.map(id => times.get(id) ?? '')
        assert.deepEqual(inOrder, [...inOrder].sort())
      }),
    )
  })
})
