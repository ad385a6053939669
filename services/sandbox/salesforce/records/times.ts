/** A time as Salesforce writes it, `2013-05-20T20:49:32.000+0000`: whole seconds, always UTC, so times compare as texts. */
export const salesforceTime = (milliseconds: number): string =>
  `${new Date(Math.floor(milliseconds / 1000) * 1000).toISOString().slice(0, -1)}+0000`

const DATE_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d{1,3})?(?:Z|[+-]\d{2}:?\d{2})$/

/** Milliseconds since the epoch of a date and time with its offset; undefined when it is none. */
export const millisecondsOf = (text: string): number | undefined => {
  if (!DATE_TIME.test(text)) return undefined
  const milliseconds = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'))
  return Number.isNaN(milliseconds) ? undefined : milliseconds
}

/** Whether it is a day of the calendar as `YYYY-MM-DD`. */
export const isDay = (text: string): boolean => {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false
  const milliseconds = Date.parse(`${text}T00:00:00Z`)
  return !Number.isNaN(milliseconds) && new Date(milliseconds).toISOString().startsWith(text)
}
