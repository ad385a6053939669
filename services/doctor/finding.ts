/** What the doctor looks at. */
export type Area = 'vendors' | 'kafka' | 'hubspot' | 'salesforce' | 'zoom' | 'pendo' | 'identities'

/** Something that was looked at. Codes are stable; messages say what to do and never name a person. */
export interface Finding {
  readonly area: Area
  /** `problem`: something will not work, or will do harm. `warning`: somebody should look. */
  readonly level: 'fine' | 'warning' | 'problem'
  readonly code: string
  readonly message: string
}
