import type { HubSpotClient } from '../client.ts'
import { readingProblem, type SetupPart, type SetupProblem } from './setup.ts'

/** Marketing events need no preparation: an event is made with its first participation. What can be missing is the app's right to them. */
export const marketingSetup = (client: HubSpotClient): SetupPart => {
  const problem = async (signal: AbortSignal): Promise<SetupProblem | null> => {
    const answer = await client.call(
      'marketing-events.list',
      ({ marketingEvents }) => marketingEvents.basicApi.getAllWithHttpInfo(undefined, 1),
      signal,
    )
    return answer.kind === 'success' ? null : readingProblem(answer)
  }
  return {
    name: 'marketing events',
    compare: async signal => (await problem(signal)) ?? { kind: 'compared', differences: [] },
    make: async signal => (await problem(signal)) ?? { kind: 'made', made: [], left: [] },
  }
}
