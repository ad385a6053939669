/** Something that a vendor must hold or allow so that the map works, and that is not as it should be. */
export interface Gap {
  /** What it is, in the vendor's words: `contact property zoom_webinar_last_status`. */
  readonly what: string
  /** Who can make it so. Tributary never changes what is there already: somebody else's lists may rest on it. */
  readonly by: 'tributary' | 'admin'
  /** What was expected, what is there, what to do. */
  readonly message: string
}

/** What can be said of a vendor: what it lacks, or why that cannot be found out now. */
export type SetupReport =
  | { readonly kind: 'known'; readonly gaps: readonly Gap[] }
  | { readonly kind: 'unknown'; readonly code: string; readonly message: string }

/** What the map needs of one vendor. Several processes may make it at the same time. */
export interface VendorSetup {
  /** As in the settings, with the account's name where there are several: `hubspot`, `zoom:emea`. */
  readonly vendor: string
  /** What cannot be looked at from here and an admin must see to once, as sentences. */
  readonly notes: readonly string[]
  /** Compares without changing anything. */
  check(signal: AbortSignal): Promise<SetupReport>
  /** Makes what Tributary may make. */
  make(signal: AbortSignal): Promise<{ readonly made: readonly Gap[]; readonly left: SetupReport }>
}
