import type { Fitted } from '../../../delivery/destination.ts'
import { cutTexts, type TaskRow } from '../tasks/rows.ts'
import type { ActivityAdjustment } from './adjustments.ts'

const cuts: Readonly<Record<string, ActivityAdjustment>> = { Subject: 'SUBJECT_CUT', Description: 'DESCRIPTION_CUT' }

/** The fields of an activity with texts as long as Salesforce takes them. */
export const fitActivity = (fields: TaskRow): Fitted => {
  const cut = cutTexts(fields)
  const adjustments = Object.entries(cuts).flatMap(([name, code]) => (cut[name] === fields[name] ? [] : [code]))
  return { fields: cut, adjustments }
}
