import fc from 'fast-check'
import type { AvroSchema } from '../../schemas/records.ts'

/** A schema before its named types are named: names come from the place, so that two schemas of one shape agree. */
type Shape =
  | { readonly kind: 'primitive'; readonly name: string }
  | { readonly kind: 'array' | 'map'; readonly inner: Shape }
  | {
      readonly kind: 'enum'
      readonly symbols: readonly string[]
      readonly renamed: boolean
      readonly fallback: boolean
    }
  | { readonly kind: 'union'; readonly branches: readonly Shape[] }
  | { readonly kind: 'record'; readonly fields: readonly FieldShape[]; readonly renamed: boolean }
interface FieldShape {
  readonly name: string
  readonly shape: Shape
  readonly hasDefault: boolean
}

const seldom = fc.nat(9).map(n => n === 0)
const often = fc.nat(3).map(n => n > 0)
const primitive = fc.constantFrom('null', 'boolean', 'int', 'long', 'float', 'double', 'string', 'bytes')

/** A union may hold each type once; of named ones we keep one as well. */
const branchKind = (shape: Shape): string => (shape.kind === 'primitive' ? shape.name : shape.kind)

const shapes = fc.letrec<{ any: Shape; single: Shape; record: Shape; primitive: Shape; enum: Shape }>(tie => ({
  primitive: primitive.map(name => ({ kind: 'primitive', name })),
  enum: fc.record({
    kind: fc.constant('enum' as const),
    symbols: fc.subarray(['RED', 'GREEN', 'BLUE'], { minLength: 1 }),
    renamed: seldom,
    fallback: seldom,
  }),
  record: fc.record({
    kind: fc.constant('record' as const),
    fields: fc.uniqueArray(
      fc.record({ name: fc.constantFrom('a', 'b', 'c', 'd'), shape: tie('any'), hasDefault: often }),
      { maxLength: 3, selector: field => field.name },
    ),
    renamed: seldom,
  }),
  single: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('primitive'),
    tie('enum'),
    tie('record'),
    fc.record({ kind: fc.constantFrom('array' as const, 'map' as const), inner: tie('any') }),
  ),
  any: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    tie('single'),
    fc.record({
      kind: fc.constant('union' as const),
      branches: fc.uniqueArray(tie('single'), { minLength: 1, maxLength: 3, selector: branchKind }),
    }),
  ),
}))

/** Another version of a shape: mostly the same, here and there something else. */
const changed = (shape: Shape): fc.Arbitrary<Shape> => {
  const inside = changedInside(shape)
  return fc.oneof({ weight: 9, arbitrary: inside }, { weight: 1, arbitrary: shapes.any })
}

const changedInside = (shape: Shape): fc.Arbitrary<Shape> => {
  switch (shape.kind) {
    case 'primitive':
      return fc.oneof({ weight: 3, arbitrary: fc.constant(shape) }, { weight: 1, arbitrary: shapes.primitive })
    case 'enum':
      return fc.oneof(fc.constant(shape), shapes.enum)
    case 'array':
    case 'map':
      return changed(shape.inner).map(inner => ({ ...shape, inner }))
    case 'union':
      return fc
        .tuple(...shape.branches.map(changedInside))
        .map(branches => ({ kind: 'union', branches: distinct(branches) }))
    case 'record':
      return fc.tuple(...shape.fields.map(field => fc.tuple(changed(field.shape), often, often))).map(fields => ({
        ...shape,
        fields: shape.fields.flatMap((field, index) => {
          const [inner = field.shape, kept = true, hasDefault = true] = fields[index] ?? []
          return kept ? [{ ...field, shape: inner, hasDefault }] : []
        }),
      }))
  }
}

const distinct = (branches: readonly Shape[]): readonly Shape[] =>
  branches.filter((branch, index) => branches.findIndex(other => branchKind(other) === branchKind(branch)) === index)

const schemaOf = (shape: Shape, place: string): unknown => {
  switch (shape.kind) {
    case 'primitive':
      return shape.name
    case 'array':
      return { type: 'array', items: schemaOf(shape.inner, `${place}_items`) }
    case 'map':
      return { type: 'map', values: schemaOf(shape.inner, `${place}_values`) }
    case 'enum':
      return {
        type: 'enum',
        name: `E${place}${shape.renamed ? 'New' : ''}`,
        symbols: shape.symbols,
        ...(shape.fallback ? { default: shape.symbols[0] } : {}),
      }
    case 'union':
      return shape.branches.map(branch => schemaOf(branch, `${place}_${branchKind(branch)}`))
    case 'record':
      return {
        type: 'record',
        name: `R${place}${shape.renamed ? 'New' : ''}`,
        fields: shape.fields.map(field => ({
          name: field.name,
          type: schemaOf(field.shape, `${place}_${field.name}`),
          ...(field.hasDefault ? { default: defaultOf(field.shape) } : {}),
        })),
      }
  }
}

const primitiveDefaults: Readonly<Record<string, unknown>> = { null: null, boolean: false, string: '', bytes: '' }

const defaultOf = (shape: Shape): unknown => {
  switch (shape.kind) {
    case 'primitive':
      return shape.name in primitiveDefaults ? primitiveDefaults[shape.name] : 0
    case 'array':
      return []
    case 'map':
      return {}
    case 'enum':
      return shape.symbols[0]
    case 'union':
      return shape.branches[0] ? defaultOf(shape.branches[0]) : null
    case 'record':
      return Object.fromEntries(shape.fields.map(field => [field.name, defaultOf(field.shape)]))
  }
}

/** Two versions of one record. */
export const schemaPairs: fc.Arbitrary<{ readonly released: AvroSchema; readonly next: AvroSchema }> = shapes.record
  .chain(released => fc.tuple(fc.constant(released), changedInside(released)))
  .map(([released, next]) => ({
    released: schemaOf(released, '') as AvroSchema,
    next: schemaOf(next, '') as AvroSchema,
  }))
