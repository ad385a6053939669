import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type AvroSchema, recordNames, schemaOf } from '../../schemas/records.ts'
import type { Topic } from '../../topology/define.ts'
import { topics } from '../../topology/topics.ts'
import { baseName, filesUnder, mismatches } from './repository.ts'

const records = { what: 'record', names: recordNames }
const schemaFiles = { what: 'schema file', names: filesUnder('schemas/*.avsc').map(baseName) }
const released = { what: 'released schema', names: filesUnder('schemas/released/*').map(baseName) }
const exampleFolders = {
  what: 'folder of examples',
  names: filesUnder('schemas/examples/*/*.json').map(path => path.split('/')[2] ?? ''),
}
const recordsOf = (given: readonly Topic[]): string[] =>
  given.flatMap(topic => (topic.kind === 'raw' ? [] : [topic.record]))

/** Paths of records, enums and fields that do not say what they are. */
const undocumented = (schema: AvroSchema, path = ''): readonly string[] => {
  if (typeof schema === 'string') return []
  if (!('type' in schema)) return schema.flatMap(branch => undocumented(branch, path))
  const isNamed = schema.type === 'record' || schema.type === 'enum'
  const own = isNamed && !schema.doc?.trim() ? [path || 'the record'] : []
  const inner = [schema.items, schema.values].flatMap(each => (each === undefined ? [] : undocumented(each, path)))
  const wrapped = typeof schema.type === 'string' ? [] : undocumented(schema.type, path)
  const fields = (schema.fields ?? []).flatMap(field => {
    const fieldPath = path === '' ? field.name : `${path}.${field.name}`
    return [...(field.doc?.trim() ? [] : [fieldPath]), ...undocumented(field.type, fieldPath)]
  })
  return [...own, ...wrapped, ...inner, ...fields]
}

describe('schemas', () => {
  it('K1 are one file for each record', () => assert.deepEqual(mismatches(schemaFiles, records), []))
  it('K1 each have a topic', () => {
    assert.deepEqual(mismatches({ what: 'topic', names: recordsOf(topics) }, records), [])
  })
  it('K1 each have examples, and examples have a record', () =>
    assert.deepEqual(mismatches(exampleFolders, records), []))
  it('K1 each have the version of the last release', () => assert.deepEqual(mismatches(released, records), []))
  for (const name of recordNames) {
    it(`K1 ${name}: every record, enum and field says what it is`, () => {
      assert.deepEqual(undocumented(schemaOf(name)), [])
    })
  }
})

describe('the checks of schemas', () => {
  it('find a file without a record and a record without a file', () => {
    assert.deepEqual(
      mismatches({ what: 'schema file', names: ['track', 'stray'] }, { what: 'record', names: ['track', 'lost'] }),
      ['schema file stray has no record', 'record lost has no schema file'],
    )
  })

  it('find what is undocumented at every level', () => {
    const inner = { type: 'record', name: 'Inner', doc: ' ', fields: [{ name: 'id', type: 'string' }] }
    const schema = {
      type: 'record',
      name: 'Outer',
      doc: 'All of it.',
      fields: [
        { name: 'plain', type: 'string', doc: 'Said.' },
        { name: 'list', type: { type: 'array', items: inner }, doc: 'Said.' },
        { name: 'maybe', type: ['null', { type: 'enum', name: 'Kind', symbols: ['A'] }], doc: 'Said.' },
        { name: 'map', type: { type: 'map', values: 'string' } },
      ],
    }
    assert.deepEqual(undocumented(schema as AvroSchema), ['list', 'list.id', 'maybe', 'map'])
  })
})
