import { pendoSweeps } from '../../../../topology/topics.ts'
import type { Kafka } from '../../../kafka/kafka.ts'
import type { Codec } from '../../../runtime/codec.ts'
import { Marks } from '../../sweep/marks.ts'

/** Of what there is metadata. */
export type ProfileKind = 'visitor' | 'account'
/** What a time is kept of. */
type Watched = 'usage' | 'visitors' | 'accounts'

/** How far the sweep has come, and which metadata it told. */
export type PendoMarks = Marks<ProfileKind, Watched>

export const readPendoMarks = (
  parts: { readonly kafka: Pick<Kafka, 'read' | 'topics'>; readonly codec: Codec },
  signal: AbortSignal,
): Promise<PendoMarks> => Marks.read({ table: pendoSweeps, kinds: ['visitor', 'account'] }, parts, signal)
