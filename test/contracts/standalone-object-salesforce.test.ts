import type { TestContext } from 'node:test'
import type { StandaloneObject } from '../../services/delivery/destination.ts'
import type { FieldValue } from '../../topology/define.ts'
import { activityIn, openOrg, paths } from '../sinks/salesforce-org.ts'
import { type StandaloneHarness, standaloneContract } from './standalone-object.contract.ts'

type Fields = Readonly<Record<string, FieldValue>>

const answers = {
  token: { status: 401, body: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }] },
  limit: { status: 400, body: [{ message: 'unable to obtain exclusive access', errorCode: 'UNABLE_TO_LOCK_ROW' }] },
  busy: { status: 503, body: [{ message: 'Server Unavailable', errorCode: 'SERVER_UNAVAILABLE' }] },
}

/** Of the tasks with this priority the suite speaks. */
const Priority = 'High'

const harness = async (context: TestContext) => {
  const org = await openOrg(context)
  const held = async (): Promise<Fields[]> =>
    (await org.query('SELECT Id, Subject, Type, Priority, ActivityDate FROM Task WHERE IsDeleted = false')).filter(
      task => task['Priority'] === Priority,
    ) as Fields[]
  const fields = (number: number): Fields => ({
    ...{ Subject: `Call ${number}`, Status: 'Not Started', Priority, Type: 'Call', ActivityDate: `2026-10-1${number}` },
    ...{ Description: null, OwnerId: null, WhoId: null, IsDeleted: false },
  })
  const disturb: StandaloneHarness['disturb'] = async how => {
    if (how === 'reset' || how === 'reset-after-apply') await org.disturb(paths.collections, how)
    // A token that is refused is renewed once.
    else await org.disturb(paths.collections, answers[how], how === 'token' ? 2 : 1)
  }
  return {
    org,
    ...{ destination: org.destination, object: 'activity', held, fields, disturb },
    refused: { fields: { ...fields(1), Status: 'poison-value' } },
    kept: (number: number) => ({ Subject: `Call ${number}`, ActivityDate: `2026-10-1${number}` }),
  }
}

standaloneContract('Salesforce tasks that are copies', async context => ({
  ...(await harness(context)),
  change: { Type: 'Email' },
}))

/** Such a task is there before anything is written to it, so each key of the suite stands for one that is made when it is first named. */
standaloneContract('Salesforce tasks of its own', async context => {
  const { org, ...given } = await harness(context)
  const activity = activityIn(org)
  const keys = new Map<string, string>([['key-none', 'salesforce:task:00T000000000009EAA']])
  const keysOf = async (names: readonly string[]): Promise<string[]> => {
    for (const name of names)
      if (!keys.has(name)) keys.set(name, `salesforce:task:${await org.add('Task', { Subject: name })}`)
    return names.map(name => keys.get(name) ?? '')
  }
  const byName: StandaloneObject = {
    ...activity,
    put: async (inputs, signal) => {
      const own = await keysOf(inputs.map(({ key }) => key))
      return await activity.put(
        inputs.map((input, index) => ({ ...input, key: own[index] ?? '' })),
        signal,
      )
    },
    read: async (names, fields, signal) => (await activity.read?.(await keysOf(names), fields, signal)) ?? [],
  }
  return { ...given, destination: { ...org.destination, objects: { activity: byName } } }
})
