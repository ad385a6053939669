import { z } from 'zod'
import { badRequest } from '../errors.ts'
import { isAnonymous } from '../ids.ts'
import type { Item, ItemKind } from '../model/catalog.ts'
import type { Kind } from '../model/fields.ts'
import type { Subscription } from '../model/subscription.ts'
import type { UsageRow, UsageSource } from '../model/usage.ts'
import { APP } from '../webhooks/envelope.ts'
import type { Row } from './expression.ts'
import { floorTo, type Period, periodOf, timeSeriesShape } from './time-series.ts'

const text = z.string().optional()
const appId = z.union([z.number(), z.string()])
/** One app or several, or `expandAppIds("*")` for all. */
const app = z.union([appId, z.array(appId)]).optional()
const usageParameters = z.strictObject({ appId: app, pageId: text, featureId: text, trackTypeId: text }).nullable()
const parameters = z.strictObject({ appId: app, identified: z.boolean().optional() }).nullable()
const entities = z.strictObject({ appId: app }).nullable()

/** The sources of an aggregation: exactly one, and for usage a time. */
export const sourceShape = z
  .strictObject({
    events: usageParameters.optional(),
    pageEvents: usageParameters.optional(),
    featureEvents: usageParameters.optional(),
    trackEvents: usageParameters.optional(),
    visitors: parameters.optional(),
    accounts: entities.optional(),
    pages: entities.optional(),
    features: entities.optional(),
    trackTypes: entities.optional(),
    timeSeries: timeSeriesShape.optional(),
  })
  .refine(({ timeSeries: _, ...sources }) => Object.values(sources).filter(one => one !== undefined).length === 1, {
    message: 'expected exactly one source',
  })

export type Source = z.infer<typeof sourceShape>

/** `events` are the uses of pages and features, after tap-pendo's schema; track events have their own source only. */
const USAGE = {
  events: ['pageEvents', 'featureEvents'],
  pageEvents: ['pageEvents'],
  featureEvents: ['featureEvents'],
  trackEvents: ['trackEvents'],
} as const satisfies Readonly<Record<string, readonly UsageSource[]>>
const ID_NAMES: Readonly<Record<UsageSource, 'pageId' | 'featureId' | 'trackTypeId'>> = {
  pageEvents: 'pageId',
  featureEvents: 'featureId',
  trackEvents: 'trackTypeId',
}
const ENTITIES = { pages: 'Page', features: 'Feature', trackTypes: 'TrackType' } as const

/** The rows with which a pipeline begins. */
export const rowsOf = (source: Source, subscription: Subscription, now: number): readonly Row[] => {
  const usage = (Object.keys(USAGE) as (keyof typeof USAGE)[]).find(name => source[name] !== undefined)
  if (usage) return usageRows(source, usage, subscription, now)
  if (source.visitors !== undefined) {
    const rows = profileRows(subscription, 'visitor', 'visitorId')
    return source.visitors?.identified ? rows.filter(row => !isAnonymous(String(row['visitorId']))) : rows
  }
  if (source.accounts !== undefined) return profileRows(subscription, 'account', 'accountId')
  const entity = (Object.keys(ENTITIES) as (keyof typeof ENTITIES)[]).find(name => source[name] !== undefined)
  return entity ? subscription.catalog.all(ENTITIES[entity]).map(presentItem) : []
}

const profileRows = ({ profiles }: Subscription, kind: Kind, name: string): Row[] =>
  profiles.all(kind).map(({ id, metadata }) => ({ [name]: id, metadata }))

const CREATOR = { id: '', username: 'product@lumen.example.com', first: '', last: '', role: 8 }

/** A page, feature or track type as reads show it. Of `isCoreEvent` it is known only that such a key exists: [unverified]. */
export const presentItem = ({ id, kind, name, isCoreEvent, createdAt, lastUpdatedAt, pageId }: Item): Row => ({
  id,
  kind: kind satisfies ItemKind,
  name,
  appId: APP.id,
  createdAt,
  lastUpdatedAt,
  createdByUser: CREATOR,
  lastUpdatedByUser: CREATOR,
  dirty: false,
  isCoreEvent,
  ...(kind === 'TrackType' ? { trackTypeName: name, trackTypeRules: [name] } : {}),
  ...(pageId === undefined ? {} : { pageId }),
})

const usageRows = (source: Source, name: keyof typeof USAGE, { usage }: Subscription, now: number): readonly Row[] => {
  if (!source.timeSeries) throw badRequest(`source: ${name} needs a timeSeries`)
  const period = periodOf(source.timeSeries, now)
  const wanted = source[name] ?? {}
  const kinds: readonly UsageSource[] = USAGE[name]
  const rows = usage.read(now).filter(row => {
    const itemId = wanted[ID_NAMES[row.source]]
    const within = row.hour >= period.from && row.hour < period.until
    return within && kinds.includes(row.source) && (itemId === undefined || itemId === row.itemId)
  })
  if (!isOfApp(wanted.appId)) return []
  return period.unit === 'hour' ? rows.map(row => presentUsage(row, 'hour')) : byDay(rows)
}

/** Every row is of the one app. */
const isOfApp = (wanted: z.infer<typeof app>): boolean =>
  wanted === undefined || [wanted].flat().some(id => String(id) === String(APP.id) || id === 'expandAppIds("*")')

const presentUsage = (row: UsageRow, unit: Period['unit']): Row => ({
  visitorId: row.visitorId,
  accountId: row.accountId,
  appId: APP.id,
  [unit]: row.hour,
  numEvents: row.numEvents,
  numMinutes: row.minutes.length,
  server: row.server,
  remoteIp: row.remoteIp,
  userAgent: row.userAgent,
  [ID_NAMES[row.source]]: row.itemId,
  ...(row.source === 'trackEvents' ? { properties: row.properties } : { parameters: null }),
})

/** Rows that differ in their hours only are one row of the day. */
const byDay = (rows: readonly UsageRow[]): Row[] => {
  const days = rows.map(row => ({ ...row, hour: floorTo('day', row.hour) }))
  const alike = Map.groupBy(days, ({ id: _, numEvents: __, minutes: ___, ...key }) => JSON.stringify(key))
  return [...alike.values()].flatMap(all => {
    const [one] = all
    if (!one) return []
    const numEvents = all.reduce((sum, row) => sum + row.numEvents, 0)
    return [presentUsage({ ...one, numEvents, minutes: all.flatMap(row => row.minutes) }, 'day')]
  })
}
