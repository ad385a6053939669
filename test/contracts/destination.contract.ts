import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Destination, RecordObject, SetInput } from '../../services/delivery/destination.ts'
import type { FieldValue, Person } from '../../topology/define.ts'

/** A destination with a vendor behind it that the suite can look into and disturb. */
export interface DestinationHarness {
  readonly destination: Destination
  /** Name of its object of which a person has one record. */
  readonly object: string
  /** Makes a record past the destination; gives its id. */
  add(addresses: readonly string[]): Promise<string>
  /** The fields of a record, as the vendor keeps them; undefined when there is none. */
  read(record: string): Promise<Readonly<Record<string, FieldValue>> | undefined>
  merge(from: string, into: string): Promise<string>
  remove(record: string): Promise<void>
  /** What happens to the next request that may change records. */
  disturb(how: 'reset' | 'reset-after-apply' | 'token' | 'limit'): Promise<void>
  /** A number and a text that the vendor keeps, and fields that it refuses. */
  readonly fields: {
    readonly number: string
    readonly text: string
    readonly refused: Readonly<Record<string, FieldValue>>
  }
  /** The vendor's spelling of a number. */
  spelled(value: number): FieldValue
}

const person = (id: string, ...emails: string[]): Person => ({
  id,
  aliases: emails.map(email => `email:${email}`),
  emails,
  attributes: {},
})

const input = (facts: Partial<SetInput> & Pick<SetInput, 'person' | 'fields'>): SetInput => ({
  record: null,
  fieldsOnCreate: {},
  repeated: false,
  ...facts,
})

/** The object of which a person has one record. */
const recordsOf = ({ destination, object }: Pick<DestinationHarness, 'destination' | 'object'>): RecordObject => {
  const found = destination.objects[object]
  assert.ok(found?.kind === 'record')
  return found
}

/** What the delivery engine relies on, whatever the vendor. */
export const destinationContract = (
  name: string,
  open: (context: TestContext) => Promise<DestinationHarness>,
): void => {
  const { signal } = new AbortController()
  const ada = person('p1', 'ada@example.com')
  const bob = person('p2', 'bob@example.com')
  const opened = async (context: TestContext) => {
    const harness = await open(context)
    return { ...harness, records: recordsOf(harness) }
  }

  describe(`the destination contract: ${name}`, () => {
    it('finds persons by any of their addresses, in the order in which they were asked for', async context => {
      const { destination, object, add } = await opened(context)
      const record = await add(['work@example.com', 'ada@example.com'])
      const results = await destination.resolve(
        [object],
        [bob, person('p1', 'new@example.com', 'ada@example.com')],
        signal,
      )
      assert.deepEqual(
        results.map(result => [result.kind, result.kind === 'found' ? [result.record, result.alias] : null]),
        [
          ['missing', null],
          ['found', [{ object, id: record }, 'email:ada@example.com']],
        ],
      )
    })

    it('creates with the fields for new records, and says so', async context => {
      const { records, read, fields, spelled } = await opened(context)
      const [result] = await records.send(
        [input({ person: ada, fields: { [fields.number]: 3 }, fieldsOnCreate: { [fields.text]: 'zoom' } })],
        signal,
      )
      assert.ok(result?.kind === 'accepted')
      assert.equal(result.created, true)
      assert.equal(result.alias, 'email:ada@example.com')
      const kept = await read(result.record)
      assert.equal(kept?.[fields.number], spelled(3))
      assert.equal(kept?.[fields.text], 'zoom')
    })

    it('does not give the fields for new records to one that is there after all', async context => {
      const { records, add, read, fields, spelled } = await opened(context)
      const record = await add(['ada@example.com'])
      const [result] = await records.send(
        [input({ person: ada, fields: { [fields.number]: 3 }, fieldsOnCreate: { [fields.text]: 'zoom' } })],
        signal,
      )
      assert.ok(result?.kind === 'accepted')
      assert.deepEqual([result.created, result.record], [false, record])
      const kept = await read(record)
      assert.equal(kept?.[fields.number], spelled(3))
      assert.ok(!kept?.[fields.text])
    })

    it('updates a known record, and null clears', async context => {
      const { records, add, read, fields, spelled } = await opened(context)
      const record = await add(['ada@example.com'])
      const known = { person: ada, record }
      await records.send([input({ ...known, fields: { [fields.number]: 1, [fields.text]: 'a' } })], signal)
      await records.send([input({ ...known, fields: { [fields.number]: 2, [fields.text]: null } })], signal)
      const kept = await read(record)
      assert.equal(kept?.[fields.number], spelled(2))
      assert.ok(!kept?.[fields.text])
    })

    it('skips a person who has no address', async context => {
      const { destination, object, records, fields } = await opened(context)
      const nobody = person('p3')
      assert.equal((await destination.resolve([object], [nobody], signal))[0]?.kind, 'skipped')
      const [result] = await records.send([input({ person: nobody, fields: { [fields.number]: 1 } })], signal)
      assert.equal(result?.kind, 'skipped')
    })

    it('refuses one input alone, and tells why without its values', async context => {
      const { records, add, read, fields, spelled } = await opened(context)
      const ids = [await add(['ada@example.com']), await add(['bob@example.com'])]
      const results = await records.send(
        [
          input({ person: ada, record: ids[0] ?? '', fields: fields.refused }),
          input({ person: bob, record: ids[1] ?? '', fields: { [fields.number]: 2 } }),
        ],
        signal,
      )
      assert.deepEqual(
        results.map(({ kind }) => kind),
        ['rejected', 'accepted'],
      )
      assert.equal((await read(ids[1] ?? ''))?.[fields.number], spelled(2))
      const [refused] = results
      assert.ok(refused?.kind === 'rejected')
      assert.match(refused.code, /^[A-Z0-9_]+$/)
      for (const value of Object.values(fields.refused)) assert.ok(!refused.message.includes(String(value)))
    })

    it('names the survivor of a merged record, and none for a deleted one', async context => {
      const { records, add, merge, remove, fields } = await opened(context)
      const [gone, kept, deleted] = [
        await add(['ada@example.com']),
        await add(['lovelace@example.com']),
        await add(['bob@example.com']),
      ]
      const survivor = await merge(gone, kept)
      await remove(deleted)
      const results = await records.send(
        [
          input({ person: ada, record: gone, fields: { [fields.number]: 1 } }),
          input({ person: bob, record: deleted, fields: { [fields.number]: 1 } }),
        ],
        signal,
      )
      assert.deepEqual(
        results.map(result => (result.kind === 'gone' ? result.survivor : result)),
        [survivor, null],
      )
    })

    it('asks to try again after a reset, and finds what a lost answer had made', async context => {
      const { destination, object, records, disturb, fields } = await opened(context)
      await destination.prepare(signal)
      await disturb('reset')
      const set = input({ person: ada, fields: { [fields.number]: 1 } })
      assert.equal((await records.send([set], signal))[0]?.kind, 'retry')
      assert.equal((await destination.resolve([object], [ada], signal))[0]?.kind, 'missing')
      await disturb('reset-after-apply')
      assert.equal((await records.send([set], signal))[0]?.kind, 'retry')
      assert.equal((await destination.resolve([object], [ada], signal))[0]?.kind, 'found')
    })

    it('tells a limit from a token that is refused', async context => {
      const { destination, records, disturb, fields } = await opened(context)
      await destination.prepare(signal)
      const set = input({ person: ada, fields: { [fields.number]: 1 } })
      await disturb('limit')
      const [limited] = await records.send([set], signal)
      assert.ok(limited?.kind === 'retry')
      assert.equal(limited.limited, true)
      await disturb('token')
      const [blocked] = await records.send([set], signal)
      assert.equal(blocked?.kind, 'needs-person')
    })

    it('reads what records hold as it would be sent, and says which are not there', async context => {
      const { add, remove, records, fields } = await opened(context)
      const [record, deleted] = [await add(['ada@example.com']), await add(['bob@example.com'])]
      await records.send(
        [input({ person: ada, record, fields: { [fields.number]: 3, [fields.text]: 'zoom' } })],
        signal,
      )
      await records.send([input({ person: ada, record, fields: { [fields.text]: null } })], signal)
      await remove(deleted)
      const [gone, held] = await records.read([deleted, record], [fields.number, fields.text], signal)
      assert.equal(gone?.kind, 'missing')
      assert.ok(held?.kind === 'held')
      assert.deepEqual(held.fields, { [fields.number]: 3, [fields.text]: null })
    })

    it('keeps the order of the inputs in a full batch', async context => {
      const { destination, object, records, fields } = await opened(context)
      await destination.prepare(signal)
      const people = Array.from({ length: records.batchSize }, (_, n) => person(`p${n}`, `p${n}@example.com`))
      const created = await records.send(
        people.map((one, n) => input({ person: one, fields: { [fields.number]: n } })),
        signal,
      )
      const found = await destination.resolve([object], people, signal)
      const ids = created.map(result => (result.kind === 'accepted' ? result.record : undefined))
      assert.deepEqual(
        found.map(result => (result.kind === 'found' ? result.record.id : undefined)),
        ids,
      )
      assert.equal(new Set(ids).size, people.length)
    })
  })
}
