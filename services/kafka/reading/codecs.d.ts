declare module 'lz4js' {
  /**
   * Unpacks one block into `target` from `targetIndex` on and gives the index after it. What does not fit is dropped, so the index may lie beyond the end. Reads as
   * far as the lengths in the block say, also beyond `sourceLength`: hand it a view that ends with the block.
   */
  export function decompressBlock(
    source: Uint8Array,
    target: Uint8Array,
    sourceIndex: number,
    sourceLength: number,
    targetIndex: number,
  ): number
}

declare module 'snappyjs' {
  /** Reads one block of raw Snappy. */
  export function uncompress(source: Uint8Array): Uint8Array
}
