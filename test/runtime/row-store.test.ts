import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { WebinarHistory } from '../../schemas/generated.ts'
import type { StoredRecord } from '../../services/kafka/kafka.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { createCodec } from '../../services/runtime/codec.ts'
import { RowStore } from '../../services/runtime/process/row-store.ts'
import { memoryRegistry } from '../../services/runtime/registry.ts'
import { webinarHistories } from '../../topology/topics.ts'
import { manualClock } from '../clock.ts'

const clock = manualClock()
const codec = await createCodec({
  registry: memoryRegistry(),
  topics: [webinarHistories],
  clock: systemClock,
  register: true,
})

/** A table that shows what was appended only when it is told to read on. */
const laggingTable = () => {
  const log: { key: string; value: Buffer | null }[] = []
  const rows = new Map<string, Map<string, StoredRecord>>()
  let position = 0
  return {
    view: {
      caughtUp: () => Promise.resolve(),
      group: (name: string) => rows.get(name) ?? new Map(),
      groups: () => rows.keys(),
      position: () => position,
    },
    append: (key: string, row: WebinarHistory): number =>
      log.push({ key, value: codec.encode(webinarHistories, row) }) - 1,
    readOn: (): void => {
      for (; position < log.length; position++) {
        const { key = '', value = null } = log[position] ?? {}
        const record = {
          topic: webinarHistories.name,
          partition: 0,
          offset: position,
          timestamp: 0,
          key: null,
          value,
          headers: {},
        }
        rows.set(key, new Map([[key, record]]))
      }
    },
  }
}

describe('rows in memory', () => {
  it('are let go beyond their bound, but none before the table has its last change', () => {
    const table = laggingTable()
    const store = new RowStore(webinarHistories, table.view, codec, clock, { mostRows: 10, unusedMs: 60_000 })
    const change = (person: string): number | undefined => {
      const changed = store.put(person, person, { participations: [] })
      if (!changed) return undefined
      const offset = table.append(person, changed.row as WebinarHistory)
      store.committed([{ topic: webinarHistories.name, partition: 0, offset }])
      return changed.row?.revision
    }
    for (let person = 0; person < 50; person++) change(`p${person}`)
    assert.equal(store.decoded, 50)
    table.readOn()
    change('one more')
    assert.equal(store.decoded, 10)
    assert.equal(store.group('p0').get('p0')?.revision, 1)
    assert.equal(change('p0'), undefined)
  })

  it('are let go when nothing has asked for them for a while, few as they may be', () => {
    const table = laggingTable()
    const store = new RowStore(webinarHistories, table.view, codec, clock, { mostRows: 100, unusedMs: 60_000 })
    const put = (person: string): void => {
      store.put(person, person, { participations: [] })
      store.committed([])
    }
    put('once')
    clock.advance(59_000)
    put('again')
    assert.equal(store.decoded, 2)
    clock.advance(2_000)
    put('again')
    assert.equal(store.decoded, 1)
  })

  it('are counted one by one, however many a group has, and the group that is worked on stays', () => {
    const table = laggingTable()
    const store = new RowStore(webinarHistories, table.view, codec, clock, { mostRows: 10, unusedMs: 60_000 })
    for (const group of ['first', 'second', 'third'])
      for (let row = 0; row < 8; row++) store.put(group, `${group}${row}`, { participations: [] })
    assert.equal(store.decoded, 24)
    store.committed([])
    assert.equal(store.decoded, 8)
    for (let row = 8; row < 20; row++) store.put('third', `third${row}`, { participations: [] })
    store.put('third', 'third0', null)?.undo()
    store.committed([])
    assert.equal(store.decoded, 20)
  })

  it('do not change when a handler returns what is there', () => {
    const store = new RowStore(webinarHistories, laggingTable().view, codec, clock)
    assert.equal(store.put('p', 'p', { participations: [] })?.row?.revision, 1)
    assert.equal(store.put('p', 'p', { participations: [] }), undefined)
  })

  it('K8 that hold all of a row which moved to them get a revision above it all the same: what they tell would be stale', () => {
    const store = new RowStore(webinarHistories, laggingTable().view, codec, clock)
    store.put('p', 'p', { participations: [] })
    const movedHere = 4
    assert.equal(store.put('p', 'p', { participations: [] }, movedHere)?.row?.revision, 5)
    assert.equal(store.put('p', 'p', { participations: [] }, movedHere), undefined)
  })

  it('are put back when their handler failed later on', () => {
    const store = new RowStore(webinarHistories, laggingTable().view, codec, clock)
    store.put('p', 'p', { participations: [] })?.undo()
    assert.equal(store.group('p').size, 0)
  })
})
