import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import type { Setting } from '../../services/runtime/config/settings/setting.ts'
import { perAccountSuffixes, type SettingName, settingsReference } from '../../services/runtime/config/settings.ts'

/**
 * What programs of a test run print and publish is kept in the folder that TRIBUTARY_TEST_OUTPUT names, to be looked through at the end of the run. Without
 * it nothing is kept.
 */
const OUTPUT = 'TRIBUTARY_TEST_OUTPUT'

const kinds = ['log', 'metrics', 'secrets'] as const
type Kind = (typeof kinds)[number]

/** A folder for one run. */
export interface OutputFolder {
  /** For the environment of every process of the run. */
  readonly variables: Readonly<Record<string, string>>
  /** All of one kind that was kept so far. */
  kept(kind: Kind): readonly { readonly where: string; readonly text: string }[]
  remove(): void
}

export const createOutputFolder = (): OutputFolder => {
  const folder = mkdtempSync(join(tmpdir(), 'tributary-output-'))
  return {
    variables: { [OUTPUT]: folder },
    kept: kind =>
      readdirSync(folder)
        .filter(name => name.startsWith(`${kind}.`))
        .map(name => ({
          where: decodeURIComponent(name.split('.').slice(3).join('.')),
          text: readFileSync(join(folder, name), 'utf8'),
        })),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

/** Keeps what comes out of the streams, from now on. @param where the program, for the person who reads of a leak */
export const keepLog = (where: string, streams: readonly (Readable | null)[], variables = process.env): void => {
  const file = fileFor('log', where, variables)
  if (file === undefined) return
  for (const stream of streams) stream?.on('data', (chunk: Buffer | string) => appendFileSync(file, chunk))
}

/** Keeps metrics in the Prometheus text format, if there are any. @param read asked only when something is kept */
export const keepMetrics = async (where: string, read: () => Promise<string | undefined>): Promise<void> => {
  const file = fileFor('metrics', where, process.env)
  const text = file === undefined ? undefined : await read()
  if (file !== undefined && text !== undefined) appendFileSync(file, text)
}

/** Reads what `/metrics` of a console says; nothing when none answers there. */
export const metricsAt = (consoleUrl: string) => async (): Promise<string | undefined> => {
  const signal = AbortSignal.timeout(2_000)
  const answer = await fetch(`${consoleUrl}/metrics`, { signal }).catch(() => undefined)
  return answer?.ok ? await answer.text() : undefined
}

/** Keeps the values of the secrets among these settings: nowhere may they appear. */
export const keepSecrets = (settings: Readonly<Record<string, string>>): void => {
  const secrets = Object.entries(settings).flatMap(([name, value]) => secretsOf(name, value))
  const file = secrets.length > 0 ? fileFor('secrets', 'settings', process.env) : undefined
  if (file !== undefined) appendFileSync(file, secrets.map(secret => `${secret}\n`).join(''))
}

const secretNames = new Set<SettingName>(
  settingsReference()
    .filter(isSecret)
    .map(({ name }) => name),
)

function isSecret({ secret }: Setting): boolean {
  return secret === true
}

/** Of a login its password, of a key its lines: each would be a leak by itself. */
const secretsOf = (name: string, value: string): readonly string[] => {
  const plain = name.replace(/_FILE$/, '')
  const suffix = perAccountSuffixes.find(one => plain.endsWith(`_${one}`))
  const setting = (plain.startsWith('ZOOM_') && suffix ? `ZOOM_${suffix}` : plain) as SettingName
  if (!secretNames.has(setting)) return []
  const text = name === plain ? value : readFileSync(value, 'utf8')
  const lines = text.split(/\\n|\n|,/).filter(line => !line.startsWith('-----'))
  return setting === 'SCHEMA_REGISTRY_AUTH' ? lines.map(line => line.slice(line.indexOf(':') + 1)) : lines
}

let files = 0

/** One file for each writer, so that none waits for another. */
const fileFor = (kind: Kind, where: string, variables: NodeJS.ProcessEnv): string | undefined => {
  const folder = variables[OUTPUT]
  if (!folder) return undefined
  mkdirSync(folder, { recursive: true })
  files += 1
  return join(folder, `${kind}.${process.pid}.${files}.${encodeURIComponent(where).slice(0, 150)}`)
}
