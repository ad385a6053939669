import type { Attendance, WebinarHistory } from '../../schemas/generated.ts'
import { hubspotContact } from '../../services/sinks/hubspot/objects.ts'
import {
  appendable,
  consumer,
  impersonal,
  keyed,
  type Person,
  type RowOf,
  resolver,
  settable,
  sink,
  stream,
} from '../../topology/define.ts'
import {
  accounts,
  attendances,
  hubspotWrites,
  hubspotWritesReplay,
  identities,
  identityClaims,
  parked,
  participations,
  tracks,
  webinarHistories,
  webinars,
} from '../../topology/topics.ts'

/**
 * The mistakes that must not compile (design.md, Vocabulary). `tsc` checks this file: a mistake that compiles makes its `@ts-expect-error` an error. Nothing here
 * runs. Each group begins with the same thing done right, so that a mistake is refused for what it is about.
 */

const hubspotJoined = appendable<{ webinar_id: string; joined_at: number }>()({
  destination: 'hubspot',
  object: 'event:joined',
  topic: hubspotWrites,
})
const salesforceTask = keyed<{ Subject: string }>()({
  destination: 'salesforce',
  object: 'task',
  topic: hubspotWrites,
})
const salesforceLead = settable<{ Rating: string }>()({
  destination: 'salesforce',
  object: 'lead',
  topic: hubspotWrites,
})
const nothing = { writes: [] } as const
const joins = { table: identities, by: 'person', ifMissing: 'park' } as const
const name = 'typed'
const onTracks = { name, reads: tracks, joins, writes: [] } as const
const onWebinars = { name, reads: webinars, joins, writes: [] } as const
const onParticipations = { name, reads: participations, joins, writes: [] } as const
const withContact = { writes: [hubspotContact] } as const

// What a consumer joins

consumer({ ...onTracks, handle: () => nothing })
// @ts-expect-error the event has no such field
consumer({ ...onTracks, joins: { ...joins, by: 'visitor' }, handle: () => nothing })
// @ts-expect-error a field that holds a time, not an alias
consumer({ ...onTracks, joins: { ...joins, by: 'occurredAt' }, handle: () => nothing })
// @ts-expect-error a field that holds many aliases
consumer({ ...onTracks, joins: { ...joins, by: 'aliases' }, handle: () => nothing })
// @ts-expect-error what happens without a person is a required choice
consumer({ ...onTracks, joins: { table: identities, by: 'person' }, handle: () => nothing })
// @ts-expect-error a choice that there is not
consumer({ ...onTracks, joins: { ...joins, ifMissing: 'ignore' }, handle: () => nothing })
// @ts-expect-error a stream cannot be joined
consumer({ ...onTracks, joins: { ...joins, table: participations }, handle: () => nothing })
// @ts-expect-error a table of something else than identities
consumer({ ...onTracks, joins: { ...joins, table: webinarHistories }, handle: () => nothing })

// What it is about, and what it must know of somebody

consumer({ ...onTracks, concerns: event => event.core, handle: () => nothing })
// @ts-expect-error a field of the event that there is not
consumer({ ...onTracks, concerns: event => event.pages === 1, handle: () => nothing })
consumer({ ...onTracks, joins: { ...joins, needs: person => person.emails.length > 0 }, handle: () => nothing })
// @ts-expect-error a person has no address of that name
consumer({ ...onTracks, joins: { ...joins, needs: person => person.email !== '' }, handle: () => nothing })
consumer({ ...onTracks, joins: { ...joins, afterParkLimit: 'skip' }, handle: () => nothing })
// @ts-expect-error waiting longer is no choice
consumer({ ...onTracks, joins: { ...joins, afterParkLimit: 'park' }, handle: () => nothing })

// What a consumer reads

consumer({ ...onTracks, handle: ({ event }) => ({ writes: event.core ? [] : [] }) })
// @ts-expect-error a field of the event that there is not
consumer({ ...onTracks, handle: ({ event }) => ({ writes: event.pages ? [] : [] }) })
// @ts-expect-error a table cannot be read as events
consumer({ ...onTracks, reads: identities, handle: () => nothing })
// @ts-expect-error nor can foreign bytes
consumer({ ...onTracks, reads: parked, handle: () => nothing })

// Who it is about

const naming = (person: Person) => ({ writes: [hubspotContact.set({ firstname: person.id })] })

consumer({ ...onTracks, ...withContact, handle: ({ person }) => naming(person) })
consumer({ ...onWebinars, ...withContact, handle: ({ person }) => (person ? naming(person) : nothing) })
// @ts-expect-error an event of `webinars` may be about nobody, so the person may be null
consumer({ ...onWebinars, ...withContact, handle: ({ person }) => naming(person) })

// What a consumer of events that name nobody may do

const account = impersonal<{ plan: string }>()({ destination: 'pendo', object: 'account', topic: hubspotWrites })
const onAccounts = { name, reads: accounts, joins: null } as const
const planned = account.set('acme', { plan: 'pro' })

consumer({ ...onAccounts, writes: [account], handle: ({ event }) => ({ writes: [account.set(event.account, {})] }) })
consumer({ ...onTracks, writes: [account], handle: () => ({ writes: [planned] }) })
// @ts-expect-error what it joins, or that it joins nothing, is a required choice
consumer({ name, reads: accounts, writes: [account], handle: () => nothing })
// @ts-expect-error there is nobody whom a contact could be of
consumer({ ...onAccounts, writes: [hubspotContact], handle: () => nothing })
// @ts-expect-error there is no person
consumer({ ...onAccounts, writes: [account], handle: ({ person }) => ({ writes: person ? [] : [] }) })
// @ts-expect-error an account without its key
account.set({ plan: 'pro' })

// What a consumer asks for

const write = hubspotContact.set({ city: null, zoom_webinar_attendance_count: 1 })
const append = hubspotJoined.append('joined:1', 1, { webinar_id: '1', joined_at: 1 })
const task = salesforceTask.set('webinar:1:ada', { Subject: 'x' })
const lead = salesforceLead.set({ Rating: 'Hot' })

consumer({ ...onTracks, writes: [hubspotContact, hubspotJoined], handle: () => ({ writes: [write, append] }) })
consumer({ ...onTracks, writes: [tracks], handle: ({ event }) => ({ writes: [tracks.emit(event)] }) })
// @ts-expect-error a sink that is not declared
consumer({ ...onTracks, ...withContact, handle: () => ({ writes: [task] }) })
// @ts-expect-error another object of the same vendor than the declared one
consumer({ ...onTracks, writes: [salesforceTask], handle: () => ({ writes: [lead] }) })
// @ts-expect-error another object of a sink that is declared
consumer({ ...onTracks, ...withContact, handle: () => ({ writes: [append] }) })
// @ts-expect-error a stream that is not declared
consumer({ ...onTracks, ...withContact, handle: ({ event }) => ({ writes: [tracks.emit(event)] }) })
// @ts-expect-error a table is written by its keeper, not asked for
consumer({ ...onTracks, writes: [identities], handle: () => nothing })
// @ts-expect-error a property that there is not
hubspotContact.set({ zoom_webinar_attendances: 1 })
// @ts-expect-error a property of another type
hubspotContact.set({ zoom_webinar_attendance_count: 'two' })
// @ts-expect-error an option that the property does not have
hubspotContact.set({ zoom_webinar_last_status: 'cancelled' })
// @ts-expect-error a value set on creation, of another type
hubspotContact.set({}, { fieldsOnCreate: { tributary_source: 7 } })
// @ts-expect-error an append without its once key
hubspotJoined.append(1, { webinar_id: '1', joined_at: 1 })
// @ts-expect-error an append that does not say when it happened
hubspotJoined.append('joined:1', { webinar_id: '1', joined_at: 1 })
// @ts-expect-error an append without all its fields
hubspotJoined.append('joined:1', 1, { webinar_id: '1' })
// @ts-expect-error a keyed object without its key
salesforceTask.set({ Subject: 'x' })
// @ts-expect-error a field that a keyed object does not have
salesforceTask.set('webinar:1:ada', { Title: 'x' })
// @ts-expect-error an occurrence cannot be set again
hubspotJoined.set({ webinar_id: '1', joined_at: 1 })
// @ts-expect-error a value of another shape
participations.emit({ eventId: 'x' })

// What a consumer keeps of each person

type History = RowOf<WebinarHistory>
const keepsPerPerson = { table: webinarHistories, merge: (a: History) => a, restate: () => [] } as const
const keeper = { ...onParticipations, keepsPerPerson } as const
const history: History = { participations: [] }

consumer({ ...keeper, handle: ({ row }) => ({ row: row ?? history, writes: [] }) })
// @ts-expect-error a row of another shape
consumer({ ...keeper, handle: () => ({ row: { visits: 1 }, writes: [] }) })
// @ts-expect-error the revision is the runtime's
consumer({ ...keeper, handle: ({ row }) => ({ row: row ?? history, writes: row?.revision ? [] : [] }) })
// @ts-expect-error there may be no row yet
consumer({ ...keeper, handle: ({ row }) => ({ row, writes: [] }) })
// @ts-expect-error the new row is not optional
consumer({ ...keeper, handle: () => nothing })

const { merge: _, ...withoutMerge } = keepsPerPerson
// @ts-expect-error rows of two people who turn out to be one must have a merge
consumer({ ...onParticipations, keepsPerPerson: withoutMerge, handle: () => ({ row: history, writes: [] }) })

const streamKept = { ...keepsPerPerson, table: participations }
// @ts-expect-error a stream cannot be kept
consumer({ ...onParticipations, keepsPerPerson: streamKept, handle: () => ({ row: history, writes: [] }) })

const wrongRestate = { ...keepsPerPerson, restate: () => [task] }
// @ts-expect-error after a merge too, only what is declared
consumer({ ...onParticipations, keepsPerPerson: wrongRestate, handle: () => ({ row: history, writes: [] }) })

// What a consumer keeps of each key

const keepsPerKey = { table: attendances, inputKeyOf: (key: string) => key, aliasesOf: () => [] } as const
const family = { ...onWebinars, keepsPerKey } as const
const row: RowOf<Attendance> = { occurrences: [], webinar: null, participant: null }

consumer({ ...family, handle: ({ rows }) => ({ rows: new Map([['1', rows.get('1') ?? row]]), writes: [] }) })
consumer({ ...family, handle: () => ({ rows: new Map([['1', null]]), writes: [] }) })
// @ts-expect-error rows of another shape
consumer({ ...family, handle: () => ({ rows: new Map([['1', { occurrences: 'none' }]]), writes: [] }) })
// @ts-expect-error one row where there are many
consumer({ ...family, handle: () => ({ row, writes: [] }) })

const { aliasesOf: __, ...withoutAliases } = keepsPerKey
// @ts-expect-error an erasure must find whose row it is
consumer({ ...onWebinars, keepsPerKey: withoutAliases, handle: () => ({ rows: new Map([['1', row]]), writes: [] }) })

// Topics and services

const topic = { name: 'typed', purpose: 'a test', owner: 'tests', key: 'none', partitions: 'shared' } as const
const retention = { days: 1, reason: 'a test' }
stream({ ...topic, record: 'track', retention, keyedBy: event => event.person })
// @ts-expect-error a record that has no schema
stream({ ...topic, record: 'trail', retention, keyedBy: 'person' })
// @ts-expect-error retention without its reason
stream({ ...topic, record: 'track', retention: { days: 1 }, keyedBy: event => event.person })
// @ts-expect-error a key of a field that the record does not have
stream({ ...topic, record: 'track', retention, keyedBy: event => event.number })
resolver({ name, reads: identityClaims, writes: identities })
// @ts-expect-error a resolver reads claims
resolver({ name, reads: tracks, writes: identities })
const replays = hubspotWritesReplay
sink({ name, destination: 'hubspot', reads: hubspotWrites, replays, objects: [hubspotContact] })
// @ts-expect-error a sink reads writes
sink({ name, destination: 'hubspot', reads: tracks, replays, objects: [hubspotContact] })
// @ts-expect-error a sink without the topic of replays
sink({ name, destination: 'hubspot', reads: hubspotWrites, objects: [hubspotContact] })
