import { consumer } from '../../topology/define.ts'
import { identities, participations, webinarHistories } from '../../topology/topics.ts'
import { hubspotContact, hubspotMarketingParticipation, hubspotWebinarEvents } from '../sinks/hubspot/objects.ts'
import { salesforceTask } from '../sinks/salesforce/objects.ts'
import type { Attendance } from '../webinars/attendance.ts'
import { attendancesOf, mergeHistories, withParticipation } from '../webinars/history.ts'
import { contactWrite } from '../webinars/writes/contact.ts'
import { marketingParticipationWrites } from '../webinars/writes/marketing-participation.ts'
import { taskWrites } from '../webinars/writes/task.ts'
import { timelineWrites } from '../webinars/writes/timeline.ts'

/** Attendance reaches the CRMs while the webinar runs, and what became of it once the webinar is settled. */
export default consumer({
  name: 'webinar-contact',
  reads: participations,
  joins: { table: identities, by: 'person', ifMissing: 'park' },
  writes: [hubspotContact, hubspotMarketingParticipation, ...hubspotWebinarEvents, salesforceTask],
  keepsPerPerson: {
    table: webinarHistories,
    merge: mergeHistories,
    restate: ({ row, person }) => {
      const webinars = attendancesOf(row)
      return [contactWrite(webinars, person), ...webinars.flatMap(writesOf)]
    },
  },
  handle: ({ event, person, row }) => {
    const history = withParticipation(row, event)
    const webinars = attendancesOf(history)
    const changed = webinars.filter(({ webinar }) => webinar === event.webinar.id)
    return { row: history, writes: [contactWrite(webinars, person), ...changed.flatMap(writesOf)] }
  },
})

/** What is kept of one webinar apart from the contact's properties. */
const writesOf = (attendance: Attendance) => [
  ...marketingParticipationWrites(attendance),
  ...timelineWrites(attendance),
  ...taskWrites(attendance),
]
