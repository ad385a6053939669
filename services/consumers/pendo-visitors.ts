import { consumer } from '../../topology/define.ts'
import { segmentToPendo } from '../../topology/segment-to-pendo.ts'
import { identities, visitors } from '../../topology/topics.ts'
import { visitorWrites } from '../segment-to-pendo/writes.ts'
import { pendoVisitor } from '../sinks/pendo/objects.ts'

/** Whom Segment identifies is a visitor in Pendo, with their traits and their account. */
export default consumer({
  name: 'pendo-visitors',
  reads: visitors,
  joins: { table: identities, by: 'person', ifMissing: 'create' },
  writes: [pendoVisitor],
  handle: ({ event }) => ({ writes: visitorWrites(event, segmentToPendo) }),
})
