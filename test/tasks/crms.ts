import type { Task } from '../../schemas/generated.ts'
import { type DeliveredFields, joinSets } from '../../services/delivery/lanes/joining.ts'
import type { FieldValue, Person } from '../../topology/define.ts'
import { writeOf } from '../delivery/delivering.ts'

export const at = Date.parse('2026-03-04T15:00:00Z')

type Values = Readonly<Record<string, FieldValue>>

/** A task as a CRM holds it, or held it. */
interface Held {
  readonly id: string
  readonly values: Values
  readonly deleted: boolean
  /** Milliseconds after `at`. */
  readonly modified: number
  readonly byUs: boolean
  readonly changes: Readonly<Record<string, { readonly at: number; readonly ours: boolean }>>
}

/** What a consumer asked of one CRM. */
export interface AskedOf {
  readonly fields: Values
  readonly revision: number
}

/** What is particular to a CRM. */
interface Kind {
  readonly system: Task['system']
  readonly idOf: (made: number) => string
  readonly deletedField: string
  readonly ownerField: string
  readonly whoField: string
  readonly companyField: string
  /** How it names companies. */
  readonly companyAlias: string
  /** Whether it tells of each field when and by whom it was changed. */
  readonly tellsEach: boolean
}

const kinds = {
  hubspot: {
    ...{ system: 'HUBSPOT', idOf: made => String(5000 + made), deletedField: 'deleted' },
    ...{ ownerField: 'hubspot_owner_id', whoField: 'contact', tellsEach: true },
    ...{ companyField: 'company', companyAlias: 'hubspot:company' },
  },
  salesforce: {
    ...{ system: 'SALESFORCE', idOf: made => `00T${String(made).padStart(15, '0')}`, deletedField: 'IsDeleted' },
    ...{ ownerField: 'OwnerId', whoField: 'WhoId', tellsEach: false },
    ...{ companyField: 'WhatId', companyAlias: 'salesforce:account' },
  },
} as const satisfies Readonly<Record<string, Kind>>

export const ada: Person = {
  id: '332bd0ca5ee285b3f3b6',
  aliases: ['email:ada@example.com', 'hubspot:contact:501', 'salesforce:contact:003Hx00003KdPYAIA3'],
  emails: ['ada@example.com'],
  attributes: {},
}
export const bob: Person = {
  id: '8a61f3b27b1c0bd7f0aa',
  aliases: ['email:bob@example.com', 'salesforce:lead:00QHx0000012345MAA', 'hubspot:contact:502'],
  emails: ['bob@example.com'],
  attributes: {},
}
export const people = [ada, bob] as const

/** A company in both CRMs, by the id of its record and the names that either knows it by. */
export interface Company {
  readonly hubspot: { readonly id: string; readonly names: readonly string[] }
  readonly salesforce: { readonly id: string; readonly names: readonly string[] }
}

const accountOf = (number: number): string => `001${String(number).padStart(12, '0')}AAA`
const accountName = (number: number): string => `salesforce:account:${accountOf(number)}`
/** One that HubSpot knows the account of, one that has the domain in common only, one of which Salesforce knows no domain, and one without a domain. */
export const companies: readonly Company[] = [
  {
    hubspot: { id: '901', names: [accountName(1), 'domain:one.example'] },
    salesforce: { id: accountOf(1), names: [accountName(1), 'domain:other.example'] },
  },
  {
    hubspot: { id: '902', names: ['domain:two.example'] },
    salesforce: { id: accountOf(2), names: [accountName(2), 'domain:two.example'] },
  },
  {
    hubspot: { id: '903', names: [accountName(3), 'domain:three.example'] },
    salesforce: { id: accountOf(3), names: [accountName(3)] },
  },
]

/** The company that a sink finds by the names in a write. */
const companyIdBy = (value: string, vendor: 'hubspot' | 'salesforce'): string | undefined =>
  value
    .split(' ')
    .map(name => companies.find(one => one[vendor].names.includes(name)))
    .find(one => one !== undefined)?.[vendor].id

/** Which of the companies it is, by the id of its record. */
export const companyOf = (id: FieldValue, vendor: 'hubspot' | 'salesforce'): number | null =>
  id === null || id === undefined ? null : companies.findIndex(one => one[vendor].id === id)

/** Who has the record. */
export const personOf = (alias: string | null): Person | null =>
  people.find(({ aliases }) => alias !== null && aliases.includes(alias)) ?? null

const aliasIn = ({ aliases }: Person, vendor: string): string =>
  aliases.find(alias => alias.startsWith(`${vendor}:`)) ?? ''

/** One CRM with the sink that writes to it. */
export class Crm {
  readonly #kind: Kind
  readonly #vendor: 'hubspot' | 'salesforce'
  readonly #history: Held[] = []
  readonly #waiting: AskedOf[] = []
  #delivered: DeliveredFields = {}
  #made = 0
  /** Requests that changed or repeated something here. */
  requests = 0

  constructor(vendor: 'hubspot' | 'salesforce') {
    this.#vendor = vendor
    this.#kind = kinds[vendor]
  }

  get task(): Held | undefined {
    return this.#history.at(-1)
  }

  create(values: Values, now: number, byUs = false): void {
    const changes = Object.fromEntries(Object.keys(values).map(name => [name, { at: now, ours: byUs }]))
    const id = this.#kind.idOf(++this.#made)
    this.#history.push({ id, values, deleted: false, modified: now, byUs, changes })
  }

  /** What somebody does there, or we do. Nothing is done to a deleted task but to restore it. */
  change(values: Values, now: number, byUs = false): void {
    const task = this.task
    if (!task || task.deleted) return
    const other = Object.entries(values).filter(([name, value]) => (task.values[name] ?? null) !== value)
    if (other.length === 0) return
    const changes = Object.fromEntries(other.map(([name]) => [name, { at: now, ours: byUs }]))
    this.#history.push({
      ...task,
      values: { ...task.values, ...Object.fromEntries(other) },
      ...{ modified: now, byUs, changes: { ...task.changes, ...changes } },
    })
  }

  remove(deleted: boolean, now: number, byUs = false): void {
    const task = this.task
    if (task && task.deleted !== deleted) this.#history.push({ ...task, deleted, modified: now, byUs })
  }

  ask(asked: AskedOf): void {
    this.#waiting.push(asked)
  }

  /** The sink sends some of what waits, joined as it joins them. */
  deliver(count: number, now: number): void {
    const writes = this.#waiting
      .splice(0, count)
      .map(({ fields, revision }) =>
        writeOf('vendor', { person: 'p', fields, revision, shared: true, eventId: String(revision), time: at }),
      )
    const { fields, delivered } = joinSets(writes, this.#delivered)
    if (Object.keys(fields).length === 0) return
    this.requests += 1
    if (this.#apply(fields, now)) this.#delivered = delivered
  }

  #apply(asked: Values, now: number): boolean {
    const { companyField, deletedField, ownerField } = this.#kind
    const { [deletedField]: deleted, ...values } = asked
    const owner = values[ownerField]
    const company = values[companyField]
    const fields = {
      ...values,
      ...(typeof owner === 'string' ? { [ownerField]: owner.split(' ')[0] ?? null } : {}),
      ...(typeof company === 'string' ? { [companyField]: companyIdBy(company, this.#vendor) ?? null } : {}),
    }
    if (deleted === true) this.remove(true, now, true)
    else if (deleted === false && (!this.task || this.task.deleted)) this.create(fields, now, true)
    else if (!this.task || this.task.deleted) return false
    else this.change(fields, now, true)
    return true
  }

  /** The event of a reading. @param ago how many changes ago: it may lag */
  read(link: string, ago: number): Omit<Task, 'receivedAt'> | undefined {
    const task = this.#history.at(Math.max(-1 - ago, -this.#history.length))
    if (!task) return undefined
    const { system, ownerField, whoField, companyField, companyAlias, tellsEach } = this.#kind
    const { [ownerField]: owner = null, [whoField]: who = null, [companyField]: on = null, ...fields } = task.values
    const company = companies.find(one => one[this.#vendor].id === on)?.[this.#vendor]
    const related = company ? [{ alias: `${companyAlias}:${company.id}`, names: [...company.names] }] : []
    const alias =
      who === null
        ? null
        : aliasIn(people.find(one => aliasIn(one, this.#vendor).endsWith(`:${who}`)) ?? ada, this.#vendor)
    return {
      eventId: `${system}:${task.id}:${this.#history.indexOf(task)}`,
      source: `${this.#vendor}:default`,
      occurredAt: at + task.modified,
      ...{ system, record: task.id, change: task.deleted ? 'DELETED' : 'UPDATED', activity: 'TASK' },
      people: alias === null ? [] : [alias],
      ...{
        relatedTo: related[0]?.alias ?? null,
        related,
        others: null,
        owner: owner === null ? null : `email:${owner}`,
      },
      ...{ fields, changedBy: null, link, person: alias, recordOwner: null, createdAt: at },
      changes: tellsEach
        ? Object.fromEntries(Object.entries(task.changes).map(([name, one]) => [name, { ...one, at: at + one.at }]))
        : {},
      ours: task.byUs,
    }
  }
}

/** The person's record as the CRM names it. */
export const recordIn = (person: Person, vendor: 'hubspot' | 'salesforce'): string =>
  aliasIn(person, vendor).split(':')[2] ?? ''
