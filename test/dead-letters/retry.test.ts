import assert from 'node:assert/strict'
import { afterEach, beforeEach, describe, it } from 'node:test'
import { schemaOf } from '../../schemas/records.ts'
import { listLetters, showLetter } from '../../services/dead-letters/reading.ts'
import { dropLetters, retryLetters } from '../../services/dead-letters/settling.ts'
import { deadLetter } from '../../services/runtime/dead-letters.ts'
import { deadLetterMarks, deadLetters, tracks } from '../../topology/topics.ts'
import { framed } from '../runtime/codec-under-test.ts'
import { trackEvent } from '../tracks/events.ts'
import { ada, type LetterSystem, startLetterSystem } from './system.ts'

let run: LetterSystem
beforeEach(async () => {
  run = await startLetterSystem()
})
afterEach(() => run.system.close())

const list = (filter: Parameters<typeof listLetters>[1] = {}) => listLetters(run.parts, filter)
const states = async (): Promise<unknown[]> => (await list({ done: true })).map(({ state }) => state)
const append = async (record: Parameters<typeof publishTo>[0]): Promise<void> => {
  await publishTo(record)
  await run.system.settle()
}
const publishTo = async (record: { topic?: string; key: string; value: Buffer; headers?: Record<string, string> }) => {
  const publisher = await run.system.kafka.publisher('foreign')
  await publisher.publish([{ topic: tracks.name, ...record }])
  await publisher.close()
}
const onlyId = async (): Promise<string> => {
  const [row, ...more] = await list()
  assert.ok(row)
  assert.deepEqual(more, [])
  return row.id
}
const results = (settled: Awaited<ReturnType<typeof retryLetters>>) => settled.map(({ result }) => result)

describe('a poison event', () => {
  it('K7 is set aside, listed, shown, and after the handler was mended retried and delivered once', async () => {
    const poison = trackEvent(ada, 'poison')
    await append({ key: ada, value: run.system.codec.encode(tracks, poison), headers: { traceparent: '00-1' } })
    const [row] = await list()
    assert.deepEqual(
      [row?.service, row?.code, row?.topic, row?.event, row?.state],
      ['last-track', 'HANDLER_FAILED', 'tracks', poison.eventId, 'open'],
    )
    const id = await onlyId()
    const details = await showLetter(run.parts, id)
    assert.deepEqual(details.content, { kind: 'json', value: poison })
    assert.match(details.advice.advice, /mend the handler/)

    run.defects.handler = false
    await run.system.restart()
    const [result] = await retryLetters(run.parts, { ids: [id] })
    await run.system.settle()
    assert.deepEqual([result?.result, result?.appended.length], ['retried', 1])
    assert.deepEqual([run.delivered(), await list(), await states()], [['poison'], [], ['retried']])
    const [first, again] = await run.system.records(tracks.name)
    assert.deepEqual(
      [again?.partition, again?.key, again?.value, again?.headers],
      [first?.partition, first?.key, first?.value, first?.headers],
    )
    assert.deepEqual((await showLetter(run.parts, id)).mark?.appended, result?.appended)
  })

  it('K7 that fails again comes back under a new id, and the old one stays retried', async () => {
    await run.system.given(tracks, trackEvent(ada, 'poison'))
    const id = await onlyId()
    await retryLetters(run.parts, { ids: [id] })
    await run.system.settle()
    assert.notEqual(await onlyId(), id)
    assert.deepEqual(await states(), ['retried', 'open'])
  })

  it('K7 is retried a second time only with --again, which changes nothing at the destination', async () => {
    await run.system.given(tracks, trackEvent(ada, 'poison'))
    run.defects.handler = false
    const ids = [await onlyId()]
    const retry = async (again: boolean) => {
      const settled = results(await retryLetters(run.parts, { ids, again }))
      await run.system.settle()
      return [settled, (await run.system.records(tracks.name)).length]
    }
    assert.deepEqual(await retry(false), [['retried'], 2])
    assert.deepEqual(await retry(false), [['unchanged'], 2])
    assert.deepEqual(await retry(true), [['retried'], 3])
    assert.deepEqual(run.delivered(), ['poison'])
  })

  it('K7 retried after a newer event was delivered does not overwrite it', async () => {
    await run.system.given(tracks, trackEvent(ada, 'poison'), trackEvent(ada, 'newer'))
    run.defects.handler = false
    await retryLetters(run.parts, { filter: {} })
    await run.system.settle()
    assert.deepEqual(run.delivered(), ['newer'])
  })

  it('K7 dropped is done with, is not sent, and lies in its topic still', async () => {
    await run.system.given(tracks, trackEvent(ada, 'poison'))
    const id = await onlyId()
    assert.deepEqual(results(await dropLetters(run.parts, { ids: [id] })), ['dropped'])
    assert.deepEqual([await list(), await states()], [[], ['dropped']])
    assert.deepEqual(results(await retryLetters(run.parts, { ids: [id] })), ['unchanged'])
    assert.deepEqual(results(await retryLetters(run.parts, { filter: {} })), [])
    assert.equal((await run.system.records(deadLetters.name)).length, 1)
    assert.equal((await run.system.records(tracks.name)).length, 1)
  })
})

describe('a record that lies elsewhere than its key says', () => {
  it('K7 goes back to the partition it was read from', async () => {
    const publisher = await run.system.kafka.publisher('foreign')
    const value = run.system.codec.encode(tracks, trackEvent(ada, 'poison'))
    for (const partition of [0, 1, 2, 3]) await publisher.publish([{ topic: tracks.name, partition, key: ada, value }])
    await publisher.close()
    await run.system.settle()
    await retryLetters(run.parts, { filter: {} })
    const partitions = (await run.system.records(tracks.name)).map(({ partition }) => partition)
    assert.deepEqual(partitions.toSorted(), [0, 0, 1, 1, 2, 2, 3, 3])
  })
})

describe('an event that several consumers set aside', () => {
  it('K7 is sent once for all its letters', async () => {
    const publisher = await run.system.kafka.publisher('foreign')
    const value = run.system.codec.encode(tracks, trackEvent(ada, 'fine'))
    const original = { topic: tracks.name, partition: 0, offset: 7, key: Buffer.from(ada), value, headers: {} }
    const letters = ['last-track', 'another'].map(service =>
      deadLetter(original, { code: 'HANDLER_FAILED', message: '', service, at: 0 }),
    )
    await publisher.publish(letters)
    await publisher.close()
    const settled = await retryLetters(run.parts, { filter: {} })
    assert.deepEqual(
      settled.map(({ result, appended }) => [result, appended]),
      [
        ['retried', ['tracks-0-0']],
        ['retried', ['tracks-0-0']],
      ],
    )
    assert.equal((await run.system.records(tracks.name)).length, 1)
    assert.deepEqual(await states(), ['retried', 'retried'])
  })
})

describe('a write that the destination refuses', () => {
  it('K7 goes back to the topic of its sink and is delivered once', async () => {
    run.hubspot.refuse(() => true)
    await run.system.given(tracks, trackEvent(ada, 'fine'))
    const [row] = await list()
    assert.deepEqual([row?.service, row?.code, row?.topic], ['hubspot', 'VALUE_REFUSED', 'hubspot-writes'])
    assert.match(row?.event ?? '', /^last-track:track:\d+:0$/)
    run.hubspot.refuse(() => false)
    assert.deepEqual(results(await retryLetters(run.parts, { filter: { topic: 'hubspot-writes' } })), ['retried'])
    await run.system.settle()
    assert.deepEqual(run.delivered(), ['fine'])
  })
})

describe('a record whose schema is registered later', () => {
  it('K7 is shown as hex until then, and handled when it is retried afterwards', async () => {
    const ours = schemaOf('track') as { readonly fields: readonly object[] }
    const extra = { name: 'browser', type: 'string', default: '' }
    const id = await run.registry.register('elsewhere', { ...ours, fields: [...ours.fields, extra] } as never)
    run.defects.hiddenSchemas.add(id)
    const body = run.system.codec.encode(tracks, trackEvent(ada, 'later')).subarray(5)
    const value = framed(id, Buffer.concat([body, Buffer.from([0])]))
    const patiently = async <Value>(work: Promise<Value>): Promise<Value> => {
      let isOver = false
      const watched = work.finally(() => {
        isOver = true
      })
      while (!isOver) {
        run.system.clock.advance(500)
        await new Promise(setImmediate)
      }
      return await watched
    }
    await patiently(publishTo({ key: ada, value }).then(() => untilSetAside()))
    const [row] = await patiently(list())
    assert.deepEqual([row?.code, row?.event], ['SCHEMA_UNKNOWN', null])
    const { content } = await patiently(showLetter(run.parts, row?.id ?? ''))
    assert.deepEqual([content.kind, content.kind === 'hex' && content.hex], ['hex', value.toString('hex')])

    run.defects.hiddenSchemas.clear()
    run.system.clock.advance(61_000)
    assert.deepEqual(results(await patiently(retryLetters(run.parts, { filter: { code: 'SCHEMA_UNKNOWN' } }))), [
      'retried',
    ])
    await run.system.settle()
    assert.deepEqual(run.delivered(), ['later'])
  })

  const untilSetAside = async (): Promise<void> => {
    while ((await run.system.records(deadLetters.name)).length === 0) await new Promise(setImmediate)
  }
})

describe('the list', () => {
  it('K7 holds no address and no secret, whatever lies in key, value, headers and ids', async () => {
    await run.system.given(tracks, { ...trackEvent(ada, 'poison'), eventId: 'form:ada@example.com' })
    await append({ key: ada, value: Buffer.from('ada@example.com'), headers: { authorization: 'Bearer s3cret' } })
    const rows = await list()
    assert.deepEqual(
      rows.map(({ code, event }) => [code, event]),
      [
        ['HANDLER_FAILED', null],
        ['UNDECODABLE', null],
      ],
    )
    assert.doesNotMatch(JSON.stringify(rows), /ada|s3cret/)
  })

  it('K7 shows bytes that cannot be read as hex, with headers and key', async () => {
    await append({ key: ada, value: Buffer.from([1, 2, 255]), headers: { origin: 'elsewhere' } })
    const { content, original, message } = await showLetter(run.parts, await onlyId())
    assert.deepEqual([content.kind, content.kind === 'hex' && content.hex], ['hex', '0102ff'])
    assert.deepEqual([original.key?.toString(), Object.keys(original.headers)], [ada, ['origin']])
    assert.match(message, /UNDECODABLE|cannot be read/)
  })

  const filters: readonly (readonly [Parameters<typeof listLetters>[1], number])[] = [
    [{}, 2],
    [{ code: 'UNDECODABLE' }, 1],
    [{ code: 'HANDLER_FAILED', service: 'last-track', topic: 'tracks' }, 1],
    [{ service: 'somebody' }, 0],
    [{ topic: 'webinars' }, 0],
  ]
  for (const [filter, count] of filters) {
    it(`K7 with ${JSON.stringify(filter)} has ${count} of two`, async () => {
      await run.system.given(tracks, trackEvent(ada, 'poison'))
      await append({ key: ada, value: Buffer.from('?') })
      assert.equal((await list(filter)).length, count)
      assert.equal((await dropLetters(run.parts, { filter: filter ?? {} })).length, count)
      assert.equal((await list()).length, 2 - count)
    })
  }

  it('K7 has the newest last', async () => {
    const old = { code: 'HANDLER_FAILED', message: '', service: 'last-track' }
    const publisher = await run.system.kafka.publisher('foreign')
    for (const [partition, at] of [
      [0, 3_000],
      [1, 1_000],
      [2, 2_000],
    ] as const) {
      const original = { topic: tracks.name, partition, offset: 0, key: Buffer.from('k'), value: null, headers: {} }
      await publisher.publish([deadLetter(original, { ...old, at })])
    }
    await publisher.close()
    assert.deepEqual(
      (await list()).map(({ at }) => at),
      [1_000, 2_000, 3_000],
    )
  })
})

describe('ids and marks', () => {
  it('K7 an id that is none is refused, and nothing is sent', async () => {
    await run.system.given(tracks, trackEvent(ada, 'poison'))
    const id = await onlyId()
    for (const unknown of ['9-0', '0-999', 'x']) {
      const refusal = { code: 'DEAD_LETTER_UNKNOWN', message: new RegExp(`none of ${unknown}\\.`) }
      await assert.rejects(retryLetters(run.parts, { ids: [id, unknown] }), refusal)
      await assert.rejects(showLetter(run.parts, unknown), refusal)
    }
    assert.deepEqual([(await run.system.records(tracks.name)).length, await states()], [1, ['open']])
  })

  it('K7 a letter that says nothing of where it came from stays open', async () => {
    await append({ topic: deadLetters.name, key: 'k', value: Buffer.from('{}') })
    const [result] = await retryLetters(run.parts, { filter: {} })
    assert.equal(result?.result, 'failed')
    assert.match(result?.reason ?? '', /^DEAD_LETTER_WITHOUT_WAY_BACK: /)
    assert.deepEqual(await states(), ['open'])
  })

  it('K7 a mark survives compaction, and counts for no other letter of the same id', async () => {
    await run.system.given(tracks, trackEvent(ada, 'poison'))
    await dropLetters(run.parts, { filter: {} })
    run.system.kafka.compact(deadLetterMarks.name)
    assert.deepEqual(await states(), ['dropped'])
    const [, mark] = [...(await run.system.rows(deadLetterMarks))][0] ?? []
    assert.ok(mark)
    const value = run.system.codec.encode(deadLetterMarks, { ...mark, letterTimestamp: mark.letterTimestamp - 1 })
    const [row] = await list({ done: true })
    await append({ topic: deadLetterMarks.name, key: row?.id ?? '', value })
    assert.deepEqual(await states(), ['open'])
  })

  it('K7 a mark goes when its letter is no longer kept', async () => {
    await run.system.given(tracks, trackEvent(ada, 'poison'))
    const [row] = await list()
    await dropLetters(run.parts, { filter: {} })
    const [partition = 0, offset = 0] = (row?.id ?? '').split('-').map(Number)
    run.system.kafka.truncate(deadLetters.name, partition, offset + 1)
    await dropLetters(run.parts, { filter: {} })
    assert.equal((await run.system.rows(deadLetterMarks)).size, 0)
  })

  it('K7 hundreds are retried in their order', async () => {
    const names = Array.from({ length: 90 }, () => 'poison')
    for (let round = 0; round < 3; round++) {
      await run.system.given(tracks, ...names.map(name => trackEvent(ada, name)))
      run.system.clock.advance(61_000)
    }
    run.defects.handler = false
    assert.equal((await retryLetters(run.parts, { filter: {} })).length, 270)
    const ids = (await run.system.values(tracks)).map(({ eventId }) => eventId)
    assert.deepEqual(ids.slice(270), ids.slice(0, 270))
    assert.deepEqual(await list(), [])
  })
})
