import { z } from 'zod'
import type { NeedsPerson, Problem, Rejected, Retry } from '../../delivery/destination.ts'
import { concurrentRefusalMs } from './limits.ts'

/** An error as Salesforce spells it: `errorCode` of a request, `statusCode` of a row of a collection. Every field may be missing. */
export interface SalesforceError {
  readonly errorCode?: string | undefined
  readonly statusCode?: string | undefined
  /** May repeat what was sent: it decides classes, and is never shown. */
  readonly message?: string | undefined
  readonly fields?: readonly string[] | undefined
}

const text = z.string().optional().catch(undefined)
const errorShape = z.object({
  ...{ errorCode: text, statusCode: text, message: text },
  fields: z.array(z.string()).optional().catch(undefined),
})

/** What of a body, or of the errors of a row, has the shape of errors. */
export const errorsIn = (value: unknown): readonly SalesforceError[] =>
  (Array.isArray(value) ? value : [value]).flatMap(one => errorShape.safeParse(one).data ?? [])

/** An answer that is no success. `status` null: there was none. */
export interface Failure {
  readonly status: number | null
  readonly correlationId: string | null
  readonly errors: readonly SalesforceError[]
  /** When there was no answer: what came instead. */
  readonly reason?: 'timeout' | 'connection'
}

/** The row's own record, or one that it refers to, may have been merged, converted or deleted: it has to be looked at. */
export interface PerhapsOrphaned {
  readonly kind: 'perhaps-orphaned'
  /** What it comes to when the record is there after all. */
  readonly otherwise: Problem
}

interface Meaning {
  readonly kind: 'retry' | 'limited' | 'needs-person' | 'rejected'
  /** What happened, and what to do; without data. */
  readonly says: string
  /** It may be the record itself, or a referred one, that is gone. */
  readonly orphans?: true
}

const locked: Meaning = { kind: 'limited', says: 'Another write holds the record or its account.' }
const busy: Meaning = { kind: 'retry', says: 'Salesforce was too busy to finish it.' }
const mapping: Meaning = { kind: 'rejected', says: 'Mend the mapping or the field, then retry the dead letter.' }
const access =
  'The integration user lacks access to the record or to a field: mend its permission set or the sharing, then retry the dead letter.'
const closed: Meaning = {
  kind: 'needs-person',
  says: 'The org or the integration user has no access to the REST API: an admin must give "API Enabled" to the user.',
}
const unreadable: Meaning = {
  kind: 'needs-person',
  says: 'The integration user cannot see an object or a field: an admin must give it read access to contacts and leads, and edit access to tasks.',
}

/** What stands in a row only; of a whole request it is the API that is not found. */
const meaningsOfRows: Readonly<Record<string, Meaning>> = {
  NOT_FOUND: { ...mapping, orphans: true },
}

/** What the codes mean (facts: REST error bodies and results of collections). A code that is not here is a rejection. */
const meanings: Readonly<Record<string, Meaning>> = {
  UNABLE_TO_LOCK_ROW: locked,
  ROW_LOCK_TIMEOUT: locked,
  CONCURRENT_UPDATE: locked,
  SERVER_UNAVAILABLE: busy,
  REQUEST_RUNNING_TOO_LONG: busy,
  QUERY_TIMEOUT: busy,
  TXN_TIMEOUT: busy,
  ALL_OR_NONE_OPERATION_ROLLED_BACK: busy,
  DUPLICATE_VALUE: { kind: 'limited', says: 'Another request made the same task at the same moment.' },
  CANNOT_UPDATE_CONVERTED_LEAD: { ...mapping, orphans: true },
  INVALID_CROSS_REFERENCE_KEY: { kind: 'rejected', says: access, orphans: true },
  INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY: { kind: 'rejected', says: access, orphans: true },
  ENTITY_IS_DELETED: { kind: 'limited', says: 'Somebody deleted the task meanwhile: it is made again.', orphans: true },
  INACTIVE_OWNER_OR_USER: {
    kind: 'rejected',
    says: 'The user to whom it is assigned is not active: assign it to somebody else, then retry the dead letter.',
    orphans: true,
  },
  INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST: {
    kind: 'rejected',
    says: 'The org has no such value in a restricted picklist: add it to the field, or mend the mapping (of tasks shared with HubSpot: topology/tasks.ts), then retry the dead letter.',
  },
  DUPLICATES_DETECTED: {
    kind: 'rejected',
    says: 'A duplicate rule of the org blocks it: let the rule alert instead of block for the integration user, then retry the dead letter.',
  },
  FIELD_CUSTOM_VALIDATION_EXCEPTION: {
    kind: 'rejected',
    says: 'A validation rule of the org refuses it: exempt the integration user or mend the mapping, then retry the dead letter.',
  },
  CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: {
    kind: 'rejected',
    says: 'A trigger or flow of the org failed on it: let an admin look at the flow errors, then retry the dead letter.',
  },
  INSUFFICIENT_ACCESS_OR_READONLY: { kind: 'rejected', says: access },
  STORAGE_LIMIT_EXCEEDED: {
    kind: 'needs-person',
    says: "The org's data storage is full: an admin must free or buy storage.",
  },
  INVALID_TYPE: unreadable,
  INSUFFICIENT_ACCESS: closed,
  API_DISABLED_FOR_ORG: closed,
  API_CURRENTLY_DISABLED: closed,
  FUNCTIONALITY_NOT_ENABLED: closed,
}

/** What a failed request means: by its code where there is one, else by its status. */
export const problemOf = (failure: Failure): Problem => {
  const { status, errors } = failure
  if (status === null) return unanswered(failure)
  const [error = {}] = errors
  const code = codeOf(error)
  if (code === 'REQUEST_LIMIT_EXCEEDED') return refusedByLimit(failure, error)
  const meaning = code === undefined ? undefined : meaningOf(code, error)
  if (meaning) return asProblem(meaning, code ?? '', failure)
  if (status === 401) return sessionRefused(failure)
  if (status === 403) return asProblem(closed, code ?? 'SALESFORCE_FORBIDDEN', failure)
  if (status === 404) return apiMissing(failure)
  if (passing.has(status) || status >= 500) return asProblem(busy, `SALESFORCE_${status}`, failure)
  return asProblem(mapping, code ?? `SALESFORCE_${status}`, failure)
}

/** The errors of one row of a collection. */
export const problemOfRow = (
  errors: readonly SalesforceError[],
  answer: Pick<Failure, 'status' | 'correlationId'>,
): Problem | PerhapsOrphaned => {
  const [error = {}] = errors
  const code = codeOf(error) ?? 'SALESFORCE_ROW_REFUSED'
  if (code === 'REQUEST_LIMIT_EXCEEDED') return refusedByLimit({ ...answer, errors }, error)
  const meaning = meaningOf(code, error) ?? meaningsOfRows[code] ?? mapping
  const otherwise = asProblem(meaning, code, { ...answer, errors })
  return meaning.orphans ? { kind: 'perhaps-orphaned', otherwise } : otherwise
}

/** The allowance of requests is used up. @param usage as the header Sforce-Limit-Info tells it */
export const allowanceUsedUp = (
  { status, correlationId }: Pick<Failure, 'status' | 'correlationId'>,
  usage?: { readonly used: number; readonly limit: number },
): NeedsPerson => ({
  kind: 'needs-person',
  code: 'SALESFORCE_ALLOWANCE_USED_UP',
  status,
  correlationId,
  message: `The org's allowance of API requests in 24 hours is used up${usage ? ` (${usage.used} of ${usage.limit})` : ''}. It comes back within the next hours; Tributary looks now and then. Look at System Overview in Setup for who uses it, or ask Salesforce for more.`,
})

/** What is not there is the API or an object itself: a query or a collection is never "not found". */
export const apiMissing = ({ status, correlationId }: Pick<Failure, 'status' | 'correlationId'>): NeedsPerson => ({
  kind: 'needs-person',
  code: 'SALESFORCE_API_MISSING',
  status,
  correlationId,
  message:
    'The org has no such API or object. Check SALESFORCE_LOGIN_URL, and that the integration user may see tasks, contacts and leads.',
})

/** The answer is none that the REST API gives. */
export const unreadableAnswer = ({ status, correlationId }: Pick<Failure, 'status' | 'correlationId'>): Retry => ({
  kind: 'retry',
  code: 'SALESFORCE_ANSWER_UNREADABLE',
  status,
  correlationId,
  message: 'Expected an answer of the REST API as JSON, but something else came.',
})

/** The name of the column, or of the relation on the way to it, that Salesforce does not know, of an error of that kind. */
export const unknownColumnOf = ({ errors }: Pick<Failure, 'errors'>): string | undefined => {
  const [error = {}] = errors
  const unknown = /(?:No such column|Didn't understand relationship) '(\w+)'/
  return codeOf(error) === 'INVALID_FIELD' ? unknown.exec(error.message ?? '')?.[1] : undefined
}

/** Statuses that pass, besides all from 500. */
const passing: ReadonlySet<number> = new Set([408, 409, 420, 425, 429])

const codeOf = ({ errorCode, statusCode }: SalesforceError): string | undefined => {
  const code = errorCode ?? statusCode
  return code !== undefined && /^[A-Z][A-Z0-9_]{0,79}$/.test(code) && !code.startsWith('ERROR_HTTP_') ? code : undefined
}

/** A trigger reports a lock as its own failure, and a unique field of the org's own is no race of ours. */
const meaningOf = (code: string, { message = '', fields = [] }: SalesforceError): Meaning | undefined => {
  if (/UNABLE_TO_LOCK_ROW|unable to obtain exclusive access/.test(message)) return locked
  const duplicated = fields.length > 0 ? fields : (/^duplicate value found: (\w+)/.exec(message)?.slice(1) ?? [])
  if (code === 'DUPLICATE_VALUE' && duplicated.length > 0 && !duplicated.includes('Tributary_Id__c')) return mapping
  return meanings[code]
}

const asProblem = ({ kind, says }: Meaning, code: string, { status, correlationId, errors }: Failure): Problem => {
  const answer = { status, correlationId }
  const named = (errors[0]?.fields ?? []).filter(field => /^\w{1,80}$/.test(field)).join(', ')
  const message = `Salesforce refused it with ${code}${named ? ` (${named})` : ''}. ${says}`
  if (kind === 'limited') return { kind: 'retry', code, message, ...answer, limited: true }
  if (kind === 'rejected') return { kind, code, message, ...answer } satisfies Rejected
  return { kind, code, message, ...answer }
}

const refusedByLimit = (failure: Failure, { message = '' }: SalesforceError): Problem => {
  if (!/concurrent/i.test(message)) return allowanceUsedUp(failure)
  return {
    kind: 'retry',
    code: 'SALESFORCE_TOO_MANY_AT_ONCE',
    status: failure.status,
    correlationId: failure.correlationId,
    message: 'Too many long requests run in the org at the same time.',
    afterMs: concurrentRefusalMs,
    limited: true,
  }
}

const sessionRefused = ({ status, correlationId }: Failure): NeedsPerson => ({
  kind: 'needs-person',
  code: 'SALESFORCE_SESSION_REFUSED',
  status,
  correlationId,
  message:
    'Salesforce gives a token and then refuses it. Check the session and IP policies of the connected app and the profile of the integration user.',
})

const unanswered = ({ status, correlationId, reason }: Failure): Retry =>
  reason === 'timeout'
    ? {
        kind: 'retry',
        code: 'SALESFORCE_TIMEOUT',
        status,
        correlationId,
        message: 'Expected an answer of Salesforce, none came in time.',
      }
    : {
        kind: 'retry',
        code: 'SALESFORCE_UNREACHABLE',
        status,
        correlationId,
        message: 'Expected an answer of Salesforce, but the connection failed.',
      }

/** A query that is refused for good is refused for all that it asks for: its texts are escaped, so it is the org or the access that it fails on. */
export const queryRefused = (problem: Problem): Retry | NeedsPerson =>
  problem.kind === 'rejected'
    ? {
        ...problem,
        kind: 'needs-person',
        message: `Salesforce refused a look-up with ${problem.code}. ${unreadable.says}`,
      }
    : problem
