/** No vendor's limit lasts longer; a longer wait would come of a mistake. */
const longestMs = 86_400_000

/**
 * The wait of a Retry-After header in milliseconds, at most a day: seconds, or a date as HTTP writes it (RFC 9110, 10.2.3). Null for what is absent or neither.
 * @param now milliseconds since the epoch
 */
export const retryAfterOf = (header: string | null | undefined, now: number): number | null => {
  const said = header?.trim() ?? ''
  const ms = /^\d+(\.\d+)?$/.test(said)
    ? Number(said) * 1_000
    : /^[a-z]{3},/i.test(said)
      ? Date.parse(said) - now
      : null
  return ms !== null && Number.isFinite(ms) ? Math.min(longestMs, Math.max(0, ms)) : null
}
