import { accountId, namesIn } from '../../../companies/names.ts'
import type { Row, SalesforceClient } from '../api/client.ts'
import { personObjects } from '../people/ids.ts'
import { findTasks } from '../tasks/finding.ts'
import { type Accounts, accountsBy } from './accounts.ts'
import type { ActivityAdjustment } from './adjustments.ts'
import { type Attempt, type Step, settledAll } from './attempts.ts'

/**
 * Puts the id of an account in place of its names. What is not known, or not for sure, is left as it is; so is a task that relates to something else, an opportunity for example, which
 * HubSpot's company would take its place. A task of a lead relates to nothing: Salesforce refuses it.
 */
export const related = async (
  client: SalesforceClient,
  attempts: readonly Attempt[],
  signal: AbortSignal,
): Promise<readonly Step[]> => {
  const concerned = attempts.filter(isConcerned)
  if (concerned.length === 0) return attempts
  const others = attempts.filter(attempt => !isConcerned(attempt))
  const names = concerned.flatMap(({ fields }) => namesIn(fields['WhatId']))
  const accounts = await accountsBy(client, names, signal)
  if (accounts.kind !== 'accounts') return [...others, ...settledAll(concerned, accounts)]
  const ids = concerned.flatMap(({ task }) => task ?? [])
  const columns = ['WhoId', 'WhatId']
  const held = await findTasks(client, { operation: 'activities.related', by: 'Id', values: ids, columns }, signal)
  if (held.kind !== 'tasks') return [...others, ...settledAll(concerned, held)]
  return [...others, ...concerned.map(one => relatedBy(one, accounts, held.get(one.task ?? '')))]
}

const isConcerned = ({ fields }: Attempt): boolean => fields['WhatId'] !== undefined || isLead(fields['WhoId'])

const isLead = (id: unknown): boolean => String(id ?? '').startsWith(personObjects.lead.prefix)

const relatedBy = (attempt: Attempt, accounts: Accounts, held: Row | undefined): Attempt => {
  const { WhatId: asked, ...fields } = attempt.fields
  const left = (code: ActivityAdjustment): Attempt => ({
    ...attempt,
    fields,
    adjustments: [...attempt.adjustments, code],
  })
  const names = namesIn(asked)
  if (isLead(fields['WhoId'])) {
    const { adjustments } = names.length > 0 ? left('WHAT_OF_LEAD') : attempt
    return { ...attempt, fields: { ...fields, WhatId: null }, adjustments }
  }
  const heldWhat = held?.['WhatId'] ?? null
  if (heldWhat !== null && accountId(heldWhat) === undefined) return left('WHAT_KEPT')
  if (names.length === 0) return attempt
  if (isLead('WhoId' in fields ? null : held?.['WhoId'])) return left('WHAT_OF_LEAD')
  const account = accounts.of(names)
  return account === undefined ? left('WHAT_UNKNOWN') : { ...attempt, fields: { ...fields, WhatId: account } }
}
