import { connectKafka } from '../../services/kafka/connect.ts'
import type { Kafka } from '../../services/kafka/kafka.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { silentLogger } from '../../services/runtime/log.ts'
import { type HeaderValues, readHeaders } from './headers.ts'
import type { OutputFolder } from './kept-output.ts'
import { createLeakFinder, type FindLeaks, type LeakKind, samplePeople } from './leaks.ts'

export const PRIVACY_CHECK = 'no secret and no personal data in logs, headers and metrics'

const MOST_PLACES = 5

/** What was looked through, and what should not have been there. */
export interface PrivacyReport {
  readonly logs: number
  readonly metrics: number
  readonly headerValues: number
  /** Where and which kind, a line each; never what was found. */
  readonly leaks: readonly string[]
}

/** Secrets that everybody knows: even they do not belong into a log. */
const wellKnownSecrets = ['sandbox-secret', 'sandbox-erasure-secret', 'a secret of the tests']

/** What may be in a header all the same. */
const keptOnPurpose: readonly { readonly header: string; readonly kind: LeakKind }[] = [
  // With it a dead letter from a webhook goes in again; it proves a body that lies beside it and opens nothing.
  { header: 'x-zm-signature', kind: 'signature of a webhook' },
  // The key that the event came with and the alias that it waits for, which may be an address, and with it a name; gone with its tombstone.
  ...['parked.key', 'parked.alias'].flatMap(header => [
    { header, kind: 'e-mail address' as const },
    { header, kind: 'name of a person' as const },
  ]),
]

/**
 * Looks through everything that was kept of a run: the logs and progress of all programs, the texts of `/metrics`, and the headers of every record in
 * what Kafkas the tests shared. Keys, values and what a command prints as its result hold personal data by right and are not looked at.
 */
export const lookForLeaks = async (output: OutputFolder, clusters: readonly Kafka[]): Promise<PrivacyReport> => {
  const secrets = output.kept('secrets').flatMap(({ text }) => text.split('\n'))
  const leaksOf = createLeakFinder({ secrets: [...wellKnownSecrets, ...secrets], people: samplePeople() })
  const [logs, metrics] = [output.kept('log'), output.kept('metrics')]
  const headers = (await Promise.all(clusters.map(readHeaders))).flat()
  return {
    logs: logs.filter(({ text }) => text !== '').length,
    metrics: metrics.length,
    headerValues: headers.reduce((sum, { values }) => sum + values.size, 0),
    leaks: [
      ...logs.flatMap(({ where, text }) => leaksInLog(where, text, leaksOf)),
      ...metrics.flatMap(({ where, text }) => leaksOf(text).map(kind => `${kind} in the metrics of ${where}`)),
      ...headers.flatMap(header => leaksInHeader(header, leaksOf)),
    ],
  }
}

/** What is wrong with a run, a line each: the leaks; of a whole run also that there was nothing to look at. */
export const privacyProblem = async ({
  output,
  clusters,
  isWhole,
  say,
}: {
  readonly output: OutputFolder
  /** Those that the tests shared. */
  readonly clusters: readonly { readonly brokers: readonly string[] }[]
  readonly isWhole: boolean
  readonly say: (line: string) => void
}): Promise<string | undefined> => {
  const kafkas = clusters.map(({ brokers }) => connectKafka({ brokers, ...connection }))
  const report = await lookForLeaks(output, kafkas)
    .catch((error: Error) => error)
    .finally(() => Promise.all(kafkas.map(kafka => kafka.close())))
  if (report instanceof Error) return report.message
  const { logs, metrics, headerValues, leaks } = report
  const looked = `${logs} logs, ${metrics} texts of /metrics and ${headerValues} values of headers`
  if (isWhole) say(`Looked through ${looked}`)
  if (leaks.length > 0) return leaks.join('\n')
  return isWhole && isEmpty(report) ? `The run kept ${looked}: of each there must be some.` : undefined
}

const connection = { clientId: 'privacy-check', topicPrefix: '', logger: silentLogger, clock: systemClock }

/** Where nothing was looked at, nothing can be found. */
const isEmpty = ({ logs, metrics, headerValues }: PrivacyReport): boolean =>
  [logs, metrics, headerValues].some(count => count === 0)

const leaksInLog = (where: string, text: string, leaksOf: FindLeaks): readonly string[] => {
  const kinds = leaksOf(text)
  const lines = kinds.length === 0 ? [] : text.split('\n').map(leaksOf)
  return kinds.map(kind => {
    const numbers = lines.flatMap((found, index) => (found.includes(kind) ? [index + 1] : []))
    const place = numbers.length === 0 ? 'over several lines' : `line ${numbers.slice(0, MOST_PLACES).join(', ')}`
    return `${kind} in the log of ${where}, ${place}`
  })
}

const leaksInHeader = ({ topic, header, values }: HeaderValues, leaksOf: FindLeaks): readonly string[] => {
  const name = leaksOf(header).length > 0 ? '(a name that is a leak itself)' : header
  const allowed = keptOnPurpose.filter(one => one.header === header).map(({ kind }) => kind)
  const inNames = leaksOf(header).map(kind => `${kind} in the name of a header of ${topic}`)
  if (leaksOf([...values.keys()].join('\n')).length === 0) return inNames
  const found = [...values].flatMap(([value, { partition, offset }]) =>
    leaksOf(value).map(kind => ({ kind, place: `partition ${partition} offset ${offset}` })),
  )
  const inValues = [...Map.groupBy(found, ({ kind }) => kind)]
    .filter(([kind]) => !allowed.includes(kind))
    .map(([kind, places]) => `${kind} in the header ${name} of ${topic}, ${places[0]?.place} (${places.length} values)`)
  return [...inNames, ...inValues]
}
