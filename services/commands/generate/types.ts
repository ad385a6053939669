import { type AvroSchema, recordNames, schemaOf } from '../../../schemas/records.ts'

const primitives: Record<string, string> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  string: 'string',
  bytes: 'Buffer',
}

/** TypeScript for `schemas/generated.ts`: one interface or union a named Avro type, and `Records` by record name. */
export const generateTypes = (): string => {
  const declarations = new Map<string, string>()
  const records = recordNames.map(name => `  ${quoteKey(name)}: ${typeOf(schemaOf(name), declarations)}`)
  return [
    '// Generated from schemas/*.avsc by `npm run generate`. Do not edit.',
    ...declarations.values(),
    `/** The value of each record, by the name of its schema file. */\nexport interface Records {\n${records.join('\n')}\n}`,
    '',
  ].join('\n\n')
}

const quoteKey = (name: string): string => (/^\w+$/.test(name) ? name : `'${name}'`)

const typeOf = (schema: AvroSchema, declarations: Map<string, string>): string => {
  if (typeof schema === 'string') return primitives[schema] ?? schema.replace(/^.*\./, '')
  if (!('type' in schema)) return schema.map(branch => typeOf(branch, declarations)).join(' | ')
  if (schema.type === 'array') return `readonly ${parenthesised(typeOf(schema.items ?? 'null', declarations))}[]`
  if (schema.type === 'map') return `Readonly<Record<string, ${typeOf(schema.values ?? 'null', declarations)}>>`
  if (schema.type === 'enum' || schema.type === 'record') return declare(schema, declarations)
  return typeOf(schema.type, declarations)
}

const parenthesised = (type: string): string => (type.includes(' | ') ? `(${type})` : type)

const declare = (
  schema: Exclude<AvroSchema, string | readonly AvroSchema[]>,
  declarations: Map<string, string>,
): string => {
  const name = schema.name ?? ''
  if (declarations.has(name)) return name
  if (schema.type === 'enum') {
    const symbols = (schema.symbols ?? []).map(symbol => `'${symbol}'`).join(' | ')
    declarations.set(name, `/** ${schema.doc} */\nexport type ${name} = ${symbols}`)
    return name
  }
  const fields = (schema.fields ?? []).map(
    field => `  /** ${field.doc} */\n  readonly ${field.name}: ${typeOf(field.type, declarations)}`,
  )
  declarations.set(name, `/** ${schema.doc} */\nexport interface ${name} {\n${fields.join('\n')}\n}`)
  return name
}
