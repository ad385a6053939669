import { type AvroSchema, schemaOf } from '../../schemas/records.ts'
import { connectRegistry } from '../../services/runtime/registry.ts'
import type { StreamTopic } from '../../topology/define.ts'
import { framed, writtenWith } from '../runtime/codec-under-test.ts'
import type { Settings } from './settings.ts'

type Definition = Extract<AvroSchema, { readonly type: AvroSchema }>
type Field = NonNullable<Definition['fields']>[number]

/** Writes as a program does that was released after this one. */
export type Write = (value: unknown) => Buffer

/**
 * Registers a version of the topic's schema with changed fields, as that program does at its start.
 * @returns writes values of it as the registry frames them; members of unions of numbers come as `{ "<type>": … }`
 */
export const newerWriter = async (
  registryUrl: string,
  settings: Settings,
  { name, record }: StreamTopic,
  change: (fields: readonly Field[]) => readonly unknown[],
): Promise<Write> => {
  const ours = schemaOf(record) as Definition
  const schema = { ...ours, fields: change(ours.fields ?? []) } as AvroSchema
  const subject = `${settings['TOPIC_PREFIX']}${name}-value`
  const id = await connectRegistry({ url: registryUrl }).register(subject, schema)
  return value => framed(id, writtenWith(schema, value))
}

/** The same fields with other types where one has this name, at any depth. */
export const withTypes = (fields: readonly Field[], types: Readonly<Record<string, unknown>>): readonly unknown[] =>
  JSON.parse(JSON.stringify(fields), (_, value: unknown) => {
    const field = value as Partial<Field> | null
    const type = field?.name === undefined ? undefined : types[field.name]
    return type === undefined ? value : { name: field?.name, type }
  }) as readonly unknown[]
