import { createHash } from 'node:crypto'

/** 32 hex digits of a text's SHA-256: an id for what has none, or one too long for a key. */
export const digest = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32)
