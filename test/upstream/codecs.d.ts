declare module 'lz4js' {
  /** Writes a frame of the LZ4 frame format. */
  export function compress(source: Uint8Array): Uint8Array
}

declare module 'snappyjs' {
  /** Writes one block of raw Snappy. */
  export function compress(source: Uint8Array): Uint8Array
}
