import { lower, type SharedField, type Side, type Value } from './plan.ts'

/** A value that may become what both sides hold. */
export interface Candidate {
  readonly value: Value
  /** When it was so at its source, in milliseconds since the epoch. */
  readonly at: number
  readonly side: Side
}

type Rule = SharedField['conflict']

/** Whether a value counts rather than the one that stands. Of the same side, and where the rule is `newest`, the later one does. @param meet they meet for the first time, so that an empty one never counts */
export const beats = (candidate: Candidate, standing: Candidate, rule: Rule, meet: boolean): boolean =>
  compareCandidates(candidate, standing, rule, meet) > 0

/** Positive when `a` counts rather than `b`; 0 only for the same. A total order, so that it does not matter in which order many are compared. */
export const compareCandidates = (a: Candidate, b: Candidate, rule: Rule, meet: boolean): number =>
  (meet ? Number(a.value !== null) - Number(b.value !== null) : 0) ||
  (rule === 'newest' ? 0 : Number(lower(a.side) === rule) - Number(lower(b.side) === rule)) ||
  a.at - b.at ||
  compareTexts(a.side, b.side) ||
  compareTexts(JSON.stringify(a.value), JSON.stringify(b.value))

export const compareTexts = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)
