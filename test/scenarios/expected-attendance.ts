import { readFileSync } from 'node:fs'
import type { AttendanceRow } from '../../services/webinars/report.ts'

/** What the recorded webinar must come to, as expected/README.md reckons it. */
export const expectedAttendance = (): readonly AttendanceRow[] => {
  const text = readFileSync(new URL('expected/product-webinar.csv', import.meta.url), 'utf8')
  const [, ...lines] = text.trimEnd().split('\n')
  return lines.map(line => {
    const [webinar = '', email = '', status = '', joinedAt = '', leftAt = '', minutes, percent] = line.split(',')
    const times = { joinedAt: joinedAt || null, leftAt: leftAt || null }
    return { webinar, email, status, ...times, minutes: Number(minutes), percent: Number(percent) }
  })
}
