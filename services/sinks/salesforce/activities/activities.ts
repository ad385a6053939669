import type { StandaloneInput, StandaloneObject, StandaloneResult } from '../../../delivery/destination.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { SalesforceClient } from '../api/client.ts'
import { collectionRecords } from '../limits.ts'
import { resultMissing } from '../tasks/collections.ts'
import { aimed } from './aiming.ts'
import { type Assigning, assigned } from './assigning.ts'
import { type Attempt, begun, isDeletion, isOwnKey, isWhole, type Step, settled } from './attempts.ts'
import { deleted } from './deleting.ts'
import { fitActivity } from './fitting.ts'
import { type Doubt, mended } from './mending.ts'
import { createOwners } from './owners.ts'
import { readActivities } from './reading.ts'
import { related } from './relating.ts'
import { sent } from './sending.ts'
import { shared } from './sharing.ts'

/** Tasks that are shared with another CRM. A key of Salesforce's own, `salesforce:task:<id>`, is of the task with that id; any other is the external id of the copy here. */
export const activitiesOf = (client: SalesforceClient, clock: Clock): StandaloneObject => {
  const parts = { client, owners: createOwners(client, clock) }
  return {
    kind: 'keyed',
    of: null,
    batchSize: collectionRecords,
    fit: fitActivity,
    isWhole: ({ key, fields }) => isWhole(fields) && !isOwnKey(key),
    put: (inputs, signal) => put(parts, inputs, signal),
    read: (keys, fields, signal) => readActivities(client, keys, fields, signal),
  }
}

/** A write may fail on its task, on its owner and on its person, one after the other. */
const mostMends = 3

const put = async (
  parts: Assigning,
  inputs: readonly StandaloneInput[],
  signal: AbortSignal,
): Promise<readonly StandaloneResult[]> => {
  const results = new Map<StandaloneInput, StandaloneResult>()
  /** Notes the results of those that are settled, and gives those that go on. */
  const goOn = (steps: readonly Step[]): readonly Attempt[] =>
    steps.flatMap(step => {
      if (step.kind === 'attempt') return [step]
      results.set(step.input, step.result)
      return []
    })

  const begin = goOn(inputs.map(begun))
  goOn(await deleted(parts.client, begin.filter(isDeletion), signal))
  let open = goOn(await assigned(parts, without(begin, isDeletion), signal))
  open = [...without(open, isOfCopy), ...goOn(await aimed(parts.client, open.filter(isOfCopy), signal))]
  open = goOn(await related(parts.client, open, signal))
  for (let mends = 0; open.length > 0; mends++) {
    const doubts: Doubt[] = []
    for (const [attempt, result] of await sent(parts.client, open, signal)) {
      if (result.kind === 'doubtful') doubts.push({ attempt, otherwise: result.otherwise })
      else goOn([settled(attempt, result)])
    }
    open = goOn(mends < mostMends ? await mended(parts, doubts, signal) : doubts.map(unmended))
  }
  const written = inputs.map(input => [input, results.get(input) ?? resultMissing] as const)
  return await shared(parts.client, written, signal)
}

/** Whether its task is found by its external id. */
const isOfCopy = ({ task }: Attempt): boolean => task === null

const unmended = ({ attempt, otherwise }: Doubt): Step => settled(attempt, otherwise)

const without = <Item>(items: readonly Item[], test: (item: Item) => boolean): readonly Item[] =>
  items.filter(item => !test(item))
