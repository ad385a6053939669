import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { examineEventDefinitions } from '../../services/doctor/event-definitions.ts'
import { systemClock } from '../../services/runtime/clock.ts'
import { openAccount } from '../sandbox/hubspot.ts'
import { disturb } from '../sinks/hubspot-sink.ts'

const never = new AbortController().signal
const path = '/events/v3/event-definitions'

const accountWith = async (context: TestContext, definitions: number) => {
  const account = await openAccount(context, { limits: { burst: 10_000 } })
  for (let made = 0; made < definitions; made++)
    await account.call('POST', path, { label: `Event ${made}`, name: `event_${made}` })
  return account
}

describe('the doctor on definitions of custom events', () => {
  for (const { count, code } of [
    { count: 3, code: 'EVENT_DEFINITIONS' },
    { count: 450, code: 'EVENT_DEFINITIONS_FEW_LEFT' },
  ]) {
    it(`P5 ${count} of 500: ${code}`, async context => {
      const { url } = await accountWith(context, count)
      const [finding] = await examineEventDefinitions(
        { accessToken: 'sandbox', baseUrl: url, clock: systemClock },
        never,
      )
      assert.equal(finding?.code, code)
      assert.match(finding?.message ?? '', new RegExp(`${count} of at most 500`))
    })
  }

  it('P5 nothing where the app may not see them', async context => {
    const account = await accountWith(context, 0)
    await disturb(account, path, { status: 403, body: { category: 'MISSING_SCOPES' } })
    const options = { accessToken: 'sandbox', baseUrl: account.url, clock: systemClock }
    assert.deepEqual(await examineEventDefinitions(options, never), [])
  })
})
