import assert from 'node:assert/strict'
import fc from 'fast-check'
import { scenario } from '../scenarios/scenario.ts'
import { type Command, commands, type Setup, setup } from './commands.ts'
import { lived } from './lived.ts'
import { historyOf } from './world.ts'

const histories = Number(process.env['TRIBUTARY_HISTORIES'] ?? 150)
/** The same histories each time, unless others are asked for. */
const seed = Number(process.env['TRIBUTARY_SEED'] ?? 1)
const path = process.env['TRIBUTARY_PATH']

const about = {
  id: 'histories',
  sentence: `${histories.toLocaleString('en')} random histories end in what the model reckons`,
  faults:
    'kills, lost and unanswered commits, failing CRMs, erasures, merges, replays and late, repeated events, at random',
}

scenario(about, async () => {
  let events = 0
  const details = await fc.check(
    fc.asyncProperty(setup, commands, async (before, all) => {
      const outcome = await lived(before, all)
      events += outcome.events
      if (outcome.wrong.length > 0) throw new Error(outcome.wrong.join('\n'))
    }),
    { numRuns: histories, seed, ...(path === undefined ? {} : { path }) },
  )
  if (details.failed) {
    const [before, all] = details.counterexample ?? []
    assert.fail(told(before as Setup, all as readonly Command[], details))
  }
  return { events, lost: 0, duplicated: 0, notes: [`Seed ${seed}.`] }
})

type Failure = Pick<fc.RunDetails<unknown>, 'seed' | 'counterexamplePath' | 'errorInstance'>

const told = (before: Setup, all: readonly Command[], { seed, counterexamplePath, errorInstance }: Failure): string =>
  [
    `A history ended otherwise (TRIBUTARY_SEED=${seed} TRIBUTARY_PATH=${counterexamplePath}).`,
    `Before: ${JSON.stringify(before)}`,
    ...historyOf(before, all).map(({ say, turns }, index) => `  ${index + 1}. ${say}${turns > 0 ? ` (${turns})` : ''}`),
    errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
  ].join('\n')
