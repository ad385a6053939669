import { consumer } from '../../topology/define.ts'
import { segmentToPendo } from '../../topology/segment-to-pendo.ts'
import { identities, tracks } from '../../topology/topics.ts'
import { trackWrites } from '../segment-to-pendo/writes.ts'
import { pendoTrack } from '../sinks/pendo/objects.ts'

/** What somebody does in a product that tells Segment is a track event in Pendo. */
export default consumer({
  name: 'pendo-tracks',
  reads: tracks,
  joins: { table: identities, by: 'person', ifMissing: 'create' },
  writes: [pendoTrack],
  handle: ({ event }) => ({ writes: trackWrites(event, segmentToPendo) }),
})
