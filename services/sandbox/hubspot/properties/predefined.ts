import { LIFECYCLE_STAGES } from '../objects/object-types.ts'
import { ACTIVITY_ROWS, OF_EVERY_ACTIVITY } from './activity-rows.ts'
import { INDUSTRIES } from './industries.ts'
import { OF_EVERY_RECORD, type PropertyType, type Row } from './row.ts'

export interface PropertyOption {
  readonly label: string
  readonly value: string
  readonly displayOrder: number
  readonly hidden: boolean
  readonly description?: string
}

/** A property definition in the shape in which HubSpot returns it. */
export interface PropertyDefinition {
  readonly name: string
  readonly label: string
  readonly type: PropertyType
  readonly fieldType: string
  readonly groupName: string
  readonly description: string
  readonly options: readonly PropertyOption[]
  readonly displayOrder: number
  readonly hasUniqueValue: boolean
  readonly hidden: boolean
  readonly formField: boolean
  readonly calculated: boolean
  readonly externalOptions: boolean
  readonly archived: boolean
  readonly hubspotDefined: boolean
  readonly modificationMetadata: {
    readonly archivable: boolean
    readonly readOnlyDefinition: boolean
    readonly readOnlyValue: boolean
  }
  readonly createdAt?: string
  readonly updatedAt?: string
}

export interface PropertyGroup {
  readonly name: string
  readonly label: string
  readonly displayOrder: number
  readonly archived: boolean
}

const FIELD_TYPES: Readonly<Record<PropertyType, string>> = {
  bool: 'booleancheckbox',
  date: 'date',
  datetime: 'date',
  enumeration: 'select',
  number: 'number',
  phone_number: 'phonenumber',
  string: 'text',
}

const BOOLEANS = ['true', 'false']
const LEAD_STATUSES = [
  'NEW',
  'OPEN',
  'IN_PROGRESS',
  'OPEN_DEAL',
  'UNQUALIFIED',
  'ATTEMPTED_TO_CONTACT',
  'CONNECTED',
  'BAD_TIMING',
]
const COMPANY_TYPES = ['PROSPECT', 'PARTNER', 'RESELLER', 'VENDOR', 'OTHER']
const SOURCES = [
  'ORGANIC_SEARCH',
  'PAID_SEARCH',
  'EMAIL_MARKETING',
  'SOCIAL_MEDIA',
  'REFERRALS',
  'OTHER_CAMPAIGNS',
  'DIRECT_TRAFFIC',
  'OFFLINE',
  'PAID_SOCIAL',
]

/** What contacts and companies have. */
const COMMON: readonly Row[] = [
  ['createdate', 'Create date', 'datetime', 'read-only'],
  ...OF_EVERY_RECORD,
  ['hs_merged_object_ids', 'Merged record IDs', 'string', 'read-only'],
  ['hs_pipeline', 'Pipeline', 'string', 'read-only'],
  ['lifecyclestage', 'Lifecycle stage', 'enumeration', 'writable', LIFECYCLE_STAGES],
  ['phone', 'Phone number', 'string', 'writable'],
  ['address', 'Street address', 'string', 'writable'],
  ['city', 'City', 'string', 'writable'],
  ['state', 'State/Region', 'string', 'writable'],
  ['zip', 'Postal code', 'string', 'writable'],
  ['country', 'Country/Region', 'string', 'writable'],
  ['hs_analytics_source', 'Original traffic source', 'enumeration', 'read-only', SOURCES],
  ['hs_analytics_source_data_1', 'Original traffic source drill-down 1', 'string', 'read-only'],
  ['hs_analytics_source_data_2', 'Original traffic source drill-down 2', 'string', 'read-only'],
]

const CONTACTS: readonly Row[] = [
  ['email', 'Email', 'string', 'writable'],
  ['hs_additional_emails', 'Additional email addresses', 'string', 'writable'],
  ['hs_email_domain', 'Email domain', 'string', 'read-only'],
  ['hs_all_contact_vids', 'Merged contact IDs', 'string', 'read-only'],
  ['hs_is_unworked', 'Contact unworked', 'bool', 'read-only', BOOLEANS],
  ['lastmodifieddate', 'Last modified date', 'datetime', 'read-only'],
  ['firstname', 'First name', 'string', 'writable'],
  ['lastname', 'Last name', 'string', 'writable'],
  ['salutation', 'Salutation', 'string', 'writable'],
  ['jobtitle', 'Job title', 'string', 'writable'],
  ['company', 'Company name', 'string', 'writable'],
  ['website', 'Website URL', 'string', 'writable'],
  ['mobilephone', 'Mobile phone number', 'string', 'writable'],
  ['message', 'Message', 'string', 'writable'],
  ['industry', 'Industry', 'string', 'writable'],
  ['annualrevenue', 'Annual revenue', 'string', 'writable'],
  ['numemployees', 'Number of employees', 'string', 'writable'],
  ['hs_language', 'Preferred language', 'string', 'writable'],
  ['hs_timezone', 'Time zone', 'string', 'writable'],
  ['hs_lead_status', 'Lead status', 'enumeration', 'writable', LEAD_STATUSES],
  ['hs_latest_source', 'Latest traffic source', 'enumeration', 'read-only', SOURCES],
  ['hs_latest_source_data_1', 'Latest traffic source drill-down 1', 'string', 'read-only'],
  ['hs_latest_source_data_2', 'Latest traffic source drill-down 2', 'string', 'read-only'],
  ['hs_latest_source_timestamp', 'Latest traffic source date', 'datetime', 'read-only'],
]

const COMPANIES: readonly Row[] = [
  ['name', 'Company name', 'string', 'writable'],
  ['domain', 'Company domain name', 'string', 'writable'],
  ['website', 'Website URL', 'string', 'writable'],
  ['description', 'Description', 'string', 'writable'],
  ['industry', 'Industry', 'enumeration', 'writable', INDUSTRIES],
  ['type', 'Type', 'enumeration', 'writable', COMPANY_TYPES],
  ['annualrevenue', 'Annual revenue', 'number', 'writable'],
  ['numberofemployees', 'Number of employees', 'number', 'writable'],
  ['founded_year', 'Year founded', 'string', 'writable'],
  ['timezone', 'Time zone', 'string', 'writable'],
  ['linkedin_company_page', 'LinkedIn company page', 'string', 'writable'],
  ['hs_lead_status', 'Lead status', 'enumeration', 'writable', LEAD_STATUSES],
]

const DEALS: readonly Row[] = [
  ['createdate', 'Create date', 'datetime', 'read-only'],
  ...OF_EVERY_RECORD,
  ['hs_merged_object_ids', 'Merged record IDs', 'string', 'read-only'],
  ['dealname', 'Deal name', 'string', 'writable'],
  ['amount', 'Amount', 'number', 'writable'],
  ['closedate', 'Close date', 'datetime', 'writable'],
  ['dealstage', 'Deal stage', 'enumeration', 'writable', 'external'],
  ['pipeline', 'Pipeline', 'enumeration', 'writable', 'external'],
  ['description', 'Deal description', 'string', 'writable'],
  ['hs_analytics_source', 'Original traffic source', 'enumeration', 'read-only', SOURCES],
  ['hs_analytics_source_data_1', 'Original traffic source drill-down 1', 'string', 'read-only'],
  ['hs_analytics_source_data_2', 'Original traffic source drill-down 2', 'string', 'read-only'],
]

const definition = (groupName: string, [name, label, type, writable, options]: Row): PropertyDefinition => ({
  name,
  label,
  type,
  fieldType: FIELD_TYPES[type],
  groupName,
  description: '',
  options: options === 'external' ? [] : (options ?? []).map(namedOption),
  displayOrder: -1,
  hasUniqueValue: false,
  hidden: false,
  formField: writable === 'writable',
  calculated: false,
  externalOptions: options === 'external',
  archived: false,
  hubspotDefined: true,
  modificationMetadata: { archivable: false, readOnlyDefinition: true, readOnlyValue: writable === 'read-only' },
})

const namedOption = (value: string, displayOrder: number): PropertyOption => ({
  label: value,
  value,
  displayOrder,
  hidden: false,
})

const group = (name: string, label: string): PropertyGroup => ({ name, label, displayOrder: -1, archived: false })

interface Predefined {
  readonly groups: readonly PropertyGroup[]
  readonly properties: readonly PropertyDefinition[]
}

const inOneGroup = (name: string, label: string, rows: readonly Row[]): Predefined => ({
  groups: [group(name, label)],
  properties: rows.map(row => definition(name, row)),
})

/** Each activity has a group of its own, named as one of it, and one that all have. */
const ofActivity = (objectType: string, rows: readonly Row[]): Predefined => {
  const own = objectType.replace(/s$/, '')
  return {
    groups: [group('engagement', 'Engagement information'), group(own, `${own} information`)],
    properties: [
      ...[...OF_EVERY_RECORD, ...OF_EVERY_ACTIVITY].map(row => definition('engagement', row)),
      ...rows.map(row => definition(own, row)),
    ],
  }
}

/** The properties and groups that a portal has before anybody adds one, by object type: those that matter to integrations. */
export const PREDEFINED: Readonly<Record<string, Predefined>> = {
  contacts: inOneGroup('contactinformation', 'Contact information', [...COMMON, ...CONTACTS]),
  companies: inOneGroup('companyinformation', 'Company information', [...COMMON, ...COMPANIES]),
  deals: inOneGroup('dealinformation', 'Deal information', DEALS),
  ...Object.fromEntries(Object.entries(ACTIVITY_ROWS).map(([name, rows]) => [name, ofActivity(name, rows)])),
}
