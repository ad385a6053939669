import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type Finding, fuzz } from './coverage-guided.ts'
import { mutated } from './fuzzing/mutations.ts'
import { breakAtThirdStep } from './fuzzing/planted.ts'
import { seededRandom } from './fuzzing/random.ts'

const seeds = [Buffer.from('{"event":"webinar.created"}')]
const dictionary = ['first', 'second', 'third']

it('a fault behind three conditions is found by what the inputs reach, which chance alone does not find', async () => {
  const findings: Finding[] = []
  let batches = 0
  const { blocks, kept } = await fuzz({
    target: { seeds, dictionary, covers: ['/test/hostile/fuzzing/planted.ts'], run: breakAtThirdStep },
    ...{ seed: 3, corpus: [], onInput: () => undefined, onProgress: () => undefined },
    isOver: () => {
      batches += 1
      return findings.length > 0 || batches > 1_000
    },
    onFinding: finding => findings.push(finding),
  })
  assert.equal(findings.length, 1)
  assert.match(findings[0]?.symptom ?? '', /the third step broke/)
  assert.throws(() => breakAtThirdStep(findings[0]?.input ?? Buffer.alloc(0)))
  assert.ok(blocks > 1, `${blocks} blocks`)
  assert.ok(kept.length > 1, `${kept.length} kept`)
  const random = seededRandom(3)
  for (let input = 0; input < 2_000; input++)
    assert.doesNotThrow(() => breakAtThirdStep(mutated(random, { corpus: seeds, dictionary })))
})

it('the same seed makes the same inputs', () => {
  const inputs = (seed: number): string[] => {
    const random = seededRandom(seed)
    return Array.from({ length: 50 }, () => mutated(random, { corpus: seeds, dictionary }).toString('hex'))
  }
  assert.deepEqual(inputs(9), inputs(9))
  assert.notDeepEqual(inputs(9), inputs(10))
})
