import { createHash } from 'node:crypto'
import avro from 'avsc'
import type { Field, Value } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'
import type { Schema } from '../schema/schema.ts'
import { CHANGE_TYPES, type ChangeEvent } from './bus.ts'

/** Avro schemas of change events, and events as they say. */
export interface Payloads {
  /** The id of an object's schema as its fields are now. */
  schemaId(entity: string): string
  /** A schema by its id, as JSON. */
  schema(id: string): string | undefined
  encoded(event: ChangeEvent): { readonly schemaId: string; readonly payload: Buffer }
}

/** Not in change events (facts/salesforce.md §7), and those that Salesforce sends in a form of their own. */
const LEFT_OUT = new Set(['Id', 'IsDeleted', 'SystemModstamp', 'Name'])

const TYPES: Readonly<Partial<Record<Field['type'], string>>> = {
  ...{ boolean: 'boolean', int: 'int', currency: 'double', date: 'long', datetime: 'long' },
}

const text = 'string'
const texts = { type: 'array', items: text }
const HEADER = {
  type: 'record',
  name: 'ChangeEventHeader',
  fields: [
    { name: 'entityName', type: text },
    { name: 'recordIds', type: texts },
    { name: 'changeType', type: { type: 'enum', name: 'ChangeType', symbols: CHANGE_TYPES } },
    { name: 'changeOrigin', type: text },
    { name: 'transactionKey', type: text },
    { name: 'sequenceNumber', type: 'int' },
    { name: 'commitTimestamp', type: 'long' },
    { name: 'commitNumber', type: 'long' },
    { name: 'commitUser', type: text },
    { name: 'nulledFields', type: texts },
    { name: 'diffFields', type: texts },
    { name: 'changedFields', type: texts },
  ],
}

export const createPayloads = (schema: Schema): Payloads => {
  const schemas = new Map<string, { readonly json: string; readonly type: avro.Type }>()
  const fieldsOf = (object: SObjectType): readonly Field[] =>
    schema.fields(object).filter(({ name }) => !LEFT_OUT.has(name))
  const objectOf = (entity: string): SObjectType => {
    const object = schema.object(entity)
    if (!object) throw new RangeError(`The org has no object ${entity}`)
    return object
  }
  const schemaId = (entity: string): string => {
    const object = objectOf(entity)
    const fields = fieldsOf(object).map(({ name, type }) => ({
      name,
      type: ['null', TYPES[type] ?? text],
      default: null,
    }))
    const json = JSON.stringify({
      ...{ type: 'record', name: `${object.name}ChangeEvent`, namespace: 'com.sforce.eventbus' },
      fields: [{ name: 'ChangeEventHeader', type: HEADER }, ...fields],
    })
    const id = createHash('sha256').update(json).digest('base64url').slice(0, 22)
    if (!schemas.has(id)) schemas.set(id, { json, type: avro.Type.forSchema(JSON.parse(json)) })
    return id
  }
  return {
    schemaId,
    schema: id => schemas.get(id)?.json,
    encoded: event => {
      const id = schemaId(event.entity)
      const type = schemas.get(id)?.type
      if (!type) throw new RangeError(`There is no schema ${id}`)
      return { schemaId: id, payload: type.toBuffer(contentOf(event, fieldsOf(objectOf(event.entity)))) }
    },
  }
}

const contentOf = (event: ChangeEvent, fields: readonly Field[]): object => {
  const { entity: entityName, recordIds, changeType, changeOrigin, transactionKey, sequenceNumber } = event
  const told = fields.filter(({ name }) => name in event.changed)
  const of = (isNull: boolean): readonly Field[] => told.filter(({ name }) => (event.changed[name] === null) === isNull)
  return {
    ...Object.fromEntries(of(false).map(field => [field.name, valueIn(field, event.changed[field.name] ?? null)])),
    ChangeEventHeader: {
      ...{ entityName, recordIds, changeType, changeOrigin, transactionKey, sequenceNumber },
      ...{ commitTimestamp: event.at, commitNumber: event.number, commitUser: event.commitUser },
      ...{ nulledFields: bitmap(fields, of(true)), diffFields: [], changedFields: bitmap(fields, told) },
    },
  }
}

const valueIn = ({ type }: Field, value: Value): Value =>
  type === 'date' || type === 'datetime' ? Date.parse(String(value).replace('+0000', 'Z')) : value

/** A bit for each field of the schema, the header first; hexadecimal digits. https://developer.salesforce.com/docs/platform/pub-sub-api/guide/event-deserialization-considerations.html */
const bitmap = (all: readonly Field[], set: readonly Field[]): readonly string[] => {
  if (set.length === 0) return []
  const bits = set.reduce((sum, field) => sum | (1n << BigInt(all.indexOf(field) + 1)), 0n)
  return [`0x${bits.toString(16).toUpperCase()}`]
}
