import type { FieldValue } from '../../../../topology/define.ts'
import { namesIn } from '../../../companies/names.ts'
import type { Fitted } from '../../../delivery/destination.ts'
import { propertyTextLength } from '../limits.ts'
import type { Owners } from './owners.ts'

export type TaskFields = Readonly<Record<string, FieldValue>>

/** Why a task in HubSpot is otherwise than the write says, by the code in the receipt's `adjustments`. In docs/reference.md. */
export const taskAdjustments = {
  HUBSPOT_TASK_SUBJECT_CUT: `the subject is cut to the ${propertyTextLength.toLocaleString('en-US')} characters that HubSpot takes`,
  HUBSPOT_TASK_BODY_CUT: `the body is cut to the ${propertyTextLength.toLocaleString('en-US')} characters that HubSpot takes`,
  OWNER_UNKNOWN:
    'no owner in HubSpot has one of the addresses: who is assigned to the task is left as it is, in a new one nobody',
  CONTACT_GONE: 'the contact was deleted: the task is on no contact',
  COMPANY_UNKNOWN:
    'no company in HubSpot, or more than one, is known by the account or its domain, or the app may not see companies: those that the task is on are left as they are',
} as const satisfies Readonly<Record<string, string>>

export type TaskAdjustment = keyof typeof taskAdjustments

/** Fields that are no properties of the task. */
const contact = 'contact'
const company = 'company'
const deleted = 'deleted'
const assignedTo = 'hubspot_owner_id'

type Cut = (text: string, length: number) => string

/** Up to so many UTF-16 units, without dividing a character. */
const cutText: Cut = (text, length) => text.slice(0, length).replace(/[\uD800-\uDBFF]$/, '')

/** The same of HTML: a tag or an entity is never divided. Elements that stay open, HubSpot closes. */
const cutHtml: Cut = (html, length) =>
  cutText(html, length)
    .replace(/<[^<>]*$/, '')
    .replace(/&[#\w]{0,32}$/, '')

const texts: Readonly<Record<string, { readonly cut: Cut; readonly adjustment: TaskAdjustment }>> = {
  hs_task_subject: { cut: cutText, adjustment: 'HUBSPOT_TASK_SUBJECT_CUT' },
  hs_task_body: { cut: cutHtml, adjustment: 'HUBSPOT_TASK_BODY_CUT' },
}

/** The fields as HubSpot takes them. */
export const fitTask = (fields: TaskFields): Fitted => {
  const adjustments: TaskAdjustment[] = []
  const fitted = Object.entries(fields).map(([name, value]): [string, FieldValue] => {
    const text = texts[name]
    if (!text || typeof value !== 'string' || value.length <= propertyTextLength) return [name, value]
    adjustments.push(text.adjustment)
    return [name, text.cut(value, propertyTextLength)]
  })
  return { fields: Object.fromEntries(fitted), adjustments }
}

/** Whether the write deletes the task. */
export const isDeletion = (fields: TaskFields): boolean => fields[deleted] === true

/** Whether the task shall be there whatever happened before: such a write holds all fields, and no other makes a task. */
export const isWhole = (fields: TaskFields): boolean => fields[deleted] === false

/** Record id of the contact that the task shall be on; null for none, undefined when the write does not say. */
export const contactOf = (fields: TaskFields): string | null | undefined => {
  const id = fields[contact]
  return id === undefined ? undefined : id === null || id === '' ? null : String(id)
}

/** Names of the company that the task relates to; none when it relates to no company, undefined when the write does not say. */
export const companyNamesOf = (fields: TaskFields): readonly string[] | undefined =>
  fields[company] === undefined ? undefined : namesIn(fields[company])

/** Addresses of whom it is to be assigned to, in the order of preference. */
export const addressesIn = (fields: TaskFields): readonly string[] => {
  const value = fields[assignedTo]
  return typeof value === 'string' ? value.split(/\s+/).filter(Boolean) : []
}

/** The properties that are set: texts, of which the empty one clears. */
export const propertiesOf = (
  fields: TaskFields,
  owners: Owners,
): { readonly properties: Record<string, string>; readonly adjustments: readonly TaskAdjustment[] } => {
  const { [contact]: _contact, [company]: _company, [deleted]: _deleted, [assignedTo]: _owner, ...rest } = fields
  const properties = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [name, value === null ? '' : String(value)]),
  )
  if (!(assignedTo in fields)) return { properties, adjustments: [] }
  const addresses = addressesIn(fields)
  const owner = owners.idOf(addresses)
  if (owner === undefined && addresses.length > 0) return { properties, adjustments: ['OWNER_UNKNOWN'] }
  return { properties: { ...properties, [assignedTo]: owner ?? '' }, adjustments: [] }
}

/** What a task holds, as a write would say it. */
export const heldFields = (
  names: readonly string[],
  task: {
    readonly properties: Readonly<Record<string, string | null | undefined>>
    readonly contact: string | null
    /** Its names as a write has them. */
    readonly company: string | null
    readonly owners: Owners
  },
): TaskFields =>
  Object.fromEntries(names.map(name => [name, (readers[name] ?? asText)(task.properties[name] || null, task)]))

type Reader = (value: string | null, task: Parameters<typeof heldFields>[1]) => FieldValue

const asText: Reader = value => value

const readers: Readonly<Record<string, Reader>> = {
  [contact]: (_, task) => task.contact,
  [company]: (_, task) => task.company,
  [deleted]: () => false,
  [assignedTo]: (value, { owners }) => (value === null ? null : (owners.addressOf(value) ?? null)),
  hs_timestamp: value => {
    const at = new Date(/^\d+$/.test(value ?? '') ? Number(value) : (value ?? ''))
    return Number.isNaN(at.getTime()) ? value : at.toISOString()
  },
}

/** Properties to ask for, so that `heldFields` can tell these. */
export const readProperties = (names: readonly string[]): readonly string[] =>
  names.filter(name => name !== contact && name !== company && name !== deleted)

export const readsContact = (names: readonly string[]): boolean => names.includes(contact)
export const readsCompany = (names: readonly string[]): boolean => names.includes(company)
export const readsOwner = (names: readonly string[]): boolean => names.includes(assignedTo)
