import type { Account, Track, TrackKind, Visitor } from '../../schemas/generated.ts'
import type { ChosenEvents, SegmentToPendo } from '../../topology/segment-to-pendo.ts'
import { mayReceive } from '../events/destinations.ts'
import { type PendoTrackFields, pendoAccount, pendoTrack, pendoVisitor } from '../sinks/pendo/objects.ts'
import { chosenEvent, chosenValues } from './chosen.ts'

/** The visitor with the chosen traits and the account that they belong to. */
export const visitorWrites = (event: Visitor, mapping: SegmentToPendo) => {
  const { aliases, account, traits } = event
  const { identify, group } = mapping
  const visitorId = visitorIdOf(aliases, mapping)
  if (!isForPendo(event) || visitorId === undefined) return []
  const accountField = group === 'leave-out' ? null : group.visitorField
  const belongs = accountField !== null && isAccountId(account)
  if (identify === 'leave-out' && !belongs) return []
  return [
    pendoVisitor.set(visitorId, {
      ...(identify === 'leave-out' ? {} : chosenValues(identify, traits)),
      ...(belongs ? { [accountField]: account } : {}),
    }),
  ]
}

/** The account with the chosen traits. */
export const accountWrites = (event: Account, { group }: SegmentToPendo) =>
  group === 'leave-out' || !isForPendo(event) || !isAccountId(event.account)
    ? []
    : [pendoAccount.set(event.account, chosenValues(group, event.traits))]

/** The track event, or what stands for the view of a page or screen. */
export const trackWrites = (event: Track, mapping: SegmentToPendo) => {
  const visitorId = visitorIdOf(event.aliases, mapping)
  const choice = choiceOf(event.kind, mapping)
  const chosen = choice === 'leave-out' ? undefined : chosenEvent(choice, event.name)
  if (!isForPendo(event) || visitorId === undefined || !chosen) return []
  const properties = chosenValues(chosen.values, event.properties)
  const fields: PendoTrackFields = {
    ...{ event: chosen.name, visitorId, accountId: isAccountId(event.account) ? event.account : null },
    ...Object.fromEntries(Object.entries(properties).map(([name, value]) => [`properties.${name}` as const, value])),
  }
  return [pendoTrack.append(event.eventId, event.occurredAt, fields)]
}

/** Segment has no features. */
const choiceOf = (kind: TrackKind, { track, page, screen }: SegmentToPendo): 'leave-out' | ChosenEvents =>
  kind === 'TRACK' ? track : kind === 'PAGE' ? page : kind === 'SCREEN' ? screen : 'leave-out'

/** Only of Segment: what Pendo tells is in Pendo. And not what its sender keeps from Pendo (`integrations`). */
const isForPendo = ({ source, destinations }: Pick<Track, 'source' | 'destinations'>): boolean =>
  source.startsWith('segment:') && mayReceive(destinations, 'Pendo')

/**
 * The event's own user id, not that of whoever the person turned out to be: Pendo's visitors are those of the product. Undefined for somebody anonymous who is not to
 * be sent.
 */
const visitorIdOf = (aliases: readonly string[], { anonymous }: SegmentToPendo): string | undefined => {
  const user = valueBehind(aliases, 'user:')
  if (user !== undefined || anonymous === 'leave-out') return user
  const device = valueBehind(aliases, 'anonymous:')
  return device === undefined ? undefined : `_PENDO_T_${device}`
}

const valueBehind = (aliases: readonly string[], prefix: string): string | undefined =>
  aliases.find(alias => alias.startsWith(prefix))?.slice(prefix.length)

/** What Pendo's snippet holds until somebody puts an id there is none (facts of Pendo, visitor ids); that of visitors is no alias either. */
const isAccountId = (account: string | null): account is string => account !== null && account !== 'ACCOUNT-UNIQUE-ID'
