import assert from 'node:assert/strict'
import type { EmulatedObject, EmulatedSalesforce } from './sandboxes.ts'
import type { Settings } from './settings.ts'
import type { System } from './system.ts'

/** A task as people know it, in either CRM. */
export interface SharedTask {
  readonly subject: string
  readonly comments: string
  readonly done: boolean
}

/** People who work with tasks in both CRMs, and what they expect to find. Tasks are named by their link (services/tasks). */
export interface SalesTeam {
  /** Makes a task on a contact. */
  makeInHubSpot(contact: string, subject: string): Promise<void>
  /** Makes a task on a contact or lead. */
  makeInSalesforce(who: string, subject: string): Promise<void>
  /** Each changes what the other leaves alone, who works in HubSpot the subject, of any task that is there. */
  renameInHubSpot(chosen: number, subject: string): Promise<void>
  completeInSalesforce(chosen: number, comments: string): Promise<void>
  /** Only of tasks that both had at the last rest: a deletion before the copy is there cannot be told from one after it. */
  deleteInHubSpot(chosen: number): Promise<void>
  deleteInSalesforce(chosen: number): Promise<void>
  /** Throws unless both CRMs hold what people made and did not delete, each once. Then people can work with all of it. */
  rest(): Promise<void>
  /** What people made so far. */
  made(): number
}

export const salesTeam = ({ hubspot, salesforce, settings }: System): SalesTeam => {
  const expected = new Map<string, SharedTask>()
  let atRest: ReadonlySet<string> = new Set()
  let made = 0
  const make = (link: string, subject: string): void => {
    made += 1
    expected.set(link, { subject, comments: '', done: false })
  }
  const change = (link: string, change: Partial<SharedTask>): void => {
    const task = expected.get(link)
    if (task) expected.set(link, { ...task, ...change })
  }
  const isThere = (link: string): boolean => expected.has(link)
  const isAtRest = (link: string): boolean => atRest.has(link) && isThere(link)
  const inHubSpot = async (chosen: number, may = isThere): Promise<readonly [link: string, id: string] | undefined> =>
    pick(await hubspotTasks(hubspot), chosen, may)
  const inSalesforce = async (
    chosen: number,
    may = isThere,
  ): Promise<readonly [link: string, id: string] | undefined> => pick(await salesforceTasks(salesforce), chosen, may)
  return {
    makeInHubSpot: async (contact, subject) => {
      const place = await onPage(settings, '/records/tasks', { contact, hs_task_subject: subject })
      make(`hubspot:task:${place.split('/').at(-1)}`, subject)
    },
    makeInSalesforce: async (who, subject) => {
      const fields = { Subject: subject, WhoId: who, Status: 'Not Started', Priority: 'Normal' }
      const { id } = (await salesforce.act('edit', { object: 'Task', fields })) as { readonly id: string }
      make(`salesforce:task:${id}`, subject)
    },
    renameInHubSpot: async (chosen, subject) => {
      const [link, id] = (await inHubSpot(chosen)) ?? []
      if (link === undefined) return
      await onPage(settings, `/records/tasks/${id}`, { hs_task_subject: subject })
      change(link, { subject })
    },
    completeInSalesforce: async (chosen, comments) => {
      const [link, id] = (await inSalesforce(chosen)) ?? []
      if (link === undefined) return
      await salesforce.act('edit', { object: 'Task', id, fields: { Status: 'Completed', Description: comments } })
      change(link, { comments, done: true })
    },
    deleteInHubSpot: async chosen => {
      const [link, id] = (await inHubSpot(chosen, isAtRest)) ?? []
      if (link === undefined) return
      await onPage(settings, `/records/tasks/${id}/delete`, {})
      expected.delete(link)
    },
    deleteInSalesforce: async chosen => {
      const [link, id] = (await inSalesforce(chosen, isAtRest)) ?? []
      if (link === undefined) return
      await salesforce.act('edit', { object: 'Task', id, operation: 'delete' })
      expected.delete(link)
    },
    rest: async () => {
      assert.deepEqual(shared(await hubspotTasks(hubspot)), sorted(expected), 'HubSpot')
      assert.deepEqual(shared(await salesforceTasks(salesforce)), sorted(expected), 'Salesforce')
      atRest = new Set(expected.keys())
    },
    made: () => made,
  }
}

/** A task that a CRM holds, and its link. */
interface Found extends SharedTask {
  readonly link: string
  readonly id: string
}

const hubspotTasks = async (hubspot: System['hubspot']): Promise<readonly Found[]> =>
  ((await hubspot.state())['tasks'] ?? []).map(({ id, properties }) => ({
    ...{ id, link: text(properties['tributary_id']) || `hubspot:task:${id}` },
    subject: text(properties['hs_task_subject']),
    comments: text(properties['hs_task_body']),
    done: properties['hs_task_status'] === 'COMPLETED',
  }))

const salesforceTasks = async (salesforce: EmulatedSalesforce): Promise<readonly Found[]> =>
  ((await salesforce.state())['Task'] ?? []).map(({ id, properties }: EmulatedObject) => ({
    ...{ id, link: text(properties['Tributary_Id__c']) || `salesforce:task:${id}` },
    subject: text(properties['Subject']),
    comments: text(properties['Description']),
    done: properties['Status'] === 'Completed',
  }))

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const pick = (
  found: readonly Found[],
  chosen: number,
  may: (link: string) => boolean,
): readonly [link: string, id: string] | undefined => {
  const known = found.filter(({ link }) => may(link))
  const one = known[chosen % Math.max(1, known.length)]
  return one && [one.link, one.id]
}

const shared = (found: readonly Found[]): unknown =>
  found.map(({ id: _, ...task }) => task).toSorted((a, b) => a.link.localeCompare(b.link) || compare(a, b))

const sorted = (expected: ReadonlyMap<string, SharedTask>): unknown =>
  shared([...expected].map(([link, task]) => ({ id: '', link, ...task })))

const compare = (a: SharedTask, b: SharedTask): number => a.subject.localeCompare(b.subject)

/** What a form on HubSpot's page does. Gives where it leads. */
const onPage = async (settings: Settings, path: string, fields: Readonly<Record<string, string>>): Promise<string> => {
  const origin = `http://127.0.0.1:${settings['SANDBOX_PORT_BASE']}`
  const answer = await fetch(origin + path, {
    ...{ method: 'POST', redirect: 'manual', headers: { origin } },
    body: new URLSearchParams(fields),
  })
  const place = answer.headers.get('location') ?? ''
  assert.ok(answer.status === 303 && !place.includes('problem='), `${path} was answered with ${answer.status} ${place}`)
  return place
}
