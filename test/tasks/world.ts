import type { Task } from '../../schemas/generated.ts'
import { taskLinksBy } from '../../services/consumers/task-links.ts'
import type { TaskFieldName } from '../../services/tasks/fields.ts'
import { readHubSpot } from '../../services/tasks/hubspot.ts'
import { readyTaskSync, type TaskMapping } from '../../services/tasks/mapping.ts'
import { heldBySalesforce, readSalesforce } from '../../services/tasks/salesforce.ts'
import type { FieldValue } from '../../topology/define.ts'
import { taskSync } from '../../topology/tasks.ts'
import { drive } from '../consumers/drive.ts'
import { at, Crm, companies, companyOf, people, personOf, recordIn } from './crms.ts'

export type Side = 'hubspot' | 'salesforce'
export const sides = ['hubspot', 'salesforce'] as const
/** What people edit, each by the field in either CRM. */
export const edited = ['subject', 'body', 'status', 'priority', 'type', 'due', 'owner', 'who', 'company'] as const

export type Command =
  | { readonly kind: 'edit'; readonly side: Side; readonly field: (typeof edited)[number]; readonly value: number }
  | { readonly kind: 'delete' | 'restore'; readonly side: Side }
  | { readonly kind: 'read'; readonly side: Side; readonly ago: number; readonly times: number }
  | { readonly kind: 'deliver'; readonly side: Side; readonly count: number }
  | { readonly kind: 'receive' | 'repeat'; readonly which: number }

export const mapping: TaskMapping = readyTaskSync(taskSync)
const users = ['alex@example.com', 'sam@example.com', 'kim@example.com']

const pick = <Item>(items: readonly Item[], index: number): Item => items[index % items.length] as Item

/** A value of a field as each CRM has it; texts differ from each other, so that the last can be told. */
const valuesFor = (field: (typeof edited)[number], value: number, side: Side): Readonly<Record<string, FieldValue>> => {
  const day = new Date(at + value * 86_400_000).toISOString().slice(0, 10)
  const [person, user] = [pick(people, value), pick(users, value)]
  const company = pick(companies, value)
  const { statuses, priorities, types } = mapping
  const values = {
    subject: [`Call ${value}`, `Call ${value}`],
    body: [`<p>Say <b>${value}</b></p>`, `Say\n\n${value}`],
    status: [pick(statuses, value).hubspot, pick(statuses, value).salesforce],
    priority: [pick(priorities, value).hubspot, pick(priorities, value).salesforce],
    type: [pick(types, value).hubspot, pick(types, value).salesforce],
    due: [`${day}T16:30:00Z`, day],
    owner: [user, user],
    who: [recordIn(person, 'hubspot'), recordIn(person, 'salesforce')],
    company: value % 5 === 0 ? [null, null] : [company.hubspot.id, company.salesforce.id],
  } as const satisfies Readonly<Record<string, readonly [FieldValue, FieldValue]>>
  return { [fieldNames[field][side]]: values[field][side === 'hubspot' ? 0 : 1] }
}

const fieldNames: Readonly<Record<(typeof edited)[number], Readonly<Record<Side, string>>>> = {
  subject: { hubspot: 'hs_task_subject', salesforce: 'Subject' },
  body: { hubspot: 'hs_task_body', salesforce: 'Description' },
  status: { hubspot: 'hs_task_status', salesforce: 'Status' },
  priority: { hubspot: 'hs_task_priority', salesforce: 'Priority' },
  type: { hubspot: 'hs_task_type', salesforce: 'Type' },
  due: { hubspot: 'hs_timestamp', salesforce: 'ActivityDate' },
  owner: { hubspot: 'hubspot_owner_id', salesforce: 'OwnerId' },
  who: { hubspot: 'contact', salesforce: 'WhoId' },
  company: { hubspot: 'company', salesforce: 'WhatId' },
}

/** A task that somebody made in one CRM, both CRMs, and the consumer between them. */
export class World {
  readonly crms: Readonly<Record<Side, Crm>> = { hubspot: new Crm('hubspot'), salesforce: new Crm('salesforce') }
  readonly #consumer = drive(taskLinksBy(() => mapping))
  readonly #link: string
  readonly #underway: Omit<Task, 'receivedAt'>[] = []
  readonly #sent: Omit<Task, 'receivedAt'>[] = []
  #now = 1
  edits = 1

  constructor(birth: Side) {
    const all = Object.assign({}, ...edited.map((field, index) => valuesFor(field, index, birth)))
    this.crms[birth].create(all, 0)
    this.#link = `${birth}:task:${this.crms[birth].task?.id}`
  }

  run(command: Command): void {
    this.#now += 180_000
    if (command.kind === 'edit') this.#edit(command)
    else if (command.kind === 'read') this.#read(command.side, command.ago, command.times)
    else if (command.kind === 'deliver') this.crms[command.side].deliver(command.count, this.#now)
    else if (command.kind === 'receive') this.#receive(command.which)
    else if (command.kind === 'repeat') this.#repeat(command.which)
    else if ('side' in command) this.#remove(command.kind === 'delete', command.side)
  }

  /** Events that were sent and have not come. */
  get underway(): number {
    return this.#underway.length
  }

  get requests(): number {
    return this.crms.hubspot.requests + this.crms.salesforce.requests
  }

  /** Everything arrives, and both are read until that leads to no request. Gives how often that took. */
  settle(): number {
    for (let round = 1; round < 20; round++) {
      const before = this.requests
      for (const side of sides) this.#readNews(side)
      while (this.#receive(0)) this.#now += 1
      this.#now += 180_000
      for (const side of sides) this.crms[side].deliver(100, this.#now)
      if (this.requests === before) return round
    }
    return Number.POSITIVE_INFINITY
  }

  /** What a CRM holds, in the words in which both are compared. */
  held(side: Side): Readonly<Record<string, unknown>> | 'deleted' {
    const task = this.crms[side].task
    const event = this.crms[side].read(this.#link, 0)
    if (!task || !event || task.deleted) return 'deleted'
    const read =
      side === 'hubspot'
        ? Object.fromEntries(Object.entries(readHubSpot(event, mapping)).map(([name, { value }]) => [name, value]))
        : readSalesforce(event, this.#link, mapping)
    // Salesforce knows fewer priorities, so what HubSpot holds is compared as Salesforce would hold it.
    const same = Object.entries(read).map(([name, value]) => [
      name,
      heldBySalesforce(name as TaskFieldName, value ?? null, this.#link, mapping),
    ])
    return {
      ...Object.fromEntries(same),
      owner: event.owner,
      who: personOf(event.person)?.id,
      company: companyOf(task.values[fieldNames.company[side]] ?? null, side),
    }
  }

  /** Of what is set back to what it was, while something else is under way, it cannot be known that it was. So what has few values is edited when all is told. */
  #edit({ side, field, value }: Extract<Command, { readonly kind: 'edit' }>): void {
    if (!this.crms[side].task) return
    this.edits += 1
    const isUnique = field === 'subject' || field === 'body' || field === 'due'
    if (!isUnique) this.settle()
    this.crms[side].change(valuesFor(field, isUnique ? this.edits + 100 : value, side), this.#now)
  }

  /**
   * Of what was deleted or restored before the other side had heard of the last time nothing can be known: it looks like a reading from before. So all is told before, and of a
   * restoration also after it.
   */
  #remove(deleted: boolean, side: Side): void {
    this.edits += 1
    this.settle()
    this.crms[side].remove(deleted, this.#now)
    if (!deleted) this.settle()
  }

  /** Nothing is told twice without cause. */
  #readNews(side: Side): void {
    const event = this.crms[side].read(this.#link, 0)
    if (event && !this.#sent.some(({ eventId }) => eventId === event.eventId)) this.#read(side, 0, 1)
  }

  #read(side: Side, ago: number, times: number): void {
    const event = this.crms[side].read(this.#link, ago)
    if (!event) return
    this.#sent.push(event)
    for (let time = 0; time < times; time++) this.#underway.push(event)
  }

  #repeat(which: number): void {
    const event = this.#sent.at(-1 - which)
    if (event) this.#underway.push(event)
  }

  #receive(which: number): boolean {
    const [event] = this.#underway.splice(which % Math.max(1, this.#underway.length), 1)
    if (!event) return false
    const told = { ...event, receivedAt: at + this.#now }
    for (const output of this.#consumer.when(told, personOf(event.person))) {
      if (output.kind !== 'write') continue
      const side = output.target.startsWith('hubspot') ? 'hubspot' : 'salesforce'
      this.crms[side].ask({
        fields: output.fields as Readonly<Record<string, FieldValue>>,
        revision: output.contest?.revision ?? 0,
      })
    }
    return true
  }
}
