import type { EventUsage } from '../../schemas/generated.ts'
import { eventUsage } from '../../topology/topics.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { Clock } from '../runtime/clock.ts'
import type { Codec } from '../runtime/codec.ts'
import { storedValues } from '../runtime/stored-values.ts'
import { monthOf, warningShare } from '../sinks/hubspot/events/budget.ts'
import type { Finding } from './finding.ts'

/** How much of the month's custom event completions is used, by account. Nothing is found where nothing was sent this month. */
export const examineEventBudget = async (
  parts: { readonly kafka: Kafka; readonly codec: Codec; readonly clock: Clock },
  limit: number,
): Promise<readonly Finding[]> => {
  const rows = new Map<string, EventUsage>()
  for await (const { key, value } of storedValues(parts, eventUsage)) {
    if (value === null) rows.delete(key)
    else rows.set(key, value)
  }
  const now = parts.clock.now()
  const current = [...rows.values()].filter(row => row.month === monthOf(row, now))
  return [...Map.groupBy(current, ({ destination, account }) => `${destination} ${account}`).values()].map(ofAccount =>
    findingOf(ofAccount, limit),
  )
}

const findingOf = (rows: readonly EventUsage[], limit: number): Finding => {
  const used = rows.reduce((sum, { reserved }) => sum + reserved, 0)
  const { account = '', month = '', timeZone = '' } = rows[0] ?? {}
  const share = `${used.toLocaleString('en')} of ${limit.toLocaleString('en')} custom event completions of ${month} (${timeZone}) are used in account ${account}`
  const facts = { area: 'hubspot', message: `${share}.` } as const
  if (used < limit * warningShare) return { ...facts, level: 'fine', code: 'EVENT_BUDGET' }
  if (used < limit)
    return {
      ...facts,
      level: 'warning',
      code: 'EVENT_BUDGET_LOW',
      message: `${share}. At the limit events wait for the next month. Select fewer in topology/pendo-to-hubspot.ts.`,
    }
  return {
    ...facts,
    level: 'problem',
    code: 'EVENT_BUDGET_USED_UP',
    message: `${share}. Events wait in hubspot-events, which keeps them for 45 days, until the month turns. HUBSPOT_EVENT_BUDGET changes the number.`,
  }
}
