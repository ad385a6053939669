import { consumer } from '../../topology/define.ts'
import { segmentToPendo } from '../../topology/segment-to-pendo.ts'
import { accounts } from '../../topology/topics.ts'
import { accountWrites } from '../segment-to-pendo/writes.ts'
import { pendoAccount } from '../sinks/pendo/objects.ts'

/** What Segment calls a group is an account in Pendo, with its traits. */
export default consumer({
  name: 'pendo-accounts',
  reads: accounts,
  joins: null,
  writes: [pendoAccount],
  handle: ({ event }) => ({ writes: accountWrites(event, segmentToPendo) }),
})
