import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { writtenOrPassedOver } from '../../../services/producers/sweep/written.ts'
import { TributaryError } from '../../../services/runtime/errors.ts'
import { silentLogger } from '../../../services/runtime/log.ts'

const record = (bytes: number) => ({ topic: 'visitors', key: null, value: Buffer.alloc(bytes) })

describe('what a sweep found', () => {
  const written = (write: () => readonly ReturnType<typeof record>[]) => {
    const passedOver: string[] = []
    const onPassedOver = (why: string): void => void passedOver.push(why)
    const records = writtenOrPassedOver(write, { vendor: 'pendo', logger: silentLogger, onPassedOver })
    return { sizes: records.map(({ value }) => value?.length), passedOver }
  }

  it('P8 is written', () =>
    assert.deepEqual(
      written(() => [record(10)]),
      { sizes: [10], passedOver: [] },
    ))

  it('P8 is passed over whole when a part of it is larger than a topic takes, so that the rest goes on', () =>
    assert.deepEqual(
      written(() => [record(10), record(2_000_000)]),
      { sizes: [], passedOver: ['too-large'] },
    ))

  it('P8 is passed over when no schema has a place for it, and nothing else is', () => {
    const refuse = (errorClass: 'rejected' | 'retryable') => () => {
      throw new TributaryError('UNWRITABLE', 'no place', { errorClass })
    }
    assert.deepEqual(written(refuse('rejected')), { sizes: [], passedOver: ['unwritable'] })
    assert.throws(() => written(refuse('retryable')), { code: 'UNWRITABLE' })
  })
})
