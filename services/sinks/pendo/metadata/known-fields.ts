import type { FieldValue } from '../../../../topology/define.ts'
import type { Fitted, Problem } from '../../../delivery/destination.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { PendoClient } from '../client.ts'
import { fieldsReadAgainMs, fieldsReadEveryMs } from '../limits.ts'
import { type MetadataFields, type MetadataKind, readFields } from './fields.ts'
import { fitMetadata } from './fit.ts'

/** The fields that the subscription has, as last read. */
export interface KnownFields {
  /** All fields while none were read. A name that is not known lets them be read again after a while, beside the work, so that a field that was made is found. */
  fit(fields: Readonly<Record<string, FieldValue>>): Fitted
  /** Reads them when they never were, or long ago. Gives the problem only while there are none. */
  keepFresh(signal: AbortSignal): Promise<Problem | undefined>
  /** Reads them after a refusal, unless that was done a moment ago. */
  readAgain(signal: AbortSignal): Promise<void>
}

/** What is read beside the work ends by its time-out. */
const never = new AbortController().signal

export const knownFields = (client: PendoClient, kind: MetadataKind, clock: Clock): KnownFields => {
  let known: MetadataFields | undefined
  let readAt = Number.NEGATIVE_INFINITY
  let triedAt = Number.NEGATIVE_INFINITY
  let underWay: Promise<Problem | undefined> | undefined
  const read = async (signal: AbortSignal): Promise<Problem | undefined> => {
    triedAt = clock.now()
    const answer = await readFields(client, kind, signal)
    if ('kind' in answer) return answer
    known = answer
    readAt = clock.now()
    return undefined
  }
  /** Who comes while it is under way waits for the same answer. */
  const readOnce = (signal: AbortSignal): Promise<Problem | undefined> => {
    underWay ??= read(signal).finally(() => {
      underWay = undefined
    })
    return underWay
  }
  return {
    fit: fields => {
      if (!known) return { fields, adjustments: [] }
      const fitted = fitMetadata(fields, known)
      const lacks = fitted.adjustments.includes('PENDO_FIELDS_UNKNOWN')
      if (lacks && clock.now() - triedAt >= fieldsReadEveryMs) void readOnce(never)
      return fitted
    },
    keepFresh: async signal => {
      if (clock.now() - readAt < fieldsReadEveryMs) return undefined
      const problem = await readOnce(signal)
      return known ? undefined : problem
    },
    readAgain: async signal => {
      if (clock.now() - readAt >= fieldsReadAgainMs) await readOnce(signal)
    },
  }
}
