// Runs several test files in this process, which takes half the time of a process for each: `node several-files.ts`, with their paths in TRIBUTARY_TEST_FILES, a line each.
// Each is a suite: what it does before and after its tests concerns no other.
import { suite } from 'node:test'
import { pathToFileURL } from 'node:url'
import { SEVERAL } from './reporter.ts'

for (const file of process.env[SEVERAL]?.split('\n') ?? []) {
  void suite(file, async () => {
    await import(pathToFileURL(file).href)
  })
}
