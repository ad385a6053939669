import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { mutated } from './fuzzing/mutations.ts'
import { seededRandom } from './fuzzing/random.ts'
import { openTarget, targetNames } from './targets/targets.ts'

/** Changes of kept inputs that are tried beside them. */
const changes = 60
const mostCorpusBytes = 300_000

const folder = fileURLToPath(new URL('./corpus/', import.meta.url))
const keptOf = (target: string): Buffer[] => globSync(`${folder}${target}/*`).map(path => readFileSync(path))

describe('what the fuzzer kept', () => {
  for (const name of targetNames) {
    it(`for ${name} does no harm, nor do the valid inputs, nor what is made of them`, async () => {
      const target = await openTarget(name)
      const corpus = [...target.seeds, ...keptOf(name)]
      assert.ok(corpus.length > target.seeds.length, 'nothing was kept')
      const random = seededRandom(5)
      const made = Array.from({ length: changes }, () => mutated(random, { corpus, dictionary: target.dictionary }))
      for (const input of [...corpus, ...made]) {
        try {
          await target.run(input)
        } catch (error) {
          throw new Error(`This input does harm (base64): ${input.toString('base64')}`, { cause: error })
        }
      }
    })
  }

  it('is small', () => {
    const bytes = globSync(`${folder}*/*`).reduce((sum, path) => sum + readFileSync(path).length, 0)
    assert.ok(bytes < mostCorpusBytes, `${bytes} bytes`)
  })
})
