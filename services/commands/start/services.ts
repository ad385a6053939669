import { pipeline } from '../../../topology/pipeline.ts'
import { TributaryError } from '../../runtime/errors.ts'

/** What `tributary start` can run besides the services of the topology. */
const own = [
  'platform',
  'sandbox-hubspot',
  'sandbox-salesforce',
  'sandbox-zoom',
  'sandbox-pendo',
  'ingest',
  'zoom-reports',
  'pendo-sweep',
  'hubspot-sweep',
  'salesforce-sweep',
  'hubspot-activities',
  'hubspot-marketing-events',
  'console',
] as const
type OwnService = (typeof own)[number]

const ofTopology: readonly string[] = [
  pipeline.resolver.name,
  ...pipeline.consumers.map(({ name }) => name),
  ...pipeline.sinks.map(({ name }) => name),
]

export const serviceNames: readonly string[] = [...own, ...ofTopology]

/** The services to run: all, or those named. */
export interface Wanted {
  own(service: OwnService): boolean
  /** Services of the topology; undefined for all. */
  readonly topology: ReadonlySet<string> | undefined
}

/** Throws `SERVICE_UNKNOWN`, naming those there are. */
export const wantedServices = (names: readonly string[]): Wanted => {
  const unknown = names.filter(name => !serviceNames.includes(name))
  if (unknown.length > 0) {
    throw new TributaryError(
      'SERVICE_UNKNOWN',
      `Expected names of services, came ${unknown.join(', ')}. There are: ${serviceNames.join(', ')}.`,
    )
  }
  if (names.length === 0) return { own: () => true, topology: undefined }
  const wanted = new Set(names)
  return { own: service => wanted.has(service), topology: new Set(ofTopology.filter(name => wanted.has(name))) }
}
