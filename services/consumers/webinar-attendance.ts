import { consumer } from '../../topology/define.ts'
import { attendances, identities, participations, webinars } from '../../topology/topics.ts'
import { inputKeyOf, rowKey, webinarIdsOf } from '../webinars/keys.ts'
import { observeParticipant } from '../webinars/observing/participant.ts'
import { concernedBy, participationOf } from '../webinars/observing/participation.ts'
import { phoneLegsIn } from '../webinars/observing/phone-legs.ts'
import { RowChanges } from '../webinars/observing/row-changes.ts'
import { mattersToAll, observeSeries, observeWebinar } from '../webinars/observing/webinar.ts'

/** Keeps what is observed of each participant of each webinar, and tells it anew, by person, after every change. */
export default consumer({
  name: 'webinar-attendance',
  reads: webinars,
  joins: { table: identities, by: 'person', ifMissing: 'create' },
  // Whose join still waits for their identity has not missed the webinar.
  waitsForParked: event => event.kind === 'SETTLED',
  writes: [participations],
  keepsPerKey: {
    table: attendances,
    inputKeyOf,
    aliasesOf: row => row.participant?.aliases ?? [],
    heardOfAt: row => row.participant?.firstReceivedAt ?? null,
  },
  handle: ({ event, rows }) => {
    const changes = new RowChanges(rows)
    observeSeries(event, changes)
    const known = changes.get(rowKey(event.number))?.occurrences ?? []
    const told = webinarIdsOf(event, known).flatMap(webinar => {
      observeWebinar(event, webinar, changes)
      const observed = observeParticipant(event, webinar, changes)
      const toAll = mattersToAll(event, changes.get(rowKey(webinar))?.webinar)
      const phoneLegs = phoneLegsIn(webinar, changes)
      const concerned = observed === null ? [] : concernedBy(observed, webinar, changes, phoneLegs)
      return (toAll ? changes.participantsOf(webinar) : concerned).map(key =>
        participationOf(event, webinar, key, changes, phoneLegs),
      )
    })
    return {
      rows: changes.changed(),
      writes: told.flatMap(participation => (participation === null ? [] : [participations.emit(participation)])),
    }
  },
})
