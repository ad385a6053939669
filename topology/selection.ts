/**
 * Which webinars are taken, reviewed like code. It is validated when the services start; every mistake is listed (SELECTION_INVALID).
 *
 * By account of the configuration: `default` is the one without a name, the others are those of ZOOM_ACCOUNTS. An account that is not named here takes
 * all webinars.
 */
export interface Selection {
  readonly zoom: Readonly<Record<string, ZoomSelection>>
}

export interface ZoomSelection {
  /** `all`, new ones too; or `only` some of them; or all `except` some. A webinar is named by its number. */
  readonly webinars: 'all' | { readonly only?: readonly WebinarNumber[]; readonly except?: readonly WebinarNumber[] }
  /** Addresses of people who take part and are no attendees. Zoom's webhooks tell who is the host, but not who is a panelist. */
  readonly panelists?: readonly string[]
}

/** As Zoom shows it: `934 9876 5432` in quotes, or 93498765432. */
export type WebinarNumber = number | string

export const selection: Selection = {
  zoom: {
    default: { webinars: 'all' },
  },
}
