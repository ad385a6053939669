/** Published limits of Segment's tracking API (facts/segment.md §3), in the larger of the readings that its SDKs have of a kilobyte. */
export const limits = {
  /** Bytes of one message. */
  messageBytes: 32 * 1_024,
  /** Bytes of the body of a request, after decompression. */
  bodyBytes: 500 * 1_024,
  /** Messages in one batch. */
  messages: 2_500,
} as const
