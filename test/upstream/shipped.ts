/**
 * The packages as their makers ship them. Nothing under services/ may be loaded into a process that judges them: services/kafka/client/internals.ts
 * mends kafkajs, and services/runtime/avro-bounds.ts mends avsc.
 *
 * TRIBUTARY_TEST_UPSTREAM names a folder with a node_modules of its own, to judge another version without installing it here:
 * `npm install --prefix <folder> kafkajs@<version>`, then `TRIBUTARY_TEST_UPSTREAM=<folder> npm test -- test/upstream`.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'

const own = createRequire(import.meta.url)
const folder = process.env['TRIBUTARY_TEST_UPSTREAM']
const others = folder === undefined ? own : createRequire(join(folder, 'package.json'))

/** The one that is to be judged where there is one, else ours. */
const resolve = (path: string): string => {
  try {
    return others.resolve(path)
  } catch {
    return own.resolve(path)
  }
}

export type Package = 'kafkajs' | '@kafkajs/confluent-schema-registry' | 'avsc'

/** The package's main module, or one of its files. */
export const shipped = <Module>(path: string): Module => own(resolve(path))

export const versionOf = (name: Package): string =>
  shipped<{ readonly version: string }>(`${name}/package.json`).version
