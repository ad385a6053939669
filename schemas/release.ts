// `node schemas/release.ts`, run at a release: what is released now is what later schemas must be able to read (test/schemas/compatibility.test.ts).
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { incompatibilities } from './compatibility.ts'
import { type AvroSchema, recordNames, schemaOf } from './records.ts'

const folder = fileURLToPath(new URL('./released/', import.meta.url))

const problems = recordNames.flatMap(name => {
  const file = `${folder}${name}.avsc`
  if (!existsSync(file)) return []
  const released = JSON.parse(readFileSync(file, 'utf8')) as AvroSchema
  return incompatibilities(schemaOf(name), released).map(problem => `${name}: ${problem}`)
})

if (problems.length > 0) {
  process.stderr.write(`Nothing was released, for records written before could not be read:\n${problems.join('\n')}\n`)
  process.exitCode = 1
} else {
  mkdirSync(folder, { recursive: true })
  for (const name of recordNames) {
    writeFileSync(`${folder}${name}.avsc`, `${JSON.stringify(schemaOf(name), null, 2)}\n`)
  }
  process.stdout.write(`Wrote the schemas of ${recordNames.length} records to schemas/released.\n`)
}
