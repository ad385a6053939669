import type { BackfillProgress, BackfillResult, PartResult } from '../backfill/backfill.ts'
import { type PassedOver, passedOverTexts } from '../backfill/part.ts'
import type { Clock } from '../runtime/clock.ts'
import { type DrawnBar, drawnBar, type ProgressOutput } from './progress-bar.ts'

export interface BackfillBar {
  show(progress: BackfillProgress): void
  end(): void
}

export const backfillBar = (output: ProgressOutput, clock: Clock): BackfillBar => {
  const bar: DrawnBar = drawnBar(output, clock)
  return {
    show: progress => bar.show(() => ({ share: shareOf(progress), text: progressText(progress) })),
    end: bar.end,
  }
}

const shareOf = ({ read, total }: BackfillProgress): number => (total === 0 ? 1 : Math.min(1, read / total))

/** Which part, how far, how fast, and how long it will take at that. */
export const progressText = ({ part, read, total, told, tookMs, waitsFor }: BackfillProgress): string => {
  const perSecond = tookMs > 0 ? (told * 1_000) / tookMs : 0
  const left = perSecond > 0 ? [`${durationOf((total - read) / perSecond)} left`] : []
  const waiting = waitsFor ? [`waits for ${waitsFor.name}, which has ${grouped(waitsFor.records)} records to do`] : []
  return [
    `${grouped(read)} of ${grouped(total)} read, now ${part}`,
    `${grouped(told)} told, ${perSecond.toFixed(1)} a second`,
    ...left,
    ...waiting,
  ].join('; ')
}

const durationOf = (seconds: number): string => {
  if (seconds < 90) return `${Math.ceil(seconds)} s`
  const minutes = Math.ceil(seconds / 60)
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`
}

/** @param parkLimitMs how long a task waits for its person */
export const backfillAsLines = (result: BackfillResult, parkLimitMs: number): readonly string[] => {
  const isDone = result.parts.every(({ done }) => done)
  return [
    ...(result.resumed
      ? [`Went on with the backfill that began ${new Date(result.startedAt).toISOString()}; --restart begins anew.`]
      : []),
    ...result.parts.flatMap(partAsLines),
    'task-links makes a copy of each task that has none, and changes only what differs.',
    ...(result.awaiting > 0
      ? [
          `${counted(result.awaiting, 'event')} of tasks, those of live traffic among them, wait until their person is known in both CRMs, for ${Math.round(parkLimitMs / 86_400_000)} days at most.`,
        ]
      : []),
    ...(isDone ? [] : ['Ended before all was read. The same command goes on where it stopped; --restart begins anew.']),
  ]
}

const partAsLines = ({ name, read, total, told, passedOver, problem }: PartResult): readonly string[] => [
  `${name}: ${grouped(read)} of ${grouped(total)} read, ${grouped(told)} told now.`,
  ...Object.entries(passedOver).map(
    ([why, count]) => `${name}: ${grouped(count)} passed over, ${passedOverTexts[why as PassedOver]}.`,
  ),
  ...(problem ? [`${name}: ${problem.code}: ${problem.message}`] : []),
]

export const backfillAsJson = ({ startedAt, parts, ...result }: BackfillResult): unknown => ({
  startedAt: new Date(startedAt).toISOString(),
  ...result,
  parts: parts.map(({ problem, ...part }) => ({
    ...part,
    problem: problem ? { code: problem.code, message: problem.message } : null,
  })),
})

/** What a backfill would read, and how long that takes at the least. */
export const countAsLines = (
  { resumed, parts }: { readonly resumed: boolean; readonly parts: readonly { name: string; left: number }[] },
  rate: number,
): readonly string[] => {
  const all = parts.reduce((sum, { left }) => sum + left, 0)
  return [
    ...parts.map(({ name, left }) => `${name}: ${grouped(left)} to read.`),
    ...(resumed ? ['It would go on with a backfill that was ended early; --restart begins anew.'] : []),
    ...(rate > 0 ? [`At ${rate} a second that takes ${durationOf(all / rate)} or longer.`] : []),
    'Nothing was told. The same command without --dry-run tells them.',
  ]
}

const counted = (count: number, what: string): string => `${grouped(count)} ${what}${count === 1 ? '' : 's'}`
const grouped = (count: number): string => count.toLocaleString('en-US')
