import { applyLoad, type LoadOptions } from './load.ts'

/** The load in a process of its own. Argument: `LoadOptions` as JSON. Prints `LoadResult` as JSON. */
const [options = ''] = process.argv.slice(2)
process.stdout.write(`${JSON.stringify(await applyLoad(JSON.parse(options) as LoadOptions))}\n`)
