import { createHash, timingSafeEqual } from 'node:crypto'

/** A Segment source of ours: its name, and a key with which SDKs may send to it. A source may have several, to change them without a gap. */
export interface WriteKey {
  readonly source: string
  readonly key: string
}

/** Finds the source that a request writes to. */
export interface WriteKeys {
  /**
   * The source of the first key that is one of ours: that of the header `Authorization: Basic <base64 of key or key:>`, then the `writeKey` of the body.
   * A bearer token (OAuth) is not ours to check; such requests carry the key in the body too.
   * @returns undefined when neither is a key of ours
   */
  sourceOf(authorization: string | undefined, bodyKey: unknown): string | undefined
}

export const createWriteKeys = (keys: readonly WriteKey[]): WriteKeys => {
  const known = keys.map(({ source, key }) => ({ source, digest: digestOf(key) }))
  /** Every key is compared, and digests have one length: the time tells nothing of the keys. */
  const sourceOfKey = (key: string): string | undefined => {
    const digest = digestOf(key)
    let found: string | undefined
    for (const one of known) if (timingSafeEqual(one.digest, digest)) found = one.source
    return found
  }
  return {
    sourceOf: (authorization, bodyKey) => {
      const basic = basicKey(authorization)
      const ofHeader = basic === undefined ? undefined : sourceOfKey(basic)
      return ofHeader ?? (typeof bodyKey === 'string' ? sourceOfKey(bodyKey) : undefined)
    },
  }
}

const digestOf = (key: string): Buffer => createHash('sha256').update(key).digest()

/** The user name of Basic authentication; some clients leave its colon out. */
const basicKey = (authorization: string | undefined): string | undefined => {
  const encoded = /^Basic +([A-Za-z0-9+/=_-]+) *$/i.exec(authorization ?? '')?.[1]
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8').split(':', 1)[0]
}
