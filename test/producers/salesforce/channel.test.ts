import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  firstReconnectMs,
  longestReconnectMs,
  longestSilenceMs,
  retryUnavailableMs,
} from '../../../services/producers/salesforce/change-events/limits.ts'
import type { FetchRequest } from '../../../services/producers/salesforce/change-events/protocol.ts'
import { SalesforceError } from '../../../services/producers/salesforce/rest/problems.ts'
import type { createMetrics } from '../../../services/runtime/metrics.ts'
import { event, followed, id, name } from './following.ts'

/** How many seconds were between each attempt and the next. */
const pausesOf = (attempts: readonly number[]): readonly number[] =>
  attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0))

describe('where a channel of change events begins', () => {
  it('T1 is after the event up to which it was told; without one, with what comes next', async context => {
    const { last } = await followed(context, { position: '0a' })
    const [first] = last().requests
    assert.deepEqual([first?.replayPreset, first?.replayId?.toString('hex')], ['CUSTOM', '0a'])
    const anew = await followed(context)
    assert.deepEqual([anew.last().requests[0]?.replayPreset, anew.last().requests[0]?.replayId], ['LATEST', undefined])
  })

  it('T1 is after the last event that came, once the stream was cut, or after the last time that none had come', async context => {
    const { last, wait } = await followed(context, { position: '0a' })
    await last().give(event(11), event(12))
    await last().fail('cut')
    await wait(1)
    assert.equal(last().requests[0]?.replayId?.toString('hex'), '0c')
    await last().pass(40)
    await last().fail('cut')
    await wait(1)
    assert.equal(last().requests[0]?.replayId?.toString('hex'), '28')
  })

  it('T1 is anew when it is not kept any more from there: all is swept at once, and the log says so', async context => {
    const { last, opened, notices, woken, lines, channel } = await followed(context, { position: '0a' })
    const before = woken()
    await last().fail('replay-id')
    assert.deepEqual([opened.length, last().requests[0]?.replayPreset], [2, 'LATEST'])
    assert.deepEqual([...notices.take().unnamed].toSorted(), ['contact', 'lead', 'task'])
    assert.equal(woken() - before, 1)
    assert.match(lines.join(''), /SALESFORCE_CHANGE_EVENTS_LOST/)
    assert.equal(channel.problem, undefined)
  })

  it('T1 is not tried at once for ever where Salesforce refuses every beginning', async context => {
    const { attempts, last, wait } = await followed(context)
    for (const pause of [1, 2, 4]) {
      await last().fail('replay-id')
      await wait(pause)
    }
    assert.deepEqual(pausesOf(attempts), [1, 2, 4])
  })
})

describe('how many events of a channel are asked for', () => {
  const asked = (requests: readonly FetchRequest[]): readonly number[] => requests.map(one => one.numRequested)

  it('T1 are 100, and as many more as were looked at', async context => {
    const { channel, last } = await followed(context)
    await last().give(event(1), event(2), event(3))
    assert.deepEqual(asked(last().requests), [100])
    channel.handled(2)
    channel.handled(0)
    assert.deepEqual(asked(last().requests), [100, 2])
  })

  it('T1 are fewer after a cut while some wait to be looked at, and one at the least', async context => {
    const { channel, last, wait } = await followed(context)
    const cut = async () => {
      await last().fail('cut')
      await wait(2)
    }
    await last().give(...Array.from({ length: 60 }, (_, n) => event(n)))
    channel.handled(10)
    await cut()
    assert.deepEqual(asked(last().requests), [50])
    await last().give(...Array.from({ length: 50 }, (_, n) => event(n + 60)))
    await cut()
    assert.deepEqual(asked(last().requests), [1])
    channel.handled(100)
    await cut()
    assert.deepEqual(asked(last().requests), [100])
  })
})

describe('a session of the Pub/Sub API that is refused', () => {
  it('T1 is renewed at once, and the stream goes on with the new one', async context => {
    const { last, renewed, attempts, wait } = await followed(context, { position: '0a' })
    await last().fail('credentials')
    assert.deepEqual(
      [renewed, attempts],
      [
        [undefined, 'token-1'],
        [0, 0],
      ],
    )
    assert.equal(last().session.accessToken, 'token-2')
    await last().give(event(11))
    await last().fail('cut')
    await wait(1)
    assert.deepEqual(renewed, [undefined, 'token-1', undefined])
  })

  it('T1 is told, and tried again minutes later, when the new one is refused, too', async context => {
    const { last, attempts, channel, wait } = await followed(context)
    await last().fail('credentials')
    await last().fail('credentials')
    assert.equal(channel.problem?.code, 'SALESFORCE_CHANGE_EVENTS_LOGIN')
    await wait(retryUnavailableMs / 1_000)
    assert.deepEqual(attempts, [0, 0, 300])
    assert.equal(channel.problem, undefined)
  })
})

describe('a channel of change events that is cut', () => {
  it('T1 is followed again after a second, twice as long each time that it fails, and a minute at the most', async context => {
    const { attempts, wait } = await followed(context, { refusals: Array(9).fill('cut') })
    await wait(260)
    assert.deepEqual(pausesOf(attempts), [1, 2, 4, 8, 16, 32, 60, 60, 60])
    assert.deepEqual([firstReconnectMs, longestReconnectMs], [1_000, 60_000])
  })

  it('T1 is followed again after a second whenever something came, or it had stood', async context => {
    const { attempts, last, wait, channel } = await followed(context, { refusals: ['cut', 'cut'] })
    await wait(3)
    await last().give(event(1))
    for (const _ of [1, 2]) {
      await last().fail('cut')
      await wait(62)
    }
    await last().fail('cut')
    await wait(1)
    assert.deepEqual(pausesOf(attempts), [1, 2, 1, 62, 62])
    assert.equal(channel.problem, undefined)
  })

  it('T1 is told once, and not for a single cut', async context => {
    const { channel, wait, lines } = await followed(context, { refusals: ['cut', 'cut', 'cut'] })
    const told = (): string | undefined => channel.problem?.code
    assert.equal(told(), undefined)
    await wait(1)
    assert.equal(told(), 'SALESFORCE_CHANGE_EVENTS_CUT')
    await wait(2)
    assert.equal(lines.filter(line => line.includes('SALESFORCE_CHANGE_EVENTS_CUT')).length, 1)
    await wait(4)
    assert.equal(told(), undefined)
  })

  it('T1 is left to the sweep while the login fails, which tells it, and tried each minute', async context => {
    const failure = new SalesforceError({ code: 'SALESFORCE_LOGIN', message: 'no' }, 'needs-person', {})
    const { attempts, wait, channel, lines } = await followed(context, { refusals: [failure, failure] })
    await wait(120)
    assert.deepEqual([attempts, channel.problem, lines], [[0, 60, 120], undefined, []])
  })

  it('T1 is one that is silent for longer than Salesforce ever is', async context => {
    const { clock, channel, last, opened, wait } = await followed(context)
    const silentFor = (ms: number): void => {
      clock.advance(ms)
      channel.watch()
    }
    silentFor(longestSilenceMs)
    await last().pass(1)
    silentFor(longestSilenceMs)
    assert.ok(!last().isClosed())
    silentFor(1)
    assert.ok(last().isClosed())
    await wait(2)
    assert.equal(opened.length, 2)
  })
})

describe('a channel that the user may not follow', () => {
  it('T1 is told with what an admin must do, and tried again minutes later', async context => {
    const { attempts, channel, opened, wait } = await followed(context, { canSubscribe: false })
    assert.deepEqual([channel.problem?.code, opened.length], ['SALESFORCE_CHANGE_EVENTS_REFUSED', 0])
    await wait(retryUnavailableMs / 1_000)
    assert.deepEqual(attempts, [0, 300])
  })
})

describe('an event of a channel', () => {
  const counted = async (metrics: ReturnType<typeof createMetrics>) =>
    Promise.all(
      ['tasks', 'unnamed', 'unreadable', 'other'].map(what =>
        metrics.value('tributary_salesforce_change_events_total', { what }),
      ),
    )

  it('T1 is counted by what it says, and what cannot be read ends nothing', async context => {
    const { last, notices, metrics, opened, lines } = await followed(context)
    await last().give(
      ...[event(1), event(2, 'GAP_UPDATE 00T*'), event(3, `UPDATE ${id(3)}`, 'order')],
      ...[event(4, '', 'of another form'), { event: null, replayId: Buffer.from([5]) }],
    )
    assert.deepEqual(await counted(metrics), [1, 1, 2, 1])
    const { records, unnamed, positions } = notices.take()
    assert.deepEqual([...records], [['task', new Set([id(1)])]])
    assert.deepEqual([...unnamed].toSorted(), ['contact', 'lead', 'task'])
    assert.deepEqual([positions.get(name), opened.length], ['05', 1])
    assert.match(lines.join(''), /cannot be read/)
  })

  it('T1 of what is not followed here is passed over: nothing is read or swept for it', async context => {
    const { last, notices } = await followed(context)
    await last().give(event(3, `UPDATE ${id(3)}`, 'order'))
    const { records, unnamed, positions, events } = notices.take()
    assert.deepEqual([records.size, unnamed.size, positions.get(name), events.get(name)], [0, 0, '03', 1])
  })

  it('T1 that did not come is noted as well: up to there nothing has to be asked for again', async context => {
    const { last, notices } = await followed(context)
    await last().pass(40)
    assert.equal(notices.take().positions.get(name), '28')
  })
})
