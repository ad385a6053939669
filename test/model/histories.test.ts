import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { type Command, commands, type Setup, setup } from './commands.ts'
import { lived } from './lived.ts'
import { historyOf } from './world.ts'

const histories = Number(process.env['TRIBUTARY_HISTORIES'] ?? 150)

it(`K4 ${histories} histories end in what the model reckons`, async () => {
  const seed = process.env['TRIBUTARY_SEED']
  const path = process.env['TRIBUTARY_PATH']
  const details = await fc.check(
    fc.asyncProperty(setup, commands, async (before, all) => {
      const wrong = await lived(before, all)
      if (wrong.length > 0) throw new Error(wrong.join('\n'))
    }),
    {
      ...{ numRuns: histories },
      ...(seed === undefined ? {} : { seed: Number(seed) }),
      ...(path === undefined ? {} : { path }),
    },
  )
  if (!details.failed) return
  const [before, all] = details.counterexample ?? []
  assert.fail(told(before as Setup, all as readonly Command[], details))
})

type Failure = Pick<fc.RunDetails<unknown>, 'seed' | 'counterexamplePath' | 'errorInstance'>

const told = (before: Setup, all: readonly Command[], { seed, counterexamplePath, errorInstance }: Failure): string =>
  [
    `A history ended otherwise (TRIBUTARY_SEED=${seed} TRIBUTARY_PATH=${counterexamplePath}).`,
    `Before: ${JSON.stringify(before)}`,
    ...historyOf(before, all).map(({ say, turns }, index) => `  ${index + 1}. ${say}${turns > 0 ? ` (${turns})` : ''}`),
    errorInstance instanceof Error ? errorInstance.message : String(errorInstance),
  ].join('\n')
