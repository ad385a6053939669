import { z } from 'zod'
import type { NeedsPerson, Problem, Rejected, Retry } from '../../delivery/destination.ts'
import { lockMs } from './limits.ts'
import { scopes } from './scopes.ts'

const text = z.string().optional().catch(undefined)
const context = z.record(z.string(), z.array(z.string())).optional().catch(undefined)
const errorShape = z.object({
  ...{ category: text, message: text, policyName: text, correlationId: text, context },
  errors: z
    .array(z.object({ code: text, context }))
    .optional()
    .catch(undefined),
})

/** HubSpot's error body; every field may be missing. */
export type HubSpotErrorBody = Partial<Readonly<z.output<typeof errorShape>>>

/** What of a body has the shape that an error has. */
export const errorBodyIn = (body: unknown): HubSpotErrorBody => errorShape.safeParse(body).data ?? {}

/** An answer that is no success. `status` null: there was none. */
export interface Failure {
  readonly status: number | null
  readonly correlationId: string | null
  /** Of the header Retry-After, in milliseconds. */
  readonly retryAfterMs: number | null
  readonly body: HubSpotErrorBody
  /** When there was no answer: what came instead. */
  readonly reason?: 'timeout' | 'connection'
}

type Rule = (failure: Failure) => Problem

/** What a failed request means, by its status (facts: usage guidelines, error handling guide). */
export const problemOf = (failure: Failure): Problem => {
  const { status } = failure
  if (status === null) return unreachable(failure)
  if (status < 400) return unreadableAnswer(failure)
  return (rules[status] ?? (status >= 500 ? busy : rejected))(failure)
}

/** The error of one input in the answer of a batch. */
export const problemOfInput = (body: HubSpotErrorBody, answer: Pick<Failure, 'status' | 'correlationId'>): Problem => {
  const failure = { ...answer, body, retryAfterMs: null }
  return body.category === 'RATE_LIMITS' ? tooMany(failure) : rejected(failure)
}

/** A batch is never "not found", nor is a list: what is not there is the API itself. Any other problem stays what it is. */
export const orApiMissing = (problem: Problem): Problem =>
  problem.kind === 'rejected' && problem.status === 404 ? apiMissing(problem) : problem

export const apiMissing = ({ status, correlationId }: Pick<Failure, 'status' | 'correlationId'>): NeedsPerson => ({
  kind: 'needs-person',
  code: 'HUBSPOT_API_MISSING',
  status,
  correlationId,
  message: 'There is no such API at HUBSPOT_BASE_URL. Correct the setting and restart.',
})

/** The answer is none that the API gives: that of a proxy, or of a page for people. */
export const unreadableAnswer = ({ status, correlationId }: Pick<Failure, 'status' | 'correlationId'>): Retry => ({
  kind: 'retry',
  code: 'HUBSPOT_ANSWER_UNREADABLE',
  status,
  correlationId,
  message: 'Expected an answer of the API, but something else came.',
})

/** Code of what HubSpot's answer does not mention. */
export const resultMissing = 'HUBSPOT_RESULT_MISSING'

/** HubSpot's answer does not mention the input. */
export const noResult = ({ status, correlationId }: Pick<Failure, 'status' | 'correlationId'>): Problem => ({
  kind: 'retry',
  code: resultMissing,
  status,
  correlationId,
  message: 'HubSpot answered without a word on this input, so it is looked up again.',
})

/** Whether HubSpot does not know a property that the input sets. */
export const namesUnknownProperty = (problem: { readonly kind: string; readonly code?: string }): boolean =>
  problem.kind === 'rejected' && problem.code === 'PROPERTY_DOESNT_EXIST'

const retry = (
  { status, correlationId, retryAfterMs }: Failure,
  code: string,
  message: string,
  extra: { afterMs?: number; limited?: boolean } = {},
): Retry => {
  const afterMs = retryAfterMs ?? extra.afterMs
  return {
    kind: 'retry',
    code,
    message,
    status,
    correlationId,
    ...(afterMs === undefined ? {} : { afterMs }),
    ...(extra.limited ? { limited: true } : {}),
  }
}

const needsPerson = ({ status, correlationId }: Failure, code: string, message: string): NeedsPerson => ({
  kind: 'needs-person',
  code,
  message,
  status,
  correlationId,
})

const unreachable = (failure: Failure): Problem =>
  failure.reason === 'timeout'
    ? retry(failure, 'HUBSPOT_TIMEOUT', 'Expected an answer of HubSpot, none came in time.')
    : retry(
        failure,
        'HUBSPOT_UNREACHABLE',
        'Expected an answer of HubSpot, but the connection failed or the answer was unreadable.',
      )

const busy: Rule = failure =>
  retry(failure, `HUBSPOT_${failure.status}`, `HubSpot answered with status ${failure.status}, which passes.`)

const locked: Rule = failure => {
  const afterMs = Math.max(lockMs, failure.retryAfterMs ?? 0)
  const message = 'HubSpot locks the record for another write.'
  return retry({ ...failure, retryAfterMs: null }, 'HUBSPOT_LOCKED', message, { afterMs, limited: true })
}

const tooMany: Rule = failure =>
  failure.body.policyName === 'DAILY'
    ? needsPerson(
        failure,
        'HUBSPOT_DAILY_LIMIT',
        "The account's daily number of API requests is used up. It starts again at midnight in the account's time zone; the sink looks now and then. Ask HubSpot for a higher limit if this happens often.",
      )
    : retry(failure, 'HUBSPOT_RATE_LIMIT', 'HubSpot refused the request because of its limit per second.', {
        limited: true,
      })

/** The error names properties and codes, never values: HubSpot's own messages repeat what was sent. */
const rejected: Rule = ({ status, correlationId, body }): Rejected => {
  const details = propertyErrors(body)
  const category = wordOf(body.category)
  const code = details[0]?.code ?? category ?? `HUBSPOT_${status}`
  const named = details
    .map(detail => (detail.property ? `${detail.property} (${detail.code})` : detail.code))
    .join(', ')
  const message = `HubSpot refused the request with status ${status} and ${category ?? 'no category'}${named ? `: ${named}` : ''}. Mend the mapping or the property, then retry the dead letter.`
  return { kind: 'rejected', code, message, status, correlationId }
}

const rules: Readonly<Record<number, Rule>> = {
  401: failure =>
    needsPerson(
      failure,
      'HUBSPOT_TOKEN_REFUSED',
      'HubSpot does not accept the access token. Set HUBSPOT_ACCESS_TOKEN to a valid one and restart.',
    ),
  402: failure =>
    needsPerson(failure, 'HUBSPOT_PLAN', "The account's plan does not include this. Look at its subscription."),
  403: failure =>
    failure.body.category === 'MISSING_SCOPES'
      ? needsPerson(
          failure,
          'HUBSPOT_SCOPES_MISSING',
          `The app lacks scopes. HubSpot asks for ${scopesIn(failure.body).join(', ') || Object.values(scopes).flat().join(', ')}. Grant them to the app.`,
        )
      : needsPerson(
          failure,
          'HUBSPOT_FORBIDDEN',
          'HubSpot forbids the request. Look at the app and the account in HubSpot.',
        ),
  408: busy,
  423: locked,
  425: busy,
  429: tooMany,
  477: busy,
}

/** The scopes that a refusal names. */
const scopesIn = ({ errors = [], context }: HubSpotErrorBody): readonly string[] => [
  ...new Set(
    [context, ...errors.map(error => error.context)].flatMap(named => named?.['requiredGranularScopes'] ?? []),
  ),
]

const notValid = 'Property values were not valid: '

/** The errors of single properties: as a list, or packed as JSON into the message. */
const propertyErrors = ({ errors = [], message = '' }: HubSpotErrorBody): { code: string; property?: string }[] => {
  const listed = errors.flatMap(({ code, context }) => propertyError(code, context?.['propertyName']?.[0]))
  return listed.length > 0 ? listed : packedErrors(message)
}

const propertyError = (error: unknown, name: unknown): { code: string; property?: string }[] => {
  const [code, property] = [wordOf(error), wordOf(name)]
  return code === undefined ? [] : [{ code, ...(property === undefined ? {} : { property }) }]
}

/** The text, when it is a code or a name; anything else may hold what was sent. */
const wordOf = (text: unknown): string | undefined =>
  typeof text === 'string' && /^[\w.]{1,100}$/.test(text) ? text : undefined

const packedErrors = (message: string): { code: string; property?: string }[] => {
  const start = message.indexOf(notValid)
  if (start < 0) return []
  try {
    const packed = JSON.parse(message.slice(start + notValid.length)) as { error?: unknown; name?: unknown }[]
    return packed.flatMap(({ error, name }) => propertyError(error, name))
  } catch {
    return []
  }
}
