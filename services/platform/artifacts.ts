import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { TributaryError } from '../runtime/errors.ts'
import { lockFolder } from './folder-lock.ts'
import { findMaven } from './java.ts'

const POM = fileURLToPath(new URL('pom.xml', import.meta.url))
const LIBRARY = fileURLToPath(new URL('../../.tributary/lib/', import.meta.url))
const REGISTRY_ARCHIVE = /^apicurio-registry-app-.*\.tar\.gz$/
const FETCH_PATIENCE_MS = 15 * 60_000
const PROGRESS_MS = 5_000
const OUTPUT_TAIL_LINES = 15

/** The programs of the embedded platform on disk. */
export interface Artifacts {
  /** Holds all of it; what is derived from the programs may be kept here too. */
  readonly folder: string
  /** Java class path that holds Kafka. */
  readonly kafkaClassPath: string
  /** Folder that holds the registry's runnable jar beside its `lib`. */
  readonly registryFolder: string
  /** File name of the runnable jar. */
  readonly registryJar: string
}

/**
 * The programs that pom.xml names, fetched with Maven on first use (about 190 MB) and shared by all data folders. Where Maven
 * fetches from is the machine's own Maven settings.
 * @throws TributaryError MAVEN_MISSING, ARTIFACTS_NOT_FETCHED with the end of Maven's output
 */
export async function fetchArtifacts(onProgress: (line: string) => void): Promise<Artifacts> {
  const folder = join(LIBRARY, createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 16))
  if (!existsSync(folder)) await fetchOnce(folder, onProgress)
  const registryFolder = join(folder, 'registry')
  const registryJar = readdirSync(registryFolder).find(name => name.endsWith('-runner.jar'))
  if (!registryJar) throw notFetched(`${registryFolder} lacks the registry's jar: delete ${folder} and start again.`)
  return { folder, kafkaClassPath: join(folder, 'kafka', '*'), registryFolder, registryJar }
}

async function fetchOnce(folder: string, onProgress: (line: string) => void): Promise<void> {
  const maven = findMaven()
  const lock = await lockFolder(join(LIBRARY, 'fetch.lock'), {
    patienceMs: FETCH_PATIENCE_MS,
    onWait: onProgress,
    refusal: pid => notFetched(`Process ${pid} has been fetching for too long: end it and start again.`),
  })
  const draft = mkdtempSync(join(LIBRARY, 'draft-'))
  try {
    if (existsSync(folder)) return
    onProgress('Fetching Kafka and the schema registry with Maven (once; up to 190 MB) …')
    copyFileSync(POM, join(draft, 'pom.xml'))
    await copyDependencies(maven, draft, onProgress)
    await unpackRegistry(draft)
    renameSync(draft, folder)
  } finally {
    rmSync(draft, { recursive: true, force: true })
    lock.release()
  }
}

async function copyDependencies(maven: string, draft: string, onProgress: (line: string) => void): Promise<void> {
  let fetched = 0
  const timer = setInterval(() => onProgress(`  still fetching: ${fetched} files so far`), PROGRESS_MS)
  const goal = [
    '-B',
    '-Dstyle.color=never',
    'dependency:copy-dependencies',
    `-DoutputDirectory=${join(draft, 'kafka')}`,
  ]
  try {
    await run(maven, goal, draft, line => {
      if (/^\[INFO\] Downloaded .*\.(jar|gz)\b/.test(line)) fetched++
    })
  } finally {
    clearInterval(timer)
  }
}

async function unpackRegistry(draft: string): Promise<void> {
  const archive = readdirSync(join(draft, 'kafka')).find(name => REGISTRY_ARCHIVE.test(name))
  if (!archive) throw notFetched('Maven did not bring the archive of the schema registry.')
  mkdirSync(join(draft, 'registry'))
  await run('tar', ['-xzf', join('kafka', archive), '-C', 'registry'], draft, () => undefined)
  rmSync(join(draft, 'kafka', archive))
}

async function run(
  program: string,
  args: readonly string[],
  folder: string,
  onLine: (line: string) => void,
): Promise<void> {
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const tail: string[] = []
  const keep = (line: string) => {
    onLine(line)
    if (/Download(ing|ed) (from|to) /.test(line)) return
    tail.push(line)
    if (tail.length > OUTPUT_TAIL_LINES) tail.shift()
  }
  createInterface(child.stdout).on('line', keep)
  createInterface(child.stderr).on('line', keep)
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  if (code !== 0) throw notFetched(`${program} ended with code ${code}. Its last lines:\n${tail.join('\n')}`)
}

function notFetched(detail: string): TributaryError {
  return new TributaryError('ARTIFACTS_NOT_FETCHED', `Kafka and the schema registry could not be fetched. ${detail}`, {
    errorClass: 'retryable',
  })
}
