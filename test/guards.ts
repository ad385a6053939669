// `npm run test:guards [-- path…]`: takes the guard out that each scenario is about, in a copy, and expects the scenario to fail there.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { tmpdir } from 'node:os'
import { join, relative, resolve } from 'node:path'
import { endWithParent } from '../services/platform/parent.ts'
import { serveControl } from './cluster/control.ts'
import { startEmbeddedCluster } from './cluster/embedded.ts'
import { guardsOf, withoutGuard } from './runner/guards.ts'
import { CHAOS, findTestFiles, QUICK } from './runner/stages.ts'

const COPIED = ['package.json', 'package-lock.json', 'bin', 'schemas', 'services', 'test', 'topology']
const LINKED = ['node_modules', '.tributary']
/** Without its guard a scenario may wait for ever, which is a failure too. */
const PATIENCE_MS = 300_000

endWithParent()
const root = resolve(import.meta.dirname, '..')
const paths = process.argv.slice(2)
const files = findTestFiles(paths.length === 0 ? ['test/scenarios'] : paths, [QUICK, CHAOS])
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const cluster = await startEmbeddedCluster(say)
const { url, server } = await serveControl(cluster)
const tally = { passed: 0, failed: 0 }

for (const file of files) {
  const guards = guardsOf(readFileSync(file, 'utf8'))
  if (guards.length === 0) continue
  const name = relative(root, file)
  const outcome = await outcomeWithout(name).catch((error: unknown) => `cannot be tried: ${(error as Error).message}`)
  await cluster.heal()
  tally[outcome === undefined ? 'passed' : 'failed'] += 1
  say(outcome === undefined ? `✓ ${name} fails without its guard` : `✗ ${name} ${outcome}`)
}

server.close()
server.closeAllConnections()
await cluster.stop()
say(`\n${tally.passed} passed, ${tally.failed} failed`)
process.exit(tally.failed === 0 && tally.passed > 0 ? 0 : 1)

/** Undefined when the scenario failed in the copy, as it should. */
async function outcomeWithout(name: string): Promise<string | undefined> {
  const copy = mkdtempSync(join(tmpdir(), 'tributary-guards-'))
  try {
    for (const each of COPIED) cpSync(join(root, each), join(copy, each), { recursive: true })
    for (const each of LINKED) symlinkSync(join(root, each), join(copy, each))
    for (const guard of guardsOf(readFileSync(join(root, name), 'utf8'))) {
      const mutated = withoutGuard(copy, guard)
      // A file that does not parse fails every scenario, and shows nothing.
      stripTypeScriptTypes(mutated)
      writeFileSync(join(copy, guard.file), mutated)
    }
    return (await exitCode(copy, name)) === 0 ? 'passes without its guard' : undefined
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

async function exitCode(folder: string, file: string): Promise<number | null> {
  const env = {
    ...process.env,
    TRIBUTARY_TEST_CLUSTER: url,
    TRIBUTARY_TEST_BROKERS: cluster.brokers.join(),
    TRIBUTARY_TEST_REGISTRY_URL: cluster.registryUrl,
  }
  const child = spawn(process.execPath, ['--disable-warning=TimeoutNegativeWarning', '--test', file], {
    cwd: folder,
    env,
    stdio: 'ignore',
    detached: true,
  })
  const forced = setTimeout(() => process.kill(-(child.pid ?? 0), 'SIGKILL'), PATIENCE_MS)
  const [code] = (await once(child, 'exit')) as [number | null]
  clearTimeout(forced)
  return code
}
