import * as kinds from '../kinds.ts'
import type { Setting } from './setting.ts'

/** Zoom. */
export const zoomSettings = {
  ZOOM_ACCOUNTS: {
    group: 'zoom',
    kind: kinds.names,
    meaning: 'Names of further Zoom accounts, for example emea,apac; each has settings of its own: ZOOM_EMEA_….',
  },
  ZOOM_ACCOUNT_ID: {
    group: 'zoom',
    kind: kinds.text,
    credential: true,
    perAccount: true,
    meaning: 'Id of the Zoom account. Webhooks of another account are refused.',
  },
  ZOOM_CLIENT_ID: {
    group: 'zoom',
    kind: kinds.text,
    credential: true,
    perAccount: true,
    meaning: 'Client id of the server-to-server OAuth app.',
  },
  ZOOM_CLIENT_SECRET: {
    group: 'zoom',
    kind: kinds.text,
    secret: true,
    credential: true,
    perAccount: true,
    meaning: 'Client secret of the server-to-server OAuth app.',
  },
  ZOOM_WEBHOOK_SECRET: {
    group: 'zoom',
    kind: kinds.text,
    secret: true,
    credential: true,
    perAccount: true,
    meaning: "The app's secret token, with which Zoom signs its webhooks.",
  },
  ZOOM_BASE_URL: {
    group: 'zoom',
    kind: kinds.httpUrl,
    perAccount: true,
    meaning: 'Where the Zoom API is. Default: the sandbox, or https://api.zoom.us/v2.',
  },
  ZOOM_TOKEN_URL: {
    group: 'zoom',
    kind: kinds.httpUrl,
    perAccount: true,
    meaning: 'Where Zoom gives OAuth tokens. Default: the sandbox, or https://zoom.us/oauth/token.',
  },
  ZOOM_REPORT_AFTER: {
    group: 'zoom',
    kind: kinds.duration,
    default: '5m',
    meaning:
      'How long after the end of a webinar its participant report is first read; a host who starts it again within that time goes on with the same webinar. Never later than ZOOM_REPORT_WAIT; while Zoom is emulated the default is 5s.',
  },
  ZOOM_REPORT_WAIT: {
    group: 'zoom',
    kind: kinds.duration,
    default: '30m',
    meaning: 'How long after its end a webinar waits for the participant report.',
  },
  ZOOM_SWEEP_EVERY: {
    group: 'zoom',
    kind: kinds.interval,
    default: '1h',
    meaning:
      'How often the Zoom accounts are looked through for webinars, registrations and ends that no webhook told, beginning with the start; 0 for never.',
  },
} as const satisfies Record<string, Setting>
