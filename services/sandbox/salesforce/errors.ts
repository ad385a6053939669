import { Refusal } from '../answers.ts'

/** One error of Salesforce's REST API. In results of collections `errorCode` is called `statusCode`. */
export interface SalesforceError {
  readonly errorCode: string
  readonly message: string
  readonly fields?: readonly string[]
  readonly duplicateResult?: object
}

/** Refuses a request, or one record of a collection, with one error. */
export class SalesforceRefusal extends Refusal {
  readonly error: SalesforceError

  constructor(status: number, error: SalesforceError) {
    super({ status, body: [error] })
    this.error = error
  }
}

const refusal =
  (status: number, errorCode: string, standard: string) =>
  (message = standard, fields?: readonly string[]): SalesforceRefusal =>
    new SalesforceRefusal(status, { message, errorCode, ...(fields ? { fields } : {}) })

// Bodies and statuses: facts/salesforce.md §4; what is not there is named as Salesforce's API documents it.
export const invalidSession = refusal(401, 'INVALID_SESSION_ID', 'Session expired or invalid')
export const invalidAuthHeader = refusal(401, 'INVALID_AUTH_HEADER', 'INVALID_HEADER_TYPE')
export const requestLimitExceeded = refusal(403, 'REQUEST_LIMIT_EXCEEDED', 'TotalRequests Limit exceeded.')
export const notFound = refusal(404, 'NOT_FOUND', 'The requested resource does not exist')
/** 404 for a record that the path names, 400 for one that a field refers to. */
export const entityIsDeleted = (status: 400 | 404 = 404): SalesforceRefusal =>
  refusal(status, 'ENTITY_IS_DELETED', 'entity is deleted')(undefined, [])
export const convertedLead = (): SalesforceRefusal =>
  refusal(400, 'CANNOT_UPDATE_CONVERTED_LEAD', 'cannot reference converted lead')(undefined, [])
export const invalidCrossReference = (): SalesforceRefusal =>
  refusal(400, 'INVALID_CROSS_REFERENCE_KEY', 'invalid cross reference id')(undefined, [])
export const notInRecycleBin = (): SalesforceRefusal =>
  refusal(400, 'UNDELETE_FAILED', 'Entity is not in the recycle bin')(undefined, [])
/** `object` is the name of what would be owned. */
export const inactiveOwner = (userId: string, object: string): SalesforceRefusal =>
  refused(
    'INACTIVE_OWNER_OR_USER',
    `operation performed with inactive user [${userId}] as owner of ${object.toLowerCase()}`,
  )
export const notParsed = refusal(400, 'JSON_PARSER_ERROR', 'The request body could not be parsed')
export const malformedQuery = refusal(400, 'MALFORMED_QUERY', 'The query could not be parsed')
export const invalidField = refusal(400, 'INVALID_FIELD', 'No such column')
export const invalidType = refusal(400, 'INVALID_TYPE', 'sObject type is not supported')
export const invalidFilter = refusal(400, 'INVALID_QUERY_FILTER_OPERATOR', 'invalid operator on this field')
export const missingArgument = refusal(400, 'MISSING_ARGUMENT', 'Id not specified in an update call')

/** Any other refusal with status 400. */
export const refused = (errorCode: string, message: string, fields: readonly string[] = []): SalesforceRefusal =>
  new SalesforceRefusal(400, { message, errorCode, fields })

export const malformedId = (label: string, value: string, field: string): SalesforceRefusal =>
  refused('MALFORMED_ID', `${label}: id value of incorrect type: ${value}`, [field])

export const requiredFieldsMissing = (fields: readonly string[]): SalesforceRefusal =>
  refused('REQUIRED_FIELD_MISSING', `Required fields are missing: [${fields.join(', ')}]`, fields)
