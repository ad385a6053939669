/** A row of a table of results: what was measured and what came out, with its unit. */
export interface Figure {
  readonly what: string
  readonly value: string
}

/** What one measurement found. */
export interface Result {
  readonly name: string
  readonly title: string
  /** How it was measured, in sentences. */
  readonly method: string
  readonly figures: readonly Figure[]
  /** The command that measures it again. */
  readonly command: string
  /** Day, machine and versions of this very run. */
  readonly conditions: Conditions
}

export interface Conditions {
  readonly day: string
  readonly processor: string
  readonly cores: number
  readonly memoryGiB: number
  readonly node: string
  readonly java: string
  readonly kafka: string
}

/** What a measurement is given. */
export interface Bench {
  readonly brokers: readonly string[]
  readonly registryUrl: string
  readonly say: (line: string) => void
}

export interface Measurement {
  readonly name: string
  readonly title: string
  readonly method: string
  run(bench: Bench): Promise<readonly Figure[]>
}

export const median = (values: readonly number[]): number => percentile(values, 50)

/** The smallest value that at least `share` percent of the values do not exceed (nearest rank); NaN of none. */
export const percentile = (values: readonly number[], share: number): number => {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil((share / 100) * sorted.length) - 1)] ?? Number.NaN
}

export const whole = (value: number): string => Math.round(value).toLocaleString('en-US')

/** One decimal where a whole number would say little. */
export const rounded = (value: number): string =>
  value < 100 ? value.toLocaleString('en-US', { maximumFractionDigits: 1 }) : whole(value)

/** @param share of 1 */
export const percent = (share: number): string => `${rounded(share * 100)} %`

/** The median of repeated runs, with the least and the most: `1,200 (1,100 – 1,250)`. */
export const spread = (values: readonly number[], spell: (value: number) => string = whole): string =>
  `${spell(median(values))} (${spell(Math.min(...values))} – ${spell(Math.max(...values))})`
