import { z } from 'zod'
import { unreadableAnswer } from '../answers.ts'
import type { HubSpotClient } from '../client.ts'
import type { BudgetAccount } from '../events/budget.ts'
import { readingProblem, type SetupProblem } from './setup.ts'

const details = z.object({
  portalId: z.union([z.number(), z.string()]).transform(String),
  timeZone: z.string().min(1).catch('UTC'),
})

/** Which account the token is for, and its time zone. */
export const readAccount = async (
  client: HubSpotClient,
  signal: AbortSignal,
): Promise<(BudgetAccount & { readonly kind: 'account' }) | SetupProblem> => {
  const answer = await client.call(
    'account.details',
    ({ request }) => request<unknown>('GET', '/account-info/v3/details'),
    signal,
  )
  if (answer.kind !== 'success') return readingProblem(answer)
  const { data } = details.safeParse(answer.data)
  return data ? { kind: 'account', ...data } : unreadableAnswer(answer)
}
