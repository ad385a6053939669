import type { Marks } from '../../sweep/marks.ts'

/** Of what there is metadata. */
export type ProfileKind = 'visitor' | 'account'
/** What a time is kept of. */
type Watched = 'usage' | 'visitors' | 'accounts'

/** How far the sweep has come, and which metadata it told. */
export type PendoMarks = Marks<ProfileKind, Watched>
