import grpc, { type ServiceError } from '@grpc/grpc-js'
import { TributaryError } from '../../../runtime/errors.ts'
import { errorCodes, errorCodeTrailer } from './protocol.ts'

/** Why a subscription ended, by what is to be done. */
export type Ending =
  /** The session is over, or the org's address is another one. */
  | 'credentials'
  /** Where it was to begin is not kept any more. */
  | 'replay-id'
  /** An admin has to do something. */
  | 'not-there'
  | 'not-allowed'
  /** It is tried again. */
  | 'cut'

/** What the Pub/Sub API answered, or that nothing came. Holds nothing of what was sent. */
export class PubSubFailure extends Error {
  readonly ending: Ending
  /** gRPC's name of the status, as `UNAVAILABLE`. */
  readonly status: string
  /** Salesforce's name of the error; undefined when it named none. */
  readonly code: string | undefined

  constructor(ending: Ending, status: string, code?: string) {
    super(`${status}${code === undefined ? '' : ` (${code})`}`)
    this.ending = ending
    this.status = status
    this.code = code
  }
}

/** What an error of a call comes to. */
export const failureOf = (error: unknown): PubSubFailure => {
  if (error instanceof PubSubFailure) return error
  if (!isServiceError(error)) return new PubSubFailure('cut', 'UNKNOWN')
  const [trailer] = error.metadata?.get(errorCodeTrailer) ?? []
  const code = trailer === undefined ? undefined : String(trailer)
  const ending = endingsByCode[code ?? ''] ?? endingsByStatus[error.code] ?? 'cut'
  return new PubSubFailure(ending, grpc.status[error.code] ?? 'UNKNOWN', code)
}

const isServiceError = (error: unknown): error is ServiceError =>
  error instanceof Error && typeof (error as Partial<ServiceError>).code === 'number'

const endingsByCode: Readonly<Record<string, Ending>> = {
  [errorCodes.credentials]: 'credentials',
  [errorCodes.replayIdCorrupted]: 'replay-id',
  [errorCodes.replayIdInvalid]: 'replay-id',
}

const endingsByStatus: Readonly<Record<number, Ending>> = {
  [grpc.status.UNAUTHENTICATED]: 'credentials',
  [grpc.status.NOT_FOUND]: 'not-there',
  [grpc.status.PERMISSION_DENIED]: 'not-allowed',
}

/** What a person is told of a channel that is not followed; the sweep goes on meanwhile. */
export const problemOf = (channel: string, { ending, message }: PubSubFailure): TributaryError => {
  const { code, says, errorClass } = problems[ending]
  return new TributaryError(code, `Salesforce's channel ${channel} is not followed: ${says} It answered ${message}.`, {
    errorClass,
  })
}

const problems: Readonly<
  Record<Ending, { readonly code: string; readonly says: string; readonly errorClass: 'needs-person' | 'retryable' }>
> = {
  'not-there': {
    code: 'SALESFORCE_CHANGE_EVENTS_OFF',
    says: 'the org does not have it. An admin must select Task, Lead and Contact in Setup under Change Data Capture (an edition without it: set SALESFORCE_CHANGE_EVENTS=off), or SALESFORCE_CHANGE_EVENTS must name a channel that there is.',
    errorClass: 'needs-person',
  },
  'not-allowed': {
    code: 'SALESFORCE_CHANGE_EVENTS_REFUSED',
    says: 'the user SALESFORCE_USERNAME may not. An admin must give it View All of tasks, leads and contacts in a permission set, or View All Data.',
    errorClass: 'needs-person',
  },
  credentials: {
    code: 'SALESFORCE_CHANGE_EVENTS_LOGIN',
    says: 'it refuses a session that was just begun. The connected app needs the scope api, and SALESFORCE_PUBSUB_ENDPOINT must be the one of the org.',
    errorClass: 'needs-person',
  },
  'replay-id': {
    code: 'SALESFORCE_CHANGE_EVENTS_LOST',
    says: 'where it was left off is not kept any more.',
    errorClass: 'retryable',
  },
  cut: {
    code: 'SALESFORCE_CHANGE_EVENTS_CUT',
    says: 'the connection does not stand. It is tried again; should it last, see whether SALESFORCE_PUBSUB_ENDPOINT can be reached from here.',
    errorClass: 'retryable',
  },
}
