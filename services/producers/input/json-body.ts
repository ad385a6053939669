import { gunzipSync } from 'node:zlib'

/** Levels of objects and lists in a body. No vendor publishes a bound; nothing that a person wrote by hand or an SDK made comes near. */
export const deepestNesting = 100

export type JsonObject = Readonly<Record<string, unknown>>

/** Why a body is none: larger than it may be, not JSON (or not gzip), or nested beyond reason. */
export type BodyProblem = 'too-large' | 'unreadable' | 'too-deep'

/** A body's value and its size after decompression, or what is wrong with it. */
export type Body = { readonly value: unknown; readonly bytes: number } | { readonly problem: BodyProblem }

/**
 * The JSON value of a request's bytes. The headers are not asked: browsers send JSON as text/plain, others gzip as a form, and proxies take the gzip off
 * and leave its header. Gzip is known by its first two bytes, with which no JSON begins.
 * @param longest bytes after decompression; more are not unpacked
 */
export const readBody = (raw: Buffer, longest: number): Body => {
  const bytes = isGzip(raw) ? unpacked(raw, longest) : raw
  if (!Buffer.isBuffer(bytes)) return bytes
  if (bytes.length > longest) return { problem: 'too-large' }
  if (isDeeperThan(deepestNesting, bytes)) return { problem: 'too-deep' }
  try {
    return { value: JSON.parse(withoutByteOrderMark(bytes.toString('utf8'))), bytes: bytes.length }
  } catch {
    return { problem: 'unreadable' }
  }
}

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isGzip = (raw: Buffer): boolean => raw[0] === 0x1f && raw[1] === 0x8b

const unpacked = (raw: Buffer, longest: number): Buffer | { readonly problem: BodyProblem } => {
  try {
    return gunzipSync(raw, { maxOutputLength: longest })
  } catch (error) {
    return { problem: (error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'unreadable' }
  }
}

const withoutByteOrderMark = (text: string): string => (text.charCodeAt(0) === 0xfeff ? text.slice(1) : text)

const quote = 0x22
const backslash = 0x5c

/** Looked at before parsing: what walks a parsed value calls itself for each level, and a body of brackets would end the process. */
const isDeeperThan = (deepest: number, bytes: Buffer): boolean => {
  let depth = 0
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at]
    if (byte === quote) at = endOfText(bytes, at)
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1
      if (depth > deepest) return true
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1
  }
  return false
}

/** Where the text that begins with the quote at `from` ends: at its closing quote, or behind the last byte. */
const endOfText = (bytes: Buffer, from: number): number => {
  for (let at = from + 1; at < bytes.length; at++) {
    if (bytes[at] === backslash) at += 1
    else if (bytes[at] === quote) return at
  }
  return bytes.length
}
