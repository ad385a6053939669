import { stream, table } from './define.ts'
import { replayWindow } from './replay-window.ts'

/** Topics of what is observed of webinars. They are part of `topics`, from where they are used. */

export const participations = stream({
  name: 'participations',
  record: 'participation',
  purpose: 'All that is observed of one participant of one webinar, again after each change',
  owner: 'marketing operations',
  key: 'person id',
  partitions: 'shared',
  retention: replayWindow,
  keyedBy: 'person',
})

export const attendances = table({
  name: 'attendances',
  record: 'attendance',
  purpose: 'State of webinar-attendance: series, webinars and participants as observed',
  owner: 'marketing operations',
  key: '<number>|, <webinar>| or <webinar>|<participant>',
  partitions: 'shared',
  compaction: { reason: 'state of a consumer: the latest row per key' },
})

export const webinarHistories = table({
  name: 'webinar-histories',
  record: 'webinar-history',
  purpose: 'State of webinar-contact: all webinars of one person',
  owner: 'marketing operations',
  key: 'person id',
  partitions: 'shared',
  compaction: { reason: 'state of a consumer: the latest row per key' },
})
