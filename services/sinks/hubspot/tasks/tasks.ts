import type { StandaloneInput, StandaloneObject, StandaloneResult } from '../../../delivery/destination.ts'
import type { Clock } from '../../../runtime/clock.ts'
import { namesUnknownProperty } from '../answers.ts'
import type { HubSpotClient } from '../client.ts'
import { batchInputs } from '../limits.ts'
import type { PrepareAgain } from '../setup/setup.ts'
import { fitTask, isWhole } from './fields.ts'
import type { TaskFinder } from './finding.ts'
import { recordIn } from './locating.ts'
import { OwnerDirectory } from './owners.ts'
import { putTasks } from './putting.ts'
import { readTasks } from './reading.ts'
import { keyLost } from './whereabouts.ts'

export interface TaskParts {
  readonly client: HubSpotClient
  readonly finder: TaskFinder
  readonly clock: Clock
  readonly prepareAgain: PrepareAgain
}

/**
 * Tasks that are shared with another CRM. The key of a write is what links the two for life: `hubspot:task:<id>` is the task with this id, any other one is found
 * by the property that holds it.
 */
export const taskObject = ({ client, finder, clock, prepareAgain }: TaskParts): StandaloneObject => {
  const parts = { client, finder, owners: new OwnerDirectory(client, clock) }
  return {
    kind: 'keyed',
    of: null,
    batchSize: batchInputs,
    fit: fitTask,
    isWhole: ({ key, fields }) => isWhole(fields) && recordIn(key) === undefined,
    put: async (inputs, signal) => {
      const results = await putTasks(parts, inputs, signal)
      const lacking = inputs.filter((_, index) => lacksProperty(results[index]))
      if (lacking.length === 0) return results
      const prepared = await prepareAgain(signal)
      if (prepared === 'made-lately') return results
      const again = prepared === 'ready' ? await putTasks(parts, lacking, signal) : lacking.map(() => prepared)
      const mended = new Map(lacking.map((input, index) => [input, again[index]]))
      return results.map((result, index) => mended.get(inputs[index] as StandaloneInput) ?? result)
    },
    read: (keys, fields, signal) => readTasks(parts, keys, fields, signal),
  }
}

/** Somebody deleted the property by which tasks are found. */
const lacksProperty = (result: StandaloneResult | undefined): boolean =>
  result !== undefined && (namesUnknownProperty(result) || ('code' in result && result.code === keyLost))
