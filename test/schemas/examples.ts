import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Records } from '../../schemas/generated.ts'
import type { RecordName } from '../../schemas/records.ts'

const folder = fileURLToPath(new URL('../../schemas/examples/', import.meta.url))

export interface Example<Value> {
  /** File name without its ending: what the example shows. */
  readonly name: string
  readonly value: Value
}

/** Bytes are written as Buffer writes itself into JSON. */
const withBytes = (_: string, value: unknown): unknown => {
  const { type, data } = (value ?? {}) as { readonly type?: unknown; readonly data?: unknown }
  return type === 'Buffer' && Array.isArray(data) ? Buffer.from(data as number[]) : value
}

/** The examples of a record, by name; none when it has no folder. */
export const examplesOf = <Name extends RecordName>(record: Name): readonly Example<Records[Name]>[] =>
  existsSync(folder + record)
    ? readdirSync(folder + record)
        .sort()
        .map(file => ({
          name: file.replace(/\.json$/, ''),
          value: JSON.parse(readFileSync(`${folder}${record}/${file}`, 'utf8'), withBytes) as Records[Name],
        }))
    : []
