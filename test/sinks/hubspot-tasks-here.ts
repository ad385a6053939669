import type { TestContext } from 'node:test'
import type { StandaloneInput, StandaloneObject, StandaloneResult } from '../../services/delivery/destination.ts'
import { type Clock, systemClock } from '../../services/runtime/clock.ts'
import type { HubSpotSandboxOptions } from '../../services/sandbox/hubspot/start.ts'
import { hubSpotDestinations } from '../../services/sinks/hubspot/destination.ts'
import type { FieldValue } from '../../topology/define.ts'
import { openAccount } from '../sandbox/hubspot.ts'

export const { signal } = new AbortController()
const burst = 10_000

export type Fields = Readonly<Record<string, FieldValue>>

/** A task as the account shows it. */
export interface HeldTask {
  readonly id: string
  readonly properties: Fields
}

/** All that a first write says, but for who it is with. */
export const whole: Fields = {
  hs_task_subject: 'Call back',
  hs_task_body: '<p>About the offer</p>',
  hs_task_status: 'NOT_STARTED',
  hs_task_priority: 'HIGH',
  hs_task_type: 'CALL',
  hs_timestamp: '2026-03-04T15:00:00.000Z',
  deleted: false,
}

/** A key of a task that was made in Salesforce. */
export const foreign = (number: number): string => `salesforce:task:00T${String(number).padStart(15, '0')}`

/** An emulated account and the object that writes its tasks. */
export const openTasks = async (
  context: TestContext,
  options: {
    readonly sandbox?: HubSpotSandboxOptions
    readonly clock?: Clock
    /** How long searches may lag, as far as the sink knows. */
    readonly searchLagMs?: number
  } = {},
) => {
  const { clock = systemClock, searchLagMs } = options
  const account = await openAccount(context, {
    limits: { burst, searchesPerSecond: burst },
    clock,
    ...options.sandbox,
  })
  const open = () =>
    hubSpotDestinations({
      ...{ accessToken: 'sandbox', baseUrl: account.url, clock, limit: { requests: burst, windowMs: 10_000 } },
      ...(searchLagMs === undefined ? {} : { searchLagMs }),
    })['hubspot-tasks']
  const destination = open()
  const writer = ({ objects }: typeof destination) => {
    const task = objects['task'] as StandaloneObject
    return (...inputs: readonly (readonly [key: string, fields: Fields, known?: boolean])[]) =>
      task.put(
        inputs.map(
          ([key, fields, known = false]): StandaloneInput => ({
            ...{ key, fields, known, at: null, repeated: false },
            // As the engine says of a first write that is whole.
            ...(task.isWhole?.({ key, fields }) && !known ? { news: {} } : {}),
          }),
        ),
        signal,
      )
  }
  const tasks = async (): Promise<readonly HeldTask[]> => (await account.call('GET', '/_sandbox/state')).body.tasks
  return {
    account,
    destination,
    task: destination.objects['task'] as StandaloneObject,
    put: writer(destination),
    /** What a process started later writes with. */
    another: async () => {
      const other = open()
      await other.prepare(signal)
      return writer(other)
    },
    tasks,
    /** The only task that has this value of a property. */
    taskWith: async (name: string, value: string): Promise<HeldTask> => {
      const all = (await tasks()).filter(({ properties }) => properties[name] === value)
      const [one] = all
      if (!one || all.length > 1) throw new Error(`Expected one task with ${name} ${value}, came ${all.length}.`)
      return one
    },
  }
}

export const told = (results: readonly StandaloneResult[]): readonly string[] =>
  results.map(result => ('code' in result ? result.code : result.kind))

export const adjustmentsOf = (results: readonly StandaloneResult[]): readonly (readonly string[])[] =>
  results.map(result => (result.kind === 'put' ? (result.adjustments ?? []) : []))

export const addTask = async (
  account: Awaited<ReturnType<typeof openTasks>>['account'],
  properties: Record<string, string>,
): Promise<string> =>
  (
    await account.call('POST', '/crm/v3/objects/tasks', {
      properties: { hs_timestamp: '2026-03-01T09:00:00Z', ...properties },
    })
  ).body.id
