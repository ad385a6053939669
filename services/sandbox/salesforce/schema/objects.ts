import { type Field, field, flag, long, phone, picklist, reference, state, text } from './fields.ts'

export interface SObjectType {
  readonly name: string
  readonly label: string
  readonly plural: string
  /** The first three characters of its records' ids. */
  readonly prefix: string
  readonly deletable: boolean
  readonly mergeable: boolean
  /** Without custom fields, which a `Schema` adds. */
  readonly fields: readonly Field[]
}

const SALUTATIONS = ['Mr.', 'Ms.', 'Mrs.', 'Dr.', 'Prof.', 'Mx.']
const SOURCES = ['Web', 'Phone Inquiry', 'Partner Referral', 'Purchased List', 'Other']
const INDUSTRIES = ['Banking', 'Education', 'Energy', 'Healthcare', 'Manufacturing', 'Retail', 'Technology', 'Other']

const object = (
  name: string,
  prefix: string,
  fields: readonly Field[],
  details: { plural?: string; deletable?: boolean; mergeable?: boolean; owned?: boolean } = {},
): SObjectType => ({
  name,
  label: name,
  plural: details.plural ?? `${name}s`,
  prefix,
  deletable: details.deletable ?? true,
  mergeable: details.mergeable ?? false,
  fields: [
    field('Id', 'id', { label: `${name} ID`, length: 18, access: 'read' }),
    flag('IsDeleted', 'read'),
    ...(details.mergeable ? [reference('MasterRecordId', [name], { access: 'read' })] : []),
    ...(details.owned === false ? [] : [reference('OwnerId', ['User'], { required: true })]),
    ...fields,
    field('CreatedDate', 'datetime', { access: 'read' }),
    reference('CreatedById', ['User'], { access: 'read' }),
    field('LastModifiedDate', 'datetime', { access: 'read' }),
    reference('LastModifiedById', ['User'], { access: 'read' }),
    field('SystemModstamp', 'datetime', { access: 'read' }),
  ],
})

/** `Name` is made of the others. */
const personName = [
  text('LastName', 80, { required: true }),
  text('FirstName', 40),
  picklist('Salutation', SALUTATIONS),
  text('Name', 121, { access: 'read', label: 'Full Name' }),
]

const address = (prefix: string): Field[] => [
  field(`${prefix}Street`, 'textarea', { length: 255 }),
  text(`${prefix}City`, 40),
  text(`${prefix}State`, 80),
  text(`${prefix}PostalCode`, 20),
  text(`${prefix}Country`, 80),
]

const reachable = [field('Email', 'email', { length: 80 }), phone('Phone'), phone('MobilePhone')]

const account = object(
  'Account',
  '001',
  [
    text('Name', 255, { required: true, label: 'Account Name' }),
    picklist('Type', ['Prospect', 'Customer', 'Partner', 'Other']),
    picklist('Industry', INDUSTRIES),
    phone('Phone'),
    field('Website', 'url', { length: 255 }),
    reference('ParentId', ['Account']),
    ...address('Billing'),
    field('NumberOfEmployees', 'int'),
    field('AnnualRevenue', 'currency'),
    picklist('AccountSource', SOURCES),
    long('Description', 32_000),
  ],
  { mergeable: true },
)

const contact = object(
  'Contact',
  '003',
  [
    reference('AccountId', ['Account']),
    ...personName,
    ...reachable,
    text('Title', 128),
    text('Department', 80),
    picklist('LeadSource', SOURCES),
    reference('ReportsToId', ['Contact']),
    field('Birthdate', 'date'),
    ...address('Mailing'),
    flag('HasOptedOutOfEmail'),
    long('Description', 32_000),
  ],
  { mergeable: true },
)

const LEAD_STATES = ['Open - Not Contacted', 'Working - Contacted', 'Closed - Converted', 'Closed - Not Converted']

const lead = object(
  'Lead',
  '00Q',
  [
    ...personName,
    text('Title', 128),
    text('Company', 255, { required: true }),
    ...reachable,
    field('Website', 'url', { length: 255 }),
    ...address(''),
    picklist('LeadSource', SOURCES),
    state('Status', LEAD_STATES, 'Open - Not Contacted'),
    picklist('Industry', INDUSTRIES),
    picklist('Rating', ['Hot', 'Warm', 'Cold']),
    field('NumberOfEmployees', 'int'),
    field('AnnualRevenue', 'currency'),
    flag('HasOptedOutOfEmail'),
    flag('IsConverted', 'read'),
    field('ConvertedDate', 'date', { access: 'read' }),
    reference('ConvertedAccountId', ['Account'], { access: 'read' }),
    reference('ConvertedContactId', ['Contact'], { access: 'read' }),
    reference('ConvertedOpportunityId', ['Opportunity'], { access: 'read' }),
    long('Description', 32_000),
  ],
  { mergeable: true },
)

const TASK_STATES = ['Not Started', 'In Progress', 'Completed', 'Waiting on someone else', 'Deferred']
const SUBTYPES = ['Task', 'Email', 'Call', 'ListEmail', 'Cadence', 'LinkedIn']

/** facts/salesforce.md §6. */
const task = object('Task', '00T', [
  reference('WhoId', ['Contact', 'Lead'], { label: 'Name ID' }),
  reference('WhatId', ['Account', 'Opportunity'], { label: 'Related To ID' }),
  field('Subject', 'combobox', { length: 255, values: ['Call', 'Email', 'Send Letter', 'Send Quote', 'Other'] }),
  field('ActivityDate', 'date', { label: 'Due Date Only' }),
  state('Status', TASK_STATES, 'Not Started'),
  state('Priority', ['High', 'Normal', 'Low'], 'Normal'),
  picklist('Type', ['Call', 'Email', 'Meeting', 'Other']),
  picklist('TaskSubtype', SUBTYPES, { access: 'create', restricted: true, defaultValue: 'Task' }),
  reference('AccountId', ['Account'], { access: 'read' }),
  flag('IsHighPriority', 'read'),
  flag('IsClosed', 'read'),
  flag('IsArchived', 'read'),
  field('CompletedDateTime', 'datetime', { access: 'read' }),
  flag('IsReminderSet'),
  field('ReminderDateTime', 'datetime'),
  flag('IsRecurrence', 'read'),
  field('CallDurationInSeconds', 'int'),
  picklist('CallType', ['Internal', 'Inbound', 'Outbound'], { restricted: true }),
  text('CallDisposition', 255),
  text('CallObject', 255),
  long('Description', 32_000),
])

/**
 * There only with shared activities. A row is created and deleted, never changed. A task's own WhoId and WhatId get no rows here; whether they have some in an org is not known. Object
 * Reference, TaskRelation (developer.salesforce.com, object_reference/sforce_api_objects_taskrelation.htm); its ids begin with 0RT.
 */
export const taskRelation = object(
  'TaskRelation',
  '0RT',
  [
    reference('TaskId', ['Task'], { required: true, access: 'create' }),
    reference('RelationId', ['Contact', 'Lead', 'Account', 'Opportunity'], { required: true, access: 'create' }),
    flag('IsWhat', 'create'),
    reference('AccountId', ['Account'], { access: 'read' }),
  ],
  { owned: false },
)

const opportunity = object(
  'Opportunity',
  '006',
  [
    reference('AccountId', ['Account']),
    text('Name', 120, { required: true }),
    picklist('StageName', ['Prospecting', 'Qualification', 'Negotiation', 'Closed Won', 'Closed Lost'], {
      required: true,
      label: 'Stage',
    }),
    field('CloseDate', 'date', { required: true }),
    field('Amount', 'currency'),
    flag('IsClosed', 'read'),
    flag('IsWon', 'read'),
    long('Description', 32_000),
  ],
  { plural: 'Opportunities' },
)

const user = object(
  'User',
  '005',
  [
    text('Username', 80, { required: true, unique: true }),
    text('LastName', 80, { required: true }),
    text('FirstName', 40),
    text('Name', 121, { access: 'read', label: 'Full Name' }),
    field('Email', 'email', { length: 128, required: true }),
    text('Alias', 8),
    flag('IsActive', 'write', true),
  ],
  { deletable: false, owned: false },
)

export const SOBJECTS: readonly SObjectType[] = [account, contact, lead, opportunity, task, user, taskRelation]

/** What goes when a record is deleted, and follows it when it is merged: the objects that refer to it by this field. */
export const CHILDREN: Readonly<Record<string, readonly { readonly object: string; readonly field: string }[]>> = {
  Account: [
    { object: 'Contact', field: 'AccountId' },
    { object: 'Opportunity', field: 'AccountId' },
    { object: 'Task', field: 'WhatId' },
  ],
  Contact: [
    { object: 'Task', field: 'WhoId' },
    { object: 'TaskRelation', field: 'RelationId' },
  ],
  Task: [{ object: 'TaskRelation', field: 'TaskId' }],
  Lead: [{ object: 'Task', field: 'WhoId' }],
  Opportunity: [{ object: 'Task', field: 'WhatId' }],
}
