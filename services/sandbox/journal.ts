import { closeSync, existsSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { TributaryError } from '../runtime/errors.ts'

/** One line of a journal: everything that one step of the vendor changed, so that it is kept whole or not at all. */
export interface JournalLine {
  /** In the order of the changes; null removes the row. */
  readonly rows?: readonly (readonly [table: string, id: string, row: object | null])[]
  readonly writes?: readonly object[]
  readonly cleared?: true
}

/**
 * An append-only file of JSON lines. What `append` was given survives the death of the process (also by kill -9) once it has returned;
 * it is not synchronised to the disk, so the death of the machine may cost the last lines.
 */
export interface Journal {
  append(line: JournalLine): void
  /** Replaces the file by these lines, in one step. */
  rewrite(lines: Iterable<JournalLine>): void
  /** Bytes written since the last `rewrite`. */
  appendedBytes(): number
  close(): void
}

const FORMAT = 1

/** Reads a journal: its lines in order, none when the file is missing. A last line cut off by a crash is left out. */
export const readJournal = (file: string, vendor: string): JournalLine[] => {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  lines.pop()
  const [header, ...rest] = lines
  if (header === undefined) return []
  assertHeader(file, vendor, header)
  return rest.map((line, index) => parseLine(file, line, index + 2) as JournalLine)
}

/** Opens a journal for writing. Call `rewrite` first: it creates the file and compacts what `readJournal` gave. */
export const openJournal = (file: string, vendor: string): Journal => {
  mkdirSync(dirname(file), { recursive: true })
  let descriptor: number | undefined
  let appended = 0
  const close = (): void => {
    if (descriptor !== undefined) closeSync(descriptor)
    descriptor = undefined
  }
  return {
    append: line => {
      if (descriptor === undefined) return
      const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
      writeWhole(descriptor, bytes)
      appended += bytes.length
    },
    rewrite: lines => {
      close()
      writeAside(`${file}.new`, vendor, lines)
      renameSync(`${file}.new`, file)
      descriptor = openSync(file, 'a')
      appended = 0
    },
    appendedBytes: () => appended,
    close,
  }
}

const writeAside = (file: string, vendor: string, lines: Iterable<JournalLine>): void => {
  const descriptor = openSync(file, 'w')
  writeWhole(descriptor, Buffer.from(`${JSON.stringify({ vendor, format: FORMAT })}\n`))
  for (const line of lines) writeWhole(descriptor, Buffer.from(`${JSON.stringify(line)}\n`))
  fsyncSync(descriptor)
  closeSync(descriptor)
}

const writeWhole = (descriptor: number, bytes: Buffer): void => {
  let written = 0
  while (written < bytes.length) written += writeSync(descriptor, bytes, written)
}

const assertHeader = (file: string, vendor: string, line: string): void => {
  const header = parseLine(file, line, 1) as { vendor?: unknown; format?: unknown }
  if (header.vendor === vendor && header.format === FORMAT) return
  throw new TributaryError(
    'SANDBOX_JOURNAL_FOREIGN',
    `Expected ${file} to be the journal of the ${vendor} sandbox in format ${FORMAT}, but its first line says otherwise. Move the file away; the sandbox then starts empty.`,
  )
}

const parseLine = (file: string, line: string, number: number): object => {
  try {
    return JSON.parse(line) as object
  } catch (cause) {
    throw new TributaryError(
      'SANDBOX_JOURNAL_CORRUPT',
      `Line ${number} of ${file} is not JSON, so the sandbox cannot restore its state. Move the file away; the sandbox then starts empty.`,
      { cause },
    )
  }
}
