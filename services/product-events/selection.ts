import { z } from 'zod'
import type { Track } from '../../schemas/generated.ts'
import { pendoToHubSpot } from '../../topology/pendo-to-hubspot.ts'
import { mayReceive } from '../events/destinations.ts'
import { collectMistakes } from '../runtime/config/mistakes.ts'

/** What is sent, ready to ask. */
export interface ProductEventSelection {
  selects(event: Pick<Track, 'source' | 'kind' | 'name' | 'core' | 'destinations'>): boolean
  /** Whether a property goes along. @param name as the source spells it */
  takesProperty(name: string): boolean
  readonly createsContacts: boolean
}

/** Kinds of events that HubSpot gets, by what a selection calls them. A screen is none: no name of an event in HubSpot is for it. */
const kinds = { TRACK: 'tracks', PAGE: 'pages', FEATURE: 'features' } as const

const name = z.string('a name').trim().min(1, 'a name')
const names = z.array(name, "'all' or a list of names").min(1, 'a list of at least one name')
const allOrNames = z.union([z.literal('all'), names], "'all' or a list of at least one name")

const strictly =
  (keys: string) =>
  (issue: { code?: string; keys?: unknown }): string =>
    issue.code === 'unrecognized_keys' && Array.isArray(issue.keys)
      ? `an object with nothing but ${keys}, but it has ${issue.keys.join(', ')} too`
      : `an object with ${keys}`

const selectedEvents = z
  .strictObject(
    { tracks: allOrNames.optional(), pages: allOrNames.optional(), features: allOrNames.optional() },
    { error: strictly('tracks, pages or features') },
  )
  .refine(({ tracks, pages, features }) => tracks || pages || features, 'an object with tracks, pages or features')

const events = z.union([z.literal('core'), selectedEvents], {
  error: "'core', or an object with tracks, pages or features: each 'all' or a list of at least one name",
})

const properties = z.union(
  [
    z.enum(['all', 'none']),
    z.strictObject({ only: names }, { error: strictly('only') }),
    z.strictObject({ except: names }, { error: strictly('except') }),
  ],
  { error: "'all', 'none', or an object with only or except: a list of at least one name" },
)

const source = z
  .string('a source')
  .regex(/^[a-z][a-z-]*:[\w-]*$/, 'a source: `pendo:` for all accounts of a vendor, or `segment:web` for one')

const file = z.strictObject(
  {
    enabled: z.boolean('true or false'),
    events,
    properties,
    createContacts: z.boolean('true or false'),
    sources: z.array(source, 'a list of sources').min(1, 'a list of at least one source'),
  },
  { error: strictly('enabled, events, properties, createContacts and sources') },
)

/** Validates the selection (topology/pendo-to-hubspot.ts). Throws one `SELECTION_INVALID` that lists every mistake. */
export const checkProductEventSelection = (selection: unknown): ProductEventSelection => {
  const mistakes = collectMistakes('SELECTION_INVALID', 'topology/pendo-to-hubspot.ts')
  const { data, error } = file.safeParse(selection)
  for (const { path, message } of error?.issues ?? []) {
    mistakes.add(`${path.join('.') || 'pendoToHubSpot'} must be ${message}.`)
  }
  mistakes.throwIfAny()
  return ready(data as z.output<typeof file>)
}

let checked: ProductEventSelection | undefined

/** The selection of the repository. The services check it when they start; whoever asks first checks it too. */
export const selectedProductEvents = (): ProductEventSelection => {
  checked ??= checkProductEventSelection(pendoToHubSpot)
  return checked
}

const ready = ({ enabled, events, properties, createContacts, sources }: z.output<typeof file>) => {
  const isSelected = selectedBy(events)
  const isFrom = (from: string): boolean =>
    sources.some(wanted => (wanted.endsWith(':') ? from.startsWith(wanted) : from === wanted))
  return {
    selects: (event: Parameters<ProductEventSelection['selects']>[0]) =>
      enabled && isFrom(event.source) && mayReceive(event.destinations, 'HubSpot') && isSelected(event),
    takesProperty: takenBy(properties),
    createsContacts: createContacts,
  }
}

const selectedBy = (selected: z.output<typeof events>): ((event: Pick<Track, 'kind' | 'name' | 'core'>) => boolean) => {
  if (selected === 'core') return ({ kind, core }) => core && kind in kinds
  const sets = Object.fromEntries(
    Object.entries(selected).map(([kind, wanted]) => [kind, wanted === 'all' ? wanted : new Set(wanted)]),
  )
  return ({ kind, name }) => {
    const wanted = kind === 'SCREEN' ? undefined : sets[kinds[kind]]
    return wanted !== undefined && (wanted === 'all' || wanted.has(name.trim()))
  }
}

const takenBy = (chosen: z.output<typeof properties>): ((name: string) => boolean) => {
  if (typeof chosen === 'string') return () => chosen === 'all'
  if ('only' in chosen) {
    const only = new Set(chosen.only)
    return property => only.has(property.trim())
  }
  const except = new Set(chosen.except)
  return property => !except.has(property.trim())
}
