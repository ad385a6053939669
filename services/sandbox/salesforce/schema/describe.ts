import { type Field, isFilterable, isText } from './fields.ts'
import type { SObjectType } from './objects.ts'
import type { Schema } from './schema.ts'

const SOAP_TYPES: Readonly<Record<string, string>> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  currency: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
}

/** `GET /sobjects/<object>/describe`. */
export const described = (schema: Schema, object: SObjectType, base: string): object => ({
  ...summary(object, base),
  fields: schema.fields(object).map(describedField),
  childRelationships: [],
  recordTypeInfos: [],
})

/** One entry of `GET /sobjects`. */
export const summary = ({ name, label, plural, prefix, deletable, mergeable }: SObjectType, base: string): object => ({
  name,
  label,
  labelPlural: plural,
  keyPrefix: prefix,
  custom: false,
  createable: true,
  updateable: true,
  deletable,
  mergeable,
  queryable: true,
  retrieveable: true,
  replicateable: true,
  undeletable: deletable,
  searchable: true,
  urls: {
    sobject: `${base}/sobjects/${name}`,
    describe: `${base}/sobjects/${name}/describe`,
    rowTemplate: `${base}/sobjects/${name}/{ID}`,
  },
})

const describedField = (field: Field): object => ({
  name: field.name,
  label: field.label,
  type: field.type,
  soapType: SOAP_TYPES[field.type] ?? 'xsd:string',
  length: field.length,
  byteLength: field.length * 3,
  nillable: !field.required && field.type !== 'id',
  createable: field.access !== 'read',
  updateable: field.access === 'write',
  defaultedOnCreate: field.defaultValue !== null || field.name === 'OwnerId',
  defaultValue: field.defaultValue,
  custom: field.custom,
  externalId: field.externalId,
  unique: field.unique,
  idLookup: field.type === 'id' || field.externalId || field.unique,
  caseSensitive: field.caseSensitive,
  calculated: false,
  filterable: isFilterable(field),
  sortable: isFilterable(field),
  groupable: isText(field) && isFilterable(field),
  restrictedPicklist: field.restricted,
  polymorphicForeignKey: field.referenceTo.length > 1,
  referenceTo: field.referenceTo,
  relationshipName: field.relationship,
  picklistValues: field.values.map(value => ({
    value,
    label: value,
    active: true,
    defaultValue: value === field.defaultValue,
    validFor: null,
  })),
})
