declare module 'lz4js' {
  /** Reads a frame of the LZ4 frame format. */
  export function decompress(source: Uint8Array): Uint8Array
}

declare module 'snappyjs' {
  /** Reads one block of raw Snappy. */
  export function uncompress(source: Uint8Array): Uint8Array
}
