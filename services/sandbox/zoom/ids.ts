import { createHash, randomUUID } from 'node:crypto'

/** Ids in the shapes that Zoom uses, most of them derived from a seed, so that a recording and a repeated run have the same ones. */

/** `x-zm-request-id`: another at each call. */
export const newRequestId = (): string => randomUUID().replaceAll('-', '_')

/** 22 characters of base64url: registrants and Zoom users. */
export const shortId = (seed: string): string => digest(seed).toString('base64url').slice(0, 22)

/** An upper-case GUID: one presence of a participant. */
export const presenceId = (seed: string): string =>
  digest(seed)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5')
    .toUpperCase()

/** 16 bytes in base64: one instance of a webinar. May contain `/` and `+`. */
export const instanceId = (seed: string): string => digest(seed).subarray(0, 16).toString('base64')

const digest = (seed: string): Buffer => createHash('sha256').update(seed).digest()
