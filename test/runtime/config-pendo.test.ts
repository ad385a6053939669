import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { loadConfig } from '../../services/runtime/config/config.ts'

const load = (variables: Record<string, string>) =>
  loadConfig({ ERASURE_SECRET: 'an-erasure-key-of-ours', ...variables }, () => '').pendo

describe('the settings of Pendo', () => {
  const real = { PENDO_INTEGRATION_KEY: 'real-key.us' }
  for (const [given, ms] of [
    [{ PENDO_SWEEP_EVERY: '15m' }, 900_000],
    [{ PENDO_SWEEP_EVERY: '0' }, 0],
  ] as const)
    it(`P8 sweep every ${ms} ms with ${JSON.stringify(given)}, emulated or real`, () => {
      assert.equal(load(given).sweepEveryMs, ms)
      assert.equal(load({ ...real, ...given }).sweepEveryMs, ms)
    })

  it('P8 sweep every hour, and so often that one can watch it while Pendo is emulated', () => {
    assert.equal(load(real).sweepEveryMs, 3_600_000)
    assert.equal(load({}).sweepEveryMs, 30_000)
  })

  it('P8 name what is no interval', () =>
    assert.throws(() => load({ PENDO_SWEEP_EVERY: 'hourly' }), {
      code: 'CONFIG_INVALID',
      message: /PENDO_SWEEP_EVERY must be/,
    }))

  it('P8 take no webhooks without their secret', () => assert.equal(load(real).webhookSecret, null))
})
