import type { FieldValue } from '../../../../topology/define.ts'
import type { Fitted, Problem } from '../../../delivery/destination.ts'
import type { Clock } from '../../../runtime/clock.ts'
import type { PendoClient } from '../client.ts'
import { fieldsReadAgainMs, fieldsReadEveryMs } from '../limits.ts'
import { type MetadataFields, type MetadataKind, readFields } from './fields.ts'
import { fitMetadata } from './fit.ts'

/** The fields that the subscription has, as last read. */
export interface KnownFields {
  /** All fields while none were read. */
  fit(fields: Readonly<Record<string, FieldValue>>): Fitted
  /** Reads them when they never were, or long ago. Gives the problem only while there are none. */
  keepFresh(signal: AbortSignal): Promise<Problem | undefined>
  /** Reads them after a refusal, unless that was done a moment ago. */
  readAgain(signal: AbortSignal): Promise<void>
}

export const knownFields = (client: PendoClient, kind: MetadataKind, clock: Clock): KnownFields => {
  let known: MetadataFields | undefined
  let readAt = Number.NEGATIVE_INFINITY
  let underWay: Promise<Problem | undefined> | undefined
  const read = async (signal: AbortSignal): Promise<Problem | undefined> => {
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
    fit: fields => (known ? fitMetadata(fields, known) : { fields, adjustments: [] }),
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
