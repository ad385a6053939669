import type { Mistakes } from './mistakes.ts'

/** Reads a whole text file; throws when it cannot. */
export type ReadFile = (path: string) => string

/** The variables as people set them: trimmed, and unset when empty, as `docker compose` passes an unset one on. */
export interface Environment {
  /** The text of a variable, undefined when it is not set. */
  get(name: string): string | undefined
  /** The text of a secret, from `<name>` or from the file that `<name>_FILE` names. */
  secret(name: string): string | undefined
  /** Names that are set. */
  readonly names: readonly string[]
}

/** Mistakes of files are added when a secret is first asked for, once. */
export const readEnvironment = (
  variables: Readonly<Record<string, string | undefined>>,
  readFile: ReadFile,
  mistakes: Mistakes,
): Environment => {
  const get = (name: string) => variables[name]?.trim() || undefined
  const fromFiles = new Map<string, string | undefined>()
  const fromFile = (name: string): string | undefined => {
    const path = get(`${name}_FILE`)
    if (path === undefined) return undefined
    if (!fromFiles.has(name)) fromFiles.set(name, readSecret(`${name}_FILE`, path, readFile, mistakes))
    return fromFiles.get(name)
  }
  return {
    get,
    secret: name => {
      const direct = get(name)
      const filed = fromFile(name)
      if (direct !== undefined && filed !== undefined) {
        mistakes.add(`${name} and ${name}_FILE are both set: unset one of them.`)
      }
      return direct ?? filed
    },
    names: Object.keys(variables).filter(name => get(name) !== undefined),
  }
}

const readSecret = (name: string, path: string, readFile: ReadFile, mistakes: Mistakes): string | undefined => {
  let content: string
  try {
    content = readFile(path).trim()
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'no further reason'
    mistakes.add(`${name} must name a file that can be read, but ${path} cannot be (${code}).`)
    return undefined
  }
  if (content === '') mistakes.add(`${name} must name a file that holds the secret, but ${path} is empty.`)
  return content || undefined
}
