import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Command } from 'commander'
import type { BackfillResult } from '../../services/backfill/backfill.ts'
import { addBackfillCommand } from '../../services/commands/backfill.ts'
import {
  backfillAsJson,
  backfillAsLines,
  backfillBar,
  countAsLines,
  progressText,
} from '../../services/commands/backfill-text.ts'
import { HubSpotError } from '../../services/producers/hubspot/rest/problems.ts'
import { manualClock } from '../clock.ts'
import { erasure } from '../runtime/loading-config.ts'

const day = 86_400_000

const parse = (...words: readonly string[]) => {
  const program = new Command('tributary').exitOverride().configureOutput({ writeErr: () => undefined })
  addBackfillCommand(program)
  for (const command of program.commands.flatMap(one => [one, ...one.commands]))
    command.exitOverride().configureOutput({ writeErr: () => undefined })
  return program.parseAsync(['node', 'tributary', 'backfill', 'tasks', ...words])
}

/** With these settings and no others of ours. */
const where = async (settings: Readonly<Record<string, string>>, work: () => Promise<void>): Promise<void> => {
  const before = { ...process.env }
  Object.assign(process.env, settings)
  try {
    await work()
  } finally {
    for (const name of Object.keys(settings)) delete process.env[name]
    Object.assign(process.env, before)
  }
}

describe('the arguments of a backfill', () => {
  it('T2 take no date, rate or CRM that is none', async () => {
    const wrong = [
      ['--since', 'yesterday'],
      ['--since', '1767225600'],
      ['--rate', '-1'],
      ['--rate', 'fast'],
      ['--from', 'zoom'],
    ]
    for (const words of wrong) await assert.rejects(parse(...words), { code: 'commander.invalidArgument' })
  })

  it('T2 are refused while tasks are not shared, with what to do', async () => {
    await where({ TASK_SYNC: 'false' }, () =>
      assert.rejects(parse(), { code: 'BACKFILL_SYNC_OFF', message: /Set TASK_SYNC=true/ }),
    )
  })

  it('T2 are refused while one of both CRMs is not connected, with what to do', async () => {
    await where({ ...erasure, HUBSPOT_ACCESS_TOKEN: 'a-token' }, () =>
      assert.rejects(parse(), { code: 'BACKFILL_VENDOR_OFF', message: /set the credentials of both/ }),
    )
  })
})

const result: BackfillResult = {
  ...{ startedAt: Date.UTC(2026, 9, 14), resumed: true, interrupted: true, awaiting: 12 },
  parts: [
    {
      ...{ name: 'tasks of HubSpot', read: 10_001, total: 10_001, told: 9_998, done: true, problem: undefined },
      passedOver: { missing: 1, strangers: 2 },
    },
    {
      ...{ name: 'emails of HubSpot', read: 0, total: 0, told: 0, done: false, passedOver: {} },
      problem: new HubSpotError('HUBSPOT_SCOPES_MISSING', 'Grant the app the scope sales-email-read.'),
    },
  ],
}

describe('what is said of a backfill', () => {
  it('T2 is what was read, told and passed over, who is waited for, and how to go on', () => {
    const text = backfillAsLines(result, 7 * day).join('\n')
    for (const part of [
      'Went on with the backfill that began 2026-10-14T00:00:00.000Z',
      'tasks of HubSpot: 10,001 of 10,001 read, 9,998 told now.',
      'tasks of HubSpot: 2 passed over, on people who are in one of both CRMs only',
      'emails of HubSpot: HUBSPOT_SCOPES_MISSING: Grant the app the scope sales-email-read.',
      '12 events of tasks, those of live traffic among them, wait until their person is known in both CRMs, for 7 days at most.',
      'The same command goes on where it stopped',
    ])
      assert.ok(text.includes(part), `${part} is not in:\n${text}`)
    const done = backfillAsLines({ ...result, resumed: false, awaiting: 0, parts: result.parts.slice(0, 1) }, day)
    assert.ok(!/Went on|wait until|goes on/.test(done.join()))
  })

  it('T2 is the same for programs', () => {
    const { parts, ...rest } = JSON.parse(JSON.stringify(backfillAsJson(result)))
    assert.deepEqual(rest, { startedAt: '2026-10-14T00:00:00.000Z', resumed: true, interrupted: true, awaiting: 12 })
    assert.deepEqual(
      parts.map((part: { problem: unknown }) => part.problem),
      [null, { code: 'HUBSPOT_SCOPES_MISSING', message: 'Grant the app the scope sales-email-read.' }],
    )
  })

  it('T2 is how many there are and how long that takes, when nothing is told', () => {
    const text = countAsLines({ resumed: false, parts: [{ name: 'tasks of HubSpot', left: 90_000 }] }, 25).join('\n')
    for (const part of ['tasks of HubSpot: 90,000 to read.', 'takes 60 min or longer', 'Nothing was told'])
      assert.ok(text.includes(part), text)
  })

  it('T2 is how far it is, how fast, how long it will take and for whom it waits, meanwhile', () => {
    const progress = { part: 'tasks of HubSpot', read: 4_200, total: 10_001, told: 500, tookMs: 20_000 }
    assert.equal(
      progressText({ ...progress, waitsFor: undefined }),
      '4,200 of 10,001 read, now tasks of HubSpot; 500 told, 25.0 a second; 4 min left',
    )
    const waiting = { ...progress, waitsFor: { name: 'salesforce', records: 1_234 } }
    assert.match(progressText(waiting), /; waits for salesforce, which has 1,234 records to do$/)
    const written: string[] = []
    const clock = manualClock()
    const bar = backfillBar({ isTTY: true, write: text => written.push(text) }, clock)
    clock.advance(100)
    bar.show(waiting)
    bar.end()
    assert.match(written.join(''), /\[#{10}-{14}\] 41 % {2}4,200 of 10,001/)
  })
})
