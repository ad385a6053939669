import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Command } from 'commander'
import { addReplayCommand } from '../../services/commands/replay.ts'
import { progressBar } from '../../services/commands/replay-progress.ts'
import {
  type Asked,
  differencesAsJson,
  differencesAsRows,
  dryRunAsLines,
  goOnCommand,
  replayAsJson,
  replayAsLines,
} from '../../services/commands/replay-text.ts'
import webinarContact from '../../services/consumers/webinar-contact.ts'
import type { DryRunResult } from '../../services/replay/dry-run/dry-run.ts'
import { Tally } from '../../services/replay/tally.ts'
import { manualClock } from '../clock.ts'

const asked: Asked = {
  consumer: webinarContact,
  range: { from: { kind: 'time', time: Date.UTC(2026, 9, 14, 9) }, to: null },
  located: { partitions: [], offsets: 12, cutByRetention: false },
  keys: [],
  rate: 50,
}

const tally = (): Tally => {
  const counted = new Tally()
  counted.events = 3
  counted.count('webinar-contact', 'handled')
  counted.count('webinar-contact', 'erased')
  counted.fail({
    ...{ consumer: 'webinar-contact', topic: 'participations', partition: 2, offset: 41 },
    ...{ code: 'HANDLER_FAILED', message: 'The handler of webinar-contact threw TypeError.' },
  })
  return counted
}

describe('the arguments of a replay', () => {
  const parse = (...words: readonly string[]) => {
    const program = new Command('tributary').exitOverride().configureOutput({ writeErr: () => undefined })
    addReplayCommand(program)
    for (const command of program.commands) command.exitOverride().configureOutput({ writeErr: () => undefined })
    return program.parseAsync(['node', 'tributary', 'replay', ...words])
  }

  it('K5 must name a consumer that there is', async () => {
    await assert.rejects(parse('webinar-kontact', '--from', '0'), {
      code: 'CONSUMER_UNKNOWN',
      message: /webinar-contact/,
    })
  })

  it('K5 must say from where', async () => {
    await assert.rejects(parse('webinar-contact'), { code: 'commander.missingMandatoryOptionValue' })
    await assert.rejects(parse('webinar-contact', '--from', 'yesterday'), { code: 'REPLAY_POINT_MALFORMED' })
  })

  it('K5 take no rate that is none', async () => {
    for (const rate of ['-1', 'fast', '']) {
      await assert.rejects(parse('webinar-contact', '--from', '0', '--rate', rate), {
        code: 'commander.invalidArgument',
      })
    }
  })
})

describe('what is said of a replay', () => {
  const result = { tally: tally(), published: { 'hubspot-writes-replay': 7 }, interrupted: false, goOnAt: null }

  it('K5 is what was read, passed over and asked for', () => {
    const text = replayAsLines(asked, result).join('\n')
    for (const part of [
      '3 records of participations read, from 2026-10-14T09:00:00.000Z to the end.',
      'webinar-contact: 1 handled, 1 failed.',
      'webinar-contact: 1 passed over, of a person who is forgotten.',
      '7 writes asked for on hubspot-writes-replay.',
      'participations 2-41 in webinar-contact: HANDLER_FAILED',
    ])
      assert.ok(text.includes(part), part)
    assert.doesNotMatch(text, /To go on/)
  })

  it('K5 is how to go on after an interruption, ready to be typed', () => {
    const keys = ['email:ada@example.com', "it's"]
    const to = { kind: 'offset', offset: 9 } as const
    const part = { ...asked, keys, range: { ...asked.range, to } }
    assert.equal(
      goOnCommand(part, Date.UTC(2026, 9, 14, 10)),
      "Ended before all was sent. To go on: tributary replay webinar-contact --from 2026-10-14T10:00:00.000Z --to 9 --key email:ada@example.com --key 'it'\\''s' --rate 50",
    )
    assert.match(goOnCommand(asked, null), /--from 2026-10-14T09:00:00\.000Z/)
    assert.match(replayAsLines(asked, { ...result, interrupted: true }).join('\n'), /To go on/)
  })

  it('K5 is all of it as JSON', () => {
    assert.deepEqual(JSON.parse(JSON.stringify(replayAsJson(asked, { ...result, interrupted: true, goOnAt: 0 }))), {
      consumer: 'webinar-contact',
      topic: 'participations',
      from: '2026-10-14T09:00:00.000Z',
      to: null,
      cutByRetention: false,
      events: 3,
      consumers: result.tally.consumers,
      failures: result.tally.failures,
      published: { 'hubspot-writes-replay': 7 },
      interrupted: true,
      goOnFrom: '1970-01-01T00:00:00.000Z',
    })
  })
})

const difference = { destination: 'hubspot', object: 'contact', record: '501', person: 'p1' }
const counts = { change: 1, create: 0, append: 0, kept: 0, stale: 0, skip: 1, immutable: 0, same: 4 }
const dry: DryRunResult = {
  tally: tally(),
  differences: [
    { ...difference, field: 'topic', now: 'old\u001b[2J', wouldBe: 'n'.repeat(100), effect: 'change' },
    {
      ...difference,
      record: null,
      field: null,
      now: undefined,
      wouldBe: null,
      effect: 'skip',
      reason: 'RECORD_MISSING',
    },
  ],
  counts,
  waiting: { salesforce: 2 },
  pending: true,
}
const person = { id: 'p1', aliases: ['email:ada@example.com'], emails: ['ada@example.com'], attributes: {} }
const directory = {
  find: () => ({ status: 'known', person }) as const,
  onChange: () => () => undefined,
  size: () => ({ persons: 1, aliases: 1, erased: 0 }),
}

describe('what is said of a dry run', () => {
  it('K5 names the person to people, and moves no cursor of a terminal', () => {
    const [change, skip] = differencesAsRows(dry, directory)
    assert.deepEqual(
      [change?.['effect'], change?.['person'], change?.['field'], change?.['now']],
      ['change', 'ada@example.com', 'topic', 'old [2J'],
    )
    assert.equal(String(change?.['would be']).length, 48)
    assert.deepEqual([skip?.['field'], skip?.['now'], skip?.['would be']], ['-', '-', 'RECORD_MISSING'])
    assert.doesNotMatch(JSON.stringify(differencesAsJson(asked, dry)), /ada@example/)
  })

  it('K5 only counts what was added before and cannot be compared', () => {
    const made = {
      ...difference,
      record: 'joined:1',
      field: null,
      now: undefined,
      wouldBe: null,
      effect: 'immutable' as const,
    }
    const result = { ...dry, differences: [made, { ...made, field: 'name', now: 'a', wouldBe: 'b' }] }
    assert.deepEqual(
      differencesAsRows(result, directory).map(row => row['field']),
      ['name'],
    )
    assert.match(JSON.stringify(differencesAsJson(asked, result)), /"field":null/)
  })

  it('K5 sums up by effect and says that nothing was sent', () => {
    const text = dryRunAsLines(asked, dry).join('\n')
    assert.match(text, /change 1: the replay would change it\./)
    assert.match(text, /same 4: /)
    assert.doesNotMatch(text, /stale/)
    assert.match(text, /2 writes would wait in their topic, because salesforce is off\./)
    assert.match(text, /Nothing was sent\. The same command without --dry-run sends it\./)
    assert.match(dryRunAsLines(asked, { ...dry, pending: false }).join('\n'), /would change nothing/)
  })
})

describe('the progress of a replay', () => {
  const progress = { events: 50, read: 50, ofRange: 100, published: 10, pending: 10 }

  it('K5 is a bar on a terminal, drawn over itself', () => {
    const [clock, written] = [manualClock(), [] as string[]]
    const bar = progressBar({ isTTY: true, write: text => written.push(text) }, clock, true)
    bar.show(progress)
    clock.advance(100)
    bar.show(progress)
    bar.end()
    assert.deepEqual(written, [
      '\r\u001b[K[######------------------] 25 %  50 records read, 10 writes sent, 10 waiting',
      '\r\u001b[K',
    ])
  })

  it('K5 never goes back when sending begins, and is that of reading where nothing is sent', () => {
    const reading = { ...progress, published: 0, pending: 20 }
    const shown = (sends: boolean): string => {
      const [clock, written] = [manualClock(), [] as string[]]
      const bar = progressBar({ write: text => written.push(text) }, clock, sends)
      clock.advance(10_000)
      bar.show(reading)
      return written.join('')
    }
    assert.match(shown(true), /^0 % {2}50 records read, 0 writes sent, 20 waiting/)
    assert.match(shown(false), /^50 % {2}50 records read, 20 writes/)
  })

  it('K5 is a plain line now and then elsewhere', () => {
    const [clock, written] = [manualClock(), [] as string[]]
    const bar = progressBar({ write: text => written.push(text) }, clock, true)
    for (let second = 0; second < 25; second++) {
      clock.advance(1_000)
      bar.show(progress)
    }
    bar.end()
    assert.deepEqual(written, Array(2).fill('25 %  50 records read, 10 writes sent, 10 waiting\n'))
  })
})
