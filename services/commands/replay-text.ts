import type { Consumer } from '../../topology/define.ts'
import type { IdentityDirectory } from '../identity/directory.ts'
import { effects, effectTexts } from '../replay/dry-run/differences.ts'
import type { DryRunResult } from '../replay/dry-run/dry-run.ts'
import type { ReplayRange } from '../replay/positions.ts'
import { pointAsText, type Range } from '../replay/range.ts'
import type { ReplayResult } from '../replay/replay.ts'
import { outcomeTexts, type Tally } from '../replay/tally.ts'

/** What was asked for at the command line. */
export interface Asked {
  readonly consumer: Consumer
  readonly range: Range
  readonly located: ReplayRange
  readonly keys: readonly string[]
  readonly rate: number
}

type Cell = string | number | boolean | null

const mostRows = 1_000
const mostFailures = 20
const widestCell = 48

export const replayAsLines = (asked: Asked, result: ReplayResult): readonly string[] => {
  const { tally, published } = result
  const topics = Object.entries(published)
  return [
    ...readingAsLines(asked, tally),
    ...topics.map(([topic, count]) => `${counted(count, 'write')} asked for on ${topic}.`),
    ...(topics.length === 0 ? ['No write was asked for.'] : []),
    ...(topics.length === 0 || result.interrupted
      ? []
      : [
          'The sinks deliver them when no live writes wait, send only what was not delivered before, and write a receipt for each (topic receipts).',
        ]),
    ...(result.interrupted ? [goOnCommand(asked, result.goOnAt)] : []),
    ...failuresAsLines(tally),
  ]
}

export const replayAsJson = (asked: Asked, { tally, published, interrupted, goOnAt }: ReplayResult): unknown => ({
  ...readingAsJson(asked, tally),
  published,
  interrupted,
  goOnFrom: interrupted ? goOnFrom(asked, goOnAt) : null,
})

export const differencesAsJson = (asked: Asked, { tally, differences, counts, waiting }: DryRunResult): unknown => ({
  ...readingAsJson(asked, tally),
  differences,
  counts,
  waiting,
})

/**
 * With the person's first address or alias, so that somebody can look at the record. What was added before and is as the replay would add it, or cannot be
 * asked for, is only counted: after a webinar that is all of its events.
 */
export const differencesAsRows = (
  { differences }: DryRunResult,
  directory: IdentityDirectory,
): readonly Readonly<Record<string, Cell>>[] =>
  tabled(differences)
    .slice(0, mostRows)
    .map(({ destination, object, record, person, field, now, wouldBe, effect, reason }) => ({
      effect,
      destination,
      object,
      record: cell(record),
      person: cell(person === null ? null : nameOf(person, directory)),
      field: cell(field),
      now: now === undefined ? (field === null ? '-' : '?') : cell(now),
      'would be': field === null ? (reason ?? '-') : cell(wouldBe),
    }))

export const dryRunAsLines = (
  asked: Asked,
  { tally, differences, counts, waiting, pending }: DryRunResult,
): readonly string[] => [
  ...(tabled(differences).length > mostRows
    ? [`… and ${tabled(differences).length - mostRows} more; --json prints all.`]
    : []),
  ...(tabled(differences).length > 0 ? [''] : []),
  ...readingAsLines(asked, tally),
  ...effects.filter(effect => counts[effect] > 0).map(effect => `${effect} ${counts[effect]}: ${effectTexts[effect]}.`),
  ...Object.entries(waiting).map(
    ([sink, count]) => `${counted(count, 'write')} would wait in their topic, because ${sink} is off.`,
  ),
  pending ? 'Nothing was sent. The same command without --dry-run sends it.' : 'The replay would change nothing.',
  ...failuresAsLines(tally),
]

/** How to go on after an interruption; equal writes that were sent before are sent once more, and change nothing. */
export const goOnCommand = (asked: Asked, goOnAt: number | null): string => {
  const { consumer, range, keys, rate } = asked
  const flags = [
    `--from ${goOnFrom(asked, goOnAt)}`,
    ...(range.to ? [`--to ${pointAsText(range.to)}`] : []),
    ...keys.map(key => `--key ${quoted(key)}`),
    `--rate ${rate}`,
  ]
  return `Ended before all was sent. To go on: tributary replay ${consumer.name} ${flags.join(' ')}`
}

const tabled = (differences: DryRunResult['differences']): DryRunResult['differences'] =>
  differences.filter(({ effect, field }) => effect !== 'immutable' || field !== null)

const goOnFrom = ({ range }: Asked, goOnAt: number | null): string =>
  goOnAt === null ? pointAsText(range.from) : new Date(goOnAt).toISOString()

const readingAsLines = ({ consumer, range, located }: Asked, tally: Tally): readonly string[] => [
  `${counted(tally.events, 'record')} of ${consumer.reads.name} read, from ${pointAsText(range.from)} to ${range.to ? pointAsText(range.to) : 'the end'}.`,
  ...(located.cutByRetention ? ['Older records of this range are gone: the topic does not keep them any longer.'] : []),
  ...Object.entries(tally.consumers).flatMap(([name, counts]) => [
    `${name}: ${counts.handled} handled${counts.failed > 0 ? `, ${counts.failed} failed` : ''}.`,
    ...Object.entries(outcomeTexts).flatMap(([outcome, text]) => {
      const count = counts[outcome as keyof typeof outcomeTexts]
      return count === 0 ? [] : [`${name}: ${count} passed over, ${text}.`]
    }),
  ]),
]

const readingAsJson = ({ consumer, range, located }: Asked, { events, consumers, failures }: Tally): object => ({
  consumer: consumer.name,
  topic: consumer.reads.name,
  from: pointAsText(range.from),
  to: range.to ? pointAsText(range.to) : null,
  cutByRetention: located.cutByRetention,
  events,
  consumers,
  failures,
})

const failuresAsLines = ({ failures, failed }: Tally): readonly string[] => [
  ...(failures.length > 0 ? ['Failed:'] : []),
  ...failures
    .slice(0, mostFailures)
    .map(
      ({ consumer, topic, partition, offset, code, message }) =>
        `  ${topic} ${partition}-${offset} in ${consumer}: ${code}: ${message}`,
    ),
  ...(failed > mostFailures ? [`  … and ${failed - mostFailures} more.`] : []),
]

const nameOf = (person: string, directory: IdentityDirectory): string => {
  const found = directory.find(`person:${person}`)
  return found.status === 'known' ? (found.person.emails[0] ?? found.person.aliases[0] ?? person) : person
}

/** Values are people's: they must not move a terminal's cursor, nor make the table too wide to read. */
const cell = (value: Cell): string => {
  if (value === null) return '-'
  const text = String(value).replace(/\p{Cc}+/gu, ' ')
  return text.length > widestCell ? `${text.slice(0, widestCell - 1)}…` : text
}

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`

const quoted = (text: string): string => (/^[\w:@.+-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)
