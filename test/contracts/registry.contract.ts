import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { type AvroSchema, recordNames, schemaOf } from '../../schemas/records.ts'
import type { SchemaRegistry } from '../../services/runtime/registry.ts'

export interface RegistryUnderTest {
  readonly registry: SchemaRegistry
  close(): Promise<void>
}

const field = (name: string, type: unknown, more: object = {}): object => ({ name, type, doc: name, ...more })
const order = (...fields: readonly object[]): AvroSchema =>
  ({ type: 'record', name: 'Order', namespace: 'shop', doc: 'An order.', fields }) as unknown as AvroSchema
const newSubject = (): string => `orders-${randomUUID()}-value`

/** What every implementation of the seam to the schema registry does (services/runtime/registry.ts). */
export const registryContract = (name: string, start: () => Promise<RegistryUnderTest>): void => {
  describe(name, () => {
    let underTest: RegistryUnderTest
    let registry: SchemaRegistry
    before(async () => {
      underTest = await start()
      registry = underTest.registry
    })
    after(() => underTest?.close())

    it('gives a schema registered again the same id, also when both come at once', async () => {
      const [subject, schema] = [newSubject(), order(field('total', 'long'))]
      const id = await registry.register(subject, schema)
      assert.equal(await registry.register(subject, schema), id)
      const other = newSubject()
      const [one, two] = await Promise.all([registry.register(other, schema), registry.register(other, schema)])
      assert.equal(one, two)
    })

    it('gives the schema back by its id', async () => {
      const schema = order(field('total', ['null', 'long'], { default: null }))
      assert.deepEqual(await registry.schema(await registry.register(newSubject(), schema)), schema)
    })

    it('finds what was registered, and registers nothing by looking', async () => {
      const [subject, schema] = [newSubject(), order(field('total', 'long'))]
      assert.equal(await registry.lookUp(subject, schema), undefined)
      assert.equal(await registry.lookUp(subject, schema), undefined)
      const id = await registry.register(subject, schema)
      assert.equal(await registry.lookUp(subject, schema), id)
      const unrelated = order(field('note', 'string'))
      assert.equal(await registry.lookUp(subject, unrelated), undefined)
      assert.equal(await registry.lookUp(newSubject(), schema), undefined)
    })

    it('knows nothing of an id that nobody registered', async () => {
      assert.equal(await registry.schema(2_000_000_000), undefined)
    })

    it('keeps every version of a subject', async () => {
      const subject = newSubject()
      const versions = [order(), order(field('total', 'long', { default: 0 }))]
      const ids: number[] = []
      for (const version of versions) ids.push(await registry.register(subject, version))
      assert.notEqual(ids[0], ids[1])
      for (const [index, version] of versions.entries()) {
        assert.equal(await registry.lookUp(subject, version), ids[index])
        assert.deepEqual(await registry.schema(ids[index] ?? 0), version)
      }
    })

    it('24 refuses a schema that cannot read the version before, and says for which subject', async () => {
      const subject = newSubject()
      await registry.register(subject, order(field('total', 'long')))
      const broken = order(field('total', 'long'), field('note', 'string'))
      await assert.rejects(registry.register(subject, broken), error => {
        assert.equal((error as { code?: string }).code, 'SCHEMA_INCOMPATIBLE')
        assert.notEqual((error as { errorClass?: string }).errorClass, 'retryable')
        assert.ok((error as Error).message.includes(subject))
        return true
      })
      assert.equal(await registry.lookUp(subject, broken), undefined)
    })

    it('24 refuses a schema that cannot read any earlier version, not only the last', async () => {
      const subject = newSubject()
      await registry.register(subject, order(field('total', 'long')))
      await registry.register(subject, order())
      await assert.rejects(registry.register(subject, order(field('total', 'string', { default: '' }))), {
        code: 'SCHEMA_INCOMPATIBLE',
      })
    })

    it('takes every schema of ours, again and again', async () => {
      for (const record of recordNames) {
        const subject = newSubject()
        const id = await registry.register(subject, schemaOf(record))
        assert.equal(await registry.lookUp(subject, schemaOf(record)), id)
        assert.deepEqual(await registry.schema(id), schemaOf(record))
      }
    })
  })
}
