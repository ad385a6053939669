import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pipeline } from '../../topology/pipeline.ts'
import { generateGraph } from './generate/graph.ts'
import { generatePerformance } from './generate/performance.ts'
import { generateReference } from './generate/reference.ts'
import { generateReliability } from './generate/reliability.ts'
import { generateSbom } from './generate/sbom.ts'
import { generateSecurity } from './generate/security.ts'
import { generateTypes } from './generate/types.ts'

/** Every generated file of the repository: where it lies and how it is made. */
const generated: readonly { path: string; make: () => string | Promise<string> }[] = [
  { path: 'schemas/generated.ts', make: generateTypes },
  { path: 'topology/graph.md', make: () => generateGraph(pipeline) },
  { path: 'docs/reference.md', make: generateReference },
  { path: 'docs/performance.md', make: generatePerformance },
  { path: 'docs/reliability.md', make: generateReliability },
  { path: 'docs/security.md', make: generateSecurity },
  { path: 'sbom.cdx.json', make: generateSbom },
]

const root = new URL('../../', import.meta.url)
const check = process.argv.includes('--check')
const stale: string[] = []

for (const { path, make } of generated) {
  const file = fileURLToPath(new URL(path, root))
  const content = await make()
  if (content === read(file)) continue
  if (check) stale.push(path)
  else {
    mkdirSync(dirname(file), { recursive: true })
    writeFileSync(file, content)
    process.stdout.write(`wrote ${path}\n`)
  }
}

if (stale.length > 0) {
  process.stderr.write(
    `Generated files are stale: ${stale.join(', ')}. Run \`npm run generate\` and commit the result.\n`,
  )
  process.exitCode = 2
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
