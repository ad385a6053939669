import type { AvroField, AvroSchema } from './records.ts'

type Definition = Exclude<AvroSchema, string | readonly AvroSchema[]>

/**
 * Why values written with `released` cannot be read with `next`: Avro's schema resolution, in the direction that the registry calls BACKWARD. Each line
 * begins with the path of the field (`[]`: items of an array, `{}`: values of a map); nothing when all values can be read.
 * Rules: https://avro.apache.org/docs/1.12.0/specification/#schema-resolution
 */
export const incompatibilities = (next: AvroSchema, released: AvroSchema): readonly string[] =>
  compare(sideOf(next), sideOf(released), '')

/** A schema with the named types that it may refer to. */
interface Side {
  readonly schema: AvroSchema
  readonly names: ReadonlyMap<string, Definition>
  /** Records being compared around this one, so that a schema may contain itself. */
  readonly within: readonly string[]
}

const sideOf = (schema: AvroSchema): Side => ({ schema, names: definitionsIn(schema), within: [] })

/** Types that a value may be read as though it was written as another: by the reader's type. */
const promotions: Readonly<Record<string, readonly string[]>> = {
  long: ['int'],
  float: ['int', 'long'],
  double: ['int', 'long', 'float'],
  string: ['bytes'],
  bytes: ['string'],
}

const compare = (next: Side, released: Side, path: string): readonly string[] => {
  const [reader, writer] = [resolved(next), resolved(released)]
  if (isUnion(writer)) return writer.flatMap(branch => compare(next, { ...released, schema: branch }, path))
  if (isUnion(reader)) return compareWithBranches({ ...next, schema: reader }, { ...released, schema: writer }, path)
  const [readerType, writerType] = [typeNameOf(reader), typeNameOf(writer)]
  if (readerType !== writerType) {
    if (promotions[readerType]?.includes(writerType)) return []
    return [at(path, `the type was ${describe(writer)} and is ${describe(reader)}`)]
  }
  if (typeof reader === 'string' || typeof writer === 'string') return []
  const sides = [
    { ...next, schema: reader },
    { ...released, schema: writer },
  ] as const
  return comparisons[readerType]?.(...sides, path) ?? []
}

type DefinedSide = Side & { readonly schema: Definition }
type Comparison = (next: DefinedSide, released: DefinedSide, path: string) => readonly string[]

const compareRecords: Comparison = (next, released, path) => {
  if (isRenamed(next.schema, released.schema)) return [at(path, renamed('record', next.schema, released.schema))]
  const pair = `${fullNameOf(next.schema)} from ${fullNameOf(released.schema)}`
  if (next.within.includes(pair)) return []
  const within = [...next.within, pair]
  return (next.schema.fields ?? []).flatMap(field => {
    const fieldPath = path === '' ? field.name : `${path}.${field.name}`
    const former = formerField(field, released.schema)
    if (former) return compare({ ...next, schema: field.type, within }, { ...released, schema: former.type }, fieldPath)
    return 'default' in field ? [] : [at(fieldPath, 'the field is new and has no default')]
  })
}

const compareEnums: Comparison = ({ schema: next }, { schema: released }, path) => {
  if (isRenamed(next, released)) return [at(path, renamed('enum', next, released))]
  const removed = (released.symbols ?? []).filter(symbol => !next.symbols?.includes(symbol))
  return removed.length === 0 || 'default' in next
    ? []
    : [at(path, `the enum ${next.name} lost ${removed.join(', ')} and has no default to read it as`)]
}

const compareFixed: Comparison = ({ schema: next }, { schema: released }, path) => {
  if (isRenamed(next, released)) return [at(path, renamed('fixed', next, released))]
  return sizeOf(next) === sizeOf(released) ? [] : [at(path, `the size was ${sizeOf(released)} and is ${sizeOf(next)}`)]
}

const comparisons: Readonly<Record<string, Comparison>> = {
  record: compareRecords,
  enum: compareEnums,
  fixed: compareFixed,
  array: (next, released, path) =>
    compare(
      { ...next, schema: next.schema.items ?? 'null' },
      { ...released, schema: released.schema.items ?? 'null' },
      `${path}[]`,
    ),
  map: (next, released, path) =>
    compare(
      { ...next, schema: next.schema.values ?? 'null' },
      { ...released, schema: released.schema.values ?? 'null' },
      `${path}{}`,
    ),
}

/** A value of one type, read as a union: any branch will do. What is wrong inside a branch of the same name is told in its own terms. */
const compareWithBranches = (
  next: Side & { readonly schema: readonly AvroSchema[] },
  released: Side,
  path: string,
): readonly string[] => {
  const attempts = next.schema.map(branch => ({
    branch,
    problems: compare({ ...next, schema: branch }, released, path),
  }))
  if (attempts.some(({ problems }) => problems.length === 0)) return []
  const namesake = attempts.find(
    ({ branch }) => describe(resolved({ ...next, schema: branch })) === describe(resolved(released)),
  )
  return namesake?.problems ?? [at(path, `the union lost the branch ${describe(resolved(released))}`)]
}

/** The released field that this one is read from: of the same name, or of a name among its aliases. */
const formerField = (field: AvroField, released: Definition): AvroField | undefined =>
  released.fields?.find(({ name }) => name === field.name || aliasesOf(field).includes(name))

const isRenamed = (next: Definition, released: Definition): boolean => {
  const former = fullNameOf(released)
  const own = aliasesOf(next).map(alias => fullNameOf({ ...next, name: alias }))
  return fullNameOf(next) !== former && !own.includes(former)
}

const renamed = (kind: string, next: Definition, released: Definition): string =>
  `the ${kind} was named ${fullNameOf(released)} and is named ${fullNameOf(next)}`

const at = (path: string, problem: string): string => `${path || 'the record'}: ${problem}`

const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] => Array.isArray(schema)

/** The schema without a name that stands for it and without a wrapper like `{ "type": "long", "logicalType": … }`. */
const resolved = ({ schema, names }: Pick<Side, 'schema' | 'names'>): AvroSchema => {
  if (typeof schema === 'string') return names.get(schema) ?? schema
  if (isUnion(schema) || (typeof schema.type === 'string' && schema.type in comparisons)) return schema
  return resolved({ schema: schema.type, names })
}

const typeNameOf = (schema: AvroSchema): string =>
  typeof schema === 'string' ? schema : isUnion(schema) ? 'union' : (schema.type as string)

const describe = (schema: AvroSchema): string => {
  const named = typeof schema === 'object' && 'name' in schema ? ` ${fullNameOf(schema)}` : ''
  return `${typeNameOf(schema)}${named}`
}

const fullNameOf = ({ name = '', namespace }: Definition): string =>
  name.includes('.') || !namespace ? name : `${namespace}.${name}`

const sizeOf = (schema: Definition): unknown => ('size' in schema ? schema.size : undefined)

const aliasesOf = (named: Definition | AvroField): readonly string[] =>
  'aliases' in named ? (named.aliases as readonly string[]) : []

/** Every named type of a schema, under its name as references write it. */
const definitionsIn = (schema: AvroSchema, found = new Map<string, Definition>()): ReadonlyMap<string, Definition> => {
  if (typeof schema === 'string') return found
  if (isUnion(schema)) {
    for (const branch of schema) definitionsIn(branch, found)
    return found
  }
  if (schema.name !== undefined) found.set(schema.name, schema).set(fullNameOf(schema), schema)
  for (const inner of [schema.items, schema.values, ...(schema.fields ?? []).map(field => field.type)]) {
    if (inner !== undefined) definitionsIn(inner, found)
  }
  if (typeof schema.type !== 'string') definitionsIn(schema.type, found)
  return found
}
