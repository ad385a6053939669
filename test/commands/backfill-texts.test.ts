import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BackfillResult } from '../../services/backfill/backfill.ts'
import { backfillAsJson, backfillAsLines, countAsLines, progressText } from '../../services/commands/backfill-text.ts'

const day = 86_400_000
const part = {
  ...{ name: 'tasks of HubSpot', read: 20, total: 30, told: 18, done: false, problem: undefined },
  passedOver: { missing: 1, refused: 1 },
}
const result: BackfillResult = {
  ...{ startedAt: Date.UTC(2026, 9, 14), resumed: false, interrupted: true, awaiting: 1, parts: [part] },
}

describe('what a backfill says', () => {
  it('T2 is of one event that waits, in the singular, and why each record was passed over', () => {
    const lines = backfillAsLines(result, 7 * day)
    assert.ok(lines.some(line => line.startsWith('1 event of tasks, ')))
    for (const why of ['gone when they were read', 'which HubSpot refuses to give'])
      assert.ok(lines.includes(`tasks of HubSpot: 1 passed over, ${why}.`), lines.join('\n'))
  })

  it('T2 is for programs all that is known of each part, and whether it was resumed or ended early', () => {
    const { startedAt, ...rest } = JSON.parse(JSON.stringify(backfillAsJson(result)))
    assert.equal(startedAt, '2026-10-14T00:00:00.000Z')
    assert.deepEqual(rest, {
      ...{ resumed: false, interrupted: true, awaiting: 1 },
      parts: [
        {
          ...{ name: 'tasks of HubSpot', read: 20, total: 30, told: 18, done: false, problem: null },
          passedOver: { missing: 1, refused: 1 },
        },
      ],
    })
  })

  const counted = (left: number, rate: number, resumed = false): string =>
    countAsLines({ resumed, parts: [{ name: 'tasks of HubSpot', left }] }, rate).join('\n')

  it('T2 is beforehand that it would go on with one that was ended early, if there is one', () => {
    assert.match(counted(50, 25, true), /would go on with a backfill that was ended early; --restart begins anew/)
    assert.doesNotMatch(counted(50, 25), /go on/)
  })

  it('T2 is beforehand how long it takes at the least, in seconds, minutes or hours, and nothing of it without a limit', () => {
    for (const [left, duration] of [
      [50, '2 s'],
      [2_250, '2 min'],
      [90_000, '60 min'],
      [750_000, '9 h'],
    ] as const)
      assert.match(counted(left, 25), new RegExp(`At 25 a second that takes ${duration} or longer`))
    assert.doesNotMatch(counted(50, 0), /a second/)
  })

  it('T2 is meanwhile nothing of the time that is left, as long as nothing was told', () => {
    const progress = { part: 'tasks of HubSpot', read: 0, total: 30, told: 0, tookMs: 0, waitsFor: undefined }
    assert.equal(progressText(progress), '0 of 30 read, now tasks of HubSpot; 0 told, 0.0 a second')
  })
})
