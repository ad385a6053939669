import { Refusal } from '../answers.ts'

/** HubSpot's error body. `status: 'error'` and `correlationId` are added when it is sent. */
export interface Problem {
  readonly message: string
  readonly category: string
  readonly subCategory?: string
  readonly context?: Readonly<Record<string, readonly string[]>>
  readonly errors?: readonly ErrorDetail[]
}

interface ErrorDetail {
  readonly message: string
  readonly code: string
  readonly context: Readonly<Record<string, readonly string[]>>
}

/** One entry of the list that HubSpot packs into the message of a refused write. */
export interface PropertyError {
  readonly name: string
  /** HubSpot's code, for example `PROPERTY_DOESNT_EXIST`. */
  readonly error: string
  readonly message: string
}

/** The error of one input in the 207 answer of a batch. */
export interface StandardError {
  readonly status: 'error'
  readonly category: string
  readonly subCategory?: string
  readonly message: string
  readonly context: Readonly<Record<string, readonly string[]>>
  readonly errors: readonly ErrorDetail[]
  readonly links: Readonly<Record<string, string>>
}

export class HubSpotRefusal extends Refusal {
  readonly problem: Problem

  constructor(status: number, problem: Problem) {
    super({ status, body: problem })
    this.problem = problem
  }
}

export const invalid = (message: string, context?: Problem['context']): HubSpotRefusal =>
  new HubSpotRefusal(400, { message, category: 'VALIDATION_ERROR', ...(context ? { context } : {}) })

export const invalidBody = (reason: string): HubSpotRefusal => invalid(`Invalid input JSON: ${reason}`)

export const conflict = (message: string, subCategory?: string): HubSpotRefusal =>
  new HubSpotRefusal(409, { message, category: 'CONFLICT', ...(subCategory ? { subCategory } : {}) })

export const notFound = (message = 'resource not found'): HubSpotRefusal =>
  new HubSpotRefusal(404, { message, category: 'OBJECT_NOT_FOUND' })

/** A single and a batch write refuse values alike: a JSON list inside the message. */
export const invalidProperties = (errors: readonly PropertyError[], portalId: number): HubSpotRefusal => {
  const packed = errors.map(({ name, error, message }) => ({
    isValid: false,
    message,
    error,
    name,
    localizedErrorMessage: message,
    portalId,
  }))
  return new HubSpotRefusal(400, {
    message: `Property values were not valid: ${JSON.stringify(packed)}`,
    category: 'VALIDATION_ERROR',
    errors: errors.map(({ name, error, message }) => ({ message, code: error, context: { propertyName: [name] } })),
  })
}

/** Whatever else a batch carries, an id that comes twice refuses all of it; trace ids do not help. */
export const duplicateIds = (ids: readonly string[]): HubSpotRefusal =>
  invalid(`Duplicate IDs found in batch input: [${ids.join(', ')}]. IDs must be unique`, { ids })

export const nonUniqueProperty = (typeId: string, property: string): HubSpotRefusal =>
  invalid(`Unable to perform update/upsert by non-unique ${typeId} property ${property}`)

/** @param traceId of the input, where it has one */
export const asStandardError = ({ problem }: HubSpotRefusal, traceId?: string): StandardError => ({
  status: 'error',
  category: problem.category,
  ...(problem.subCategory === undefined ? {} : { subCategory: problem.subCategory }),
  message: problem.message,
  context: { ...problem.context, ...(traceId === undefined ? {} : { objectWriteTraceId: [traceId] }) },
  errors: problem.errors ?? [],
  links: {},
})

/** One error names all ids that a batch asked for in vain. */
export const missingRecords = (singular: string, ids: readonly string[]): StandardError => ({
  status: 'error',
  category: 'OBJECT_NOT_FOUND',
  message: `Could not get some ${singular.toUpperCase()} objects, they may be deleted or not exist. Check that ids are valid.`,
  context: { ids },
  errors: [],
  links: {},
})
