// Generated from schemas/*.avsc by `npm run generate`. Do not edit.

/** A person as a product or site knows them: an identify call or visitor metadata. Key: the person alias. */
export interface Visitor {
  /** Identity of the event, made of the source's own ids. A repeated delivery carries the same one: Segment messageId, or Pendo visitor id and update time. */
  readonly eventId: string
  /** Vendor and account that the event came from, as `<vendor>:<account>`, for example `zoom:default`. */
  readonly source: string
  /** When it happened at the source; never later than receivedAt. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** Strongest alias of the visitor, for example `user:42` or `email:ada@example.com`. */
  readonly person: string
  /** Every alias the event names, strongest first. */
  readonly aliases: readonly string[]
  /** Account id the visitor belongs to at the source. */
  readonly account: null | string
  /** Metadata of the visitor by name as the source spells it. */
  readonly traits: Readonly<Record<string, null | boolean | number | string>>
  /** What the sender said of destinations by name, for example `Pendo`, `All` for those that are not named: false for those that must not get it. Empty: all may. */
  readonly destinations: Readonly<Record<string, boolean>>
}

/** A company as a product or CRM knows it: a group call or account metadata. Key: the account id. */
export interface Account {
  /** Identity of the event, made of the source's own ids. A repeated delivery carries the same one: Segment messageId, or account id and update time. */
  readonly eventId: string
  /** Vendor and account that the event came from, as `<vendor>:<account>`, for example `zoom:default`. */
  readonly source: string
  /** When it happened at the source; never later than receivedAt. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** Account id at the source. */
  readonly account: string
  /** Main web domain in lower case, when known. */
  readonly domain: null | string
  /** Metadata of the account by name as the source spells it. */
  readonly traits: Readonly<Record<string, null | boolean | number | string>>
  /** What the sender said of destinations by name, for example `Pendo`, `All` for those that are not named: false for those that must not get it. Empty: all may. */
  readonly destinations: Readonly<Record<string, boolean>>
}

/** What was seen. */
export type TrackKind = 'TRACK' | 'PAGE' | 'FEATURE' | 'SCREEN'

/** Something a person did in a product. Key: the person alias. */
export interface Track {
  /** Identity of the event, made of the source's own ids. A repeated delivery carries the same one: Segment messageId or Pendo uniqueId. */
  readonly eventId: string
  /** Vendor and account that the event came from, as `<vendor>:<account>`, for example `zoom:default`. */
  readonly source: string
  /** When it happened at the source; never later than receivedAt. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** A named track event, or a view of a page, feature or screen. */
  readonly kind: TrackKind
  /** Name of the event, page, feature or screen as the source spells it. */
  readonly name: string
  /** Strongest alias of the person. */
  readonly person: string
  /** Every alias the event names, strongest first. */
  readonly aliases: readonly string[]
  /** Account id the person acted for. */
  readonly account: null | string
  /** Whether the product marks it as a Core Event. */
  readonly core: boolean
  /** Properties of the event. */
  readonly properties: Readonly<Record<string, null | boolean | number | string>>
  /** What the sender said of destinations by name, for example `Pendo`, `All` for those that are not named: false for those that must not get it. Empty: all may. */
  readonly destinations: Readonly<Record<string, boolean>>
}

/** What happened. */
export type WebinarEventKind = 'CREATED' | 'UPDATED' | 'DELETED' | 'STARTED' | 'ENDED' | 'REGISTERED' | 'APPROVED' | 'CANCELLED' | 'DENIED' | 'JOINED' | 'LEFT' | 'BOUND' | 'REPORTED' | 'SETTLED'

/** One date of a series. */
export interface Occurrence {
  /** Zoom occurrence id. */
  readonly id: string
  /** Scheduled start. */
  readonly startTime: number
}

/** State of a registration. */
export type RegistrationStatus = 'APPROVED' | 'PENDING' | 'CANCELLED' | 'DENIED'

/** Who registered. */
export interface Registrant {
  /** Zoom registrant id. */
  readonly id: string
  /** Address in lower case. */
  readonly email: string
  /** Given name. */
  readonly firstName: null | string
  /** Family name. */
  readonly lastName: null | string
  /** State after this event. */
  readonly status: RegistrationStatus
  /** Personal join link, when Zoom sends it. */
  readonly joinUrl: null | string
  /** Answered standard questions by Zoom's field name. */
  readonly answers: Readonly<Record<string, string>>
  /** Answered custom questions by their title. */
  readonly customAnswers: Readonly<Record<string, string>>
}

/** Who joined or left. */
export interface Participant {
  /** Id of this one join, new at each join. */
  readonly session: string
  /** In BOUND: the other session of the same person. One of the two is a phone leg; Zoom does not say which. */
  readonly boundSession: null | string
  /** Display name. */
  readonly name: null | string
  /** Whether it is the webinar's host or one of its panelists (topology/selection.ts), who are no attendees. */
  readonly host: boolean
  /** Start of the session; in JOINED and REPORTED. */
  readonly joinedAt: null | number
  /** End of the session; in LEFT and REPORTED. */
  readonly leftAt: null | number
}

/** Something that happened to a webinar, a registration or a participant. Key: the webinar number. */
export interface Webinar {
  /** Identity of the event, made of the source's own ids. A repeated delivery carries the same one: the webhook's event, instance, registrant or session, and its own time. */
  readonly eventId: string
  /** Vendor and account that the event came from, as `<vendor>:<account>`, for example `zoom:default`. */
  readonly source: string
  /** When it happened at the source; never later than receivedAt. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** What happened. BOUND: a phone leg was tied to a computer session. REPORTED: a row of Zoom's participant report, one finished session. SETTLED: the run's report was read (`reported`) or waited for in vain; nothing more is expected of the run. */
  readonly kind: WebinarEventKind
  /** Name of the Zoom account in our configuration. */
  readonly account: string
  /** Webinar number, digits only. The series for a recurring webinar. */
  readonly number: string
  /** Whether the number stands for a series (Zoom types 6 and 9). */
  readonly recurring: boolean
  /** Zoom uuid of this run; it changes at each start, so it is not the webinar's identity. */
  readonly instance: null | string
  /** Title of the webinar. */
  readonly topic: null | string
  /** Scheduled start in schedule and registration events, actual start of the instance in the others. */
  readonly startTime: null | number
  /** Actual end of the instance; in ENDED, and in SETTLED when it is known. */
  readonly endTime: null | number
  /** In SETTLED: whether Zoom's participant report was read. */
  readonly reported: null | boolean
  /** IANA time zone of the webinar. */
  readonly timezone: null | string
  /** Dates of the series that the event names; those registered for in a registration. */
  readonly occurrences: readonly Occurrence[]
  /** Strongest alias of the registrant or participant; null when the event is about nobody or names no alias. */
  readonly person: null | string
  /** Every alias of that person in the event, strongest first. */
  readonly aliases: readonly string[]
  /** The registrant; only in registration events. */
  readonly registrant: null | Registrant
  /** The participant; only in JOINED, LEFT, BOUND and REPORTED. */
  readonly participant: null | Participant
}

/** A CRM that holds tasks. */
export type TaskSystem = 'HUBSPOT' | 'SALESFORCE'

/** What became of the record. */
export type TaskChange = 'CREATED' | 'UPDATED' | 'DELETED' | 'RESTORED'

/** Type of an activity. */
export type Activity = 'TASK' | 'CALL' | 'NOTE' | 'MEETING' | 'EMAIL' | 'MARKETING_EVENT'

/** The last change of one field. */
export interface FieldChange {
  /** When it changed at the source. */
  readonly at: number
  /** Whether Tributary changed it. */
  readonly ours: boolean
}

/** A company, or an account, that a task relates to. */
export interface RelatedCompany {
  /** As of relatedTo. */
  readonly alias: string
  /** By what it is known in both CRMs: `salesforce:account:<id>`, `domain:example.com`, the surest first. None when it is known in one only. */
  readonly names: readonly string[]
}

/** A change of a task or activity in a CRM: usually all that the record held when it was read. Key: what it is linked by. */
export interface Task {
  /** Identity of the event, made of the source's own ids. A repeated delivery carries the same one: record id, modification time and a hash of what was read. */
  readonly eventId: string
  /** Vendor and account that the event came from, as `<vendor>:<account>`, for example `zoom:default`. */
  readonly source: string
  /** When it happened at the source; never later than receivedAt. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** Where the change was made. */
  readonly system: TaskSystem
  /** Id of the task or activity in that system. */
  readonly record: string
  /** What became of the record. */
  readonly change: TaskChange
  /** Type of the activity. */
  readonly activity: Activity
  /** Aliases of the people it is about, those first whom an activity goes to that may be on one person only: who is in both CRMs, of them the contact that was made last, and of those made at the same time the one with the largest record id. */
  readonly people: readonly string[]
  /** Alias of the company or account it relates to, when it is one: `hubspot:company:901`, `salesforce:account:001Hx00002AbCdEIAV`. */
  readonly relatedTo: null | string
  /** Alias of the user it is assigned to, by address: `email:rep@example.com`. Null when it is assigned to nobody, or to the integration user. */
  readonly owner: null | string
  /** Fields by the system's own names, null for empty ones. A reading tells all that were asked for; a deletion may tell none. */
  readonly fields: Readonly<Record<string, null | boolean | number | string>>
  /** Who changed the record last, as the system tells it: `CRM_UI userId:12`, a user's id. */
  readonly changedBy: null | string
  /** What it and its copy in the other CRM are linked by for life: the record that was there first, as `<vendor>:<object>:<record id>`, for example `hubspot:task:5012`. */
  readonly link: null | string
  /** Alias of the first of `people`; null when it is about nobody. */
  readonly person: null | string
  /** Alias of the user who owns that person's record, by address; null when nobody does. */
  readonly recordOwner: null | string
  /** When the record was made, as the system tells it. */
  readonly createdAt: null | number
  /** The last change of each field, by its name, where the system tells it of single fields (HubSpot's history); else empty: then each may have changed at any time up to occurredAt. */
  readonly changes: Readonly<Record<string, FieldChange>>
  /** Whether the last change of the record was Tributary's own. */
  readonly ours: boolean
  /** The companies it relates to, none when it relates to nothing. Null when the reading tells nothing of it: it was not asked for, may not be seen, relates to something that is no company, or is on a lead, whose tasks cannot relate to anything in Salesforce. */
  readonly related: null | readonly RelatedCompany[]
  /** Aliases in the other CRM of those of `people` who are there too, but for the first: `salesforce:contact:003Hx00003KdPYAIA3`. Null where it is not told. */
  readonly others: null | readonly string[]
}

/** That something became of a record at a vendor, which has to be read to know what. Key: the record, as `<vendor>:<object>:<record id>`. */
export interface RecordNotice {
  /** Identity of the event, made of the source's own ids. A repeated delivery carries the same one. */
  readonly eventId: string
  /** Vendor and account that the event came from, as `<vendor>:<account>`, for example `hubspot:default`. */
  readonly source: string
  /** When it happened at the source; never later than receivedAt. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** Type of the record, as in its alias: `task`, `call`. */
  readonly object: string
  /** Its id. */
  readonly record: string
  /** Whether the source says that it was deleted. */
  readonly gone: boolean
}

/** What became of the prospect. */
export type ProspectChange = 'CREATED' | 'UPDATED' | 'DELETED'

/** A change of an Account Engagement prospect. Key: the prospect, as `<business unit>:<prospect id>`. */
export interface Prospect {
  /** Identity of the event, made of the source's own ids. A repeated delivery carries the same one: prospect id and modification time. */
  readonly eventId: string
  /** Vendor and account that the event came from, as `<vendor>:<account>`, for example `zoom:default`. */
  readonly source: string
  /** When it happened at the source; never later than receivedAt. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** Account Engagement business unit id. */
  readonly businessUnit: string
  /** Prospect id. */
  readonly prospect: string
  /** What became of the prospect. */
  readonly change: ProspectChange
  /** Strongest alias of the person. */
  readonly person: string
  /** Every alias of the person in the event, strongest first. */
  readonly aliases: readonly string[]
  /** Whether the prospect is assigned to a user, group or queue. */
  readonly assigned: boolean
  /** Fields of the prospect by Account Engagement's own names. */
  readonly fields: Readonly<Record<string, null | boolean | number | string>>
}

/** What is claimed. */
export type ClaimKind = 'SEEN' | 'MERGE' | 'APART' | 'ERASE' | 'LIFT'

/** What a source says about who is who. Key: the first alias. The resolver's result depends on the set of claims only. */
export interface IdentityClaim {
  /** Identity of the claim; a repetition carries the same one. */
  readonly id: string
  /** When the source knew it. */
  readonly time: number
  /** SEEN and MERGE: the aliases are one person. APART: the two are not (an operator). ERASE: forget the people whom the aliases name; `person:<id>` may stand for all strong aliases of one. LIFT: accept the aliases again after an erasure. */
  readonly kind: ClaimKind
  /** One to many aliases in their one spelling, strongest first; exactly two strong ones in APART. */
  readonly aliases: readonly string[]
  /** What is known of the person, for example `firstName`; the latest claim time wins per name. */
  readonly attributes: Readonly<Record<string, null | boolean | number | string>>
  /** Who claims it: `<vendor>:<account>`, a sink, or `operator`. */
  readonly source: string
}

/** What the row is. */
export type IdentityKind = 'ALIAS' | 'PERSON' | 'MERGED' | 'ERASED'

/** A person id that is no longer a person's own and leads here. */
export interface FormerPerson {
  /** The former id; its row is MERGED. */
  readonly person: string
  /** The alias that the id was made of; the id leads to whoever holds it. */
  readonly alias: string
}

/** A claim named two strong aliases together. */
export interface AliasLink {
  /** The other alias. */
  readonly alias: string
  /** Earliest time of such a claim. */
  readonly firstClaimed: number
}

/** To whom a weak alias points: the latest claim that names it with a strong one. */
export interface WeakPointer {
  /** The first strong alias of that claim. Null in ERASED: the person is forgotten. */
  readonly alias: null | string
  /** Time of that claim. */
  readonly time: number
  /** HMAC of the id of that claim; decides between equal times. */
  readonly claim: string
}

/** A value with the claim it came with. */
export interface Attribute {
  /** The latest value. */
  readonly value: null | boolean | number | string
  /** Time of the claim it came with. */
  readonly time: number
  /** Id of that claim; decides between equal times. */
  readonly claim: string
}

/** A row of the identities table. Keys: `<alias>`, `person:<id>` or `erased:<hmac of an alias or of person:<id>>`. */
export interface Identity {
  /** ALIAS holds what was claimed of one alias and points to a person, PERSON holds one, MERGED points to the survivor, ERASED remains of a forgotten alias. */
  readonly kind: IdentityKind
  /** ALIAS and PERSON: the person id. MERGED: the survivor's. */
  readonly person: null | string
  /** PERSON: every alias that leads here; strong ones first, earliest claimed first, then weak ones by name. */
  readonly aliases: readonly string[]
  /** PERSON: former ids that lead here. */
  readonly former: readonly FormerPerson[]
  /** ALIAS: the earliest time at which a claim named it; of a weak one that points to somebody, the time of the claim that says so. */
  readonly firstClaimed: null | number
  /** ALIAS, strong: the aliases it is linked with, by name. Each link is in the rows of both. */
  readonly links: readonly AliasLink[]
  /** ALIAS and ERASED, strong: HMACs of the aliases that an operator told apart from it, sorted; hashed, so that nothing of the other remains here when it is erased. */
  readonly apart: readonly string[]
  /** ALIAS, weak: to whom it points; null while no claim named it with a strong alias. ERASED: set when a weak alias went along with the person it pointed to; a later claim points it to somebody else. */
  readonly pointer: null | WeakPointer
  /** ALIAS: what was claimed with this alias first. PERSON: what is known, the latest claim of all its strong aliases per name. */
  readonly attributes: Readonly<Record<string, Attribute>>
  /** ERASED: time of the latest ERASE claim that names this alias; null when it was forgotten along with another alias of the person. */
  readonly erased: null | number
  /** ERASED: time of the LIFT claim in force; claims after it are accepted again. Null: erased. */
  readonly lifted: null | number
}

/** One run from start to end. */
export interface WebinarInstance {
  /** Zoom uuid. */
  readonly id: string
  /** Actual start. */
  readonly startedAt: null | number
  /** Actual end; null while it runs. */
  readonly endedAt: null | number
  /** When the report was read, or waited for in vain, for the first time; null until then. */
  readonly settledAt: null | number
  /** Whether Zoom's participant report was read. */
  readonly reported: boolean
}

/** A webinar and its runs. */
export interface WebinarRun {
  /** `<number>`, or `<number>-<occurrence>` in a series. */
  readonly id: string
  /** Name of the Zoom account. */
  readonly account: string
  /** Title, the latest known. */
  readonly topic: null | string
  /** Scheduled start. */
  readonly scheduledAt: null | number
  /** IANA time zone. */
  readonly timezone: null | string
  /** Its runs; a restart is the same webinar. */
  readonly instances: readonly WebinarInstance[]
}

/** State of a registration. */
export type ParticipationRegistrationStatus = 'APPROVED' | 'PENDING' | 'CANCELLED' | 'DENIED'

/** A registration. */
export interface Registration {
  /** Latest state. */
  readonly status: ParticipationRegistrationStatus
  /** First registration. */
  readonly registeredAt: number
  /** When the registration was first approved or pending; null when only its end was seen. */
  readonly stoodAt: null | number
  /** When Tributary first took that the registration was approved or pending; 0 until then, and when that was before it was kept. */
  readonly stoodReceivedAt: number
  /** Time of the latest state. */
  readonly changedAt: number
  /** Personal join link. */
  readonly joinUrl: null | string
}

/** One join until its leave. */
export interface Session {
  /** Session id. */
  readonly id: string
  /** Zoom uuid of the run. */
  readonly instance: null | string
  /** Null until the join is known. */
  readonly joinedAt: null | number
  /** When Tributary first took that the participant joined with it; 0 until the join is known, and when that was before it was kept. */
  readonly joinReceivedAt: number
  /** Null until the leave is known. */
  readonly leftAt: null | number
  /** Whether it is a row of Zoom's participant report, a finished session. */
  readonly reported: boolean
}

/** All that is observed of one participant of one webinar. Key: the person id. */
export interface Participation {
  /** Identity of the event, made of the source's own ids. A repeated delivery carries the same one: that of the event which changed it. */
  readonly eventId: string
  /** Vendor and account that the event came from, as `<vendor>:<account>`, for example `zoom:default`. */
  readonly source: string
  /** When it happened at the source; never later than receivedAt. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** An alias of the person. */
  readonly person: string
  /** Key of the participant in the webinar; a person may have several. */
  readonly participant: string
  /** When Tributary first took something about the participant; 0 when that was before it was kept. */
  readonly firstReceivedAt: number
  /** Counts the changes of this participant and of the telephone sessions bound to them; a higher one replaces a lower one. */
  readonly revision: number
  /** Counts the changes of the webinar; with equal participant revisions the higher one replaces the lower one. */
  readonly webinarRevision: number
  /** The webinar. */
  readonly webinar: WebinarRun
  /** The registration, if there is one. */
  readonly registration: null | Registration
  /** Observed sessions, those of bound phone legs included. */
  readonly sessions: readonly Session[]
}

/** One date of a series. */
export interface AttendanceOccurrence {
  /** Zoom occurrence id. */
  readonly id: string
  /** Scheduled start. */
  readonly startTime: number
}

/** One run. */
export interface AttendanceInstance {
  /** Actual start. */
  readonly startedAt: null | number
  /** Whether the start itself or the report told it, not another event of the run. */
  readonly startConfirmed: boolean
  /** Actual end. */
  readonly endedAt: null | number
  /** When the report was read, or waited for in vain, for the first time; null until then. */
  readonly settledAt: null | number
  /** Whether Zoom's participant report was read. */
  readonly reported: boolean
}

/** A webinar as observed. */
export interface AttendanceWebinar {
  /** Name of the Zoom account. */
  readonly account: string
  /** Title. */
  readonly topic: null | string
  /** When the title was known. */
  readonly topicAt: null | number
  /** Scheduled start. */
  readonly scheduledAt: null | number
  /** IANA time zone. */
  readonly timezone: null | string
  /** Runs by Zoom uuid. */
  readonly instances: Readonly<Record<string, AttendanceInstance>>
}

/** One join until its leave. */
export interface AttendanceSession {
  /** Zoom uuid of the run. */
  readonly instance: null | string
  /** Null until the join is known. */
  readonly joinedAt: null | number
  /** When Tributary first took the join; 0 until it is known, and when that was before it was kept. */
  readonly joinReceivedAt: number
  /** Null until the leave is known. */
  readonly leftAt: null | number
  /** Whether it is a row of Zoom's participant report, a finished session. */
  readonly reported: boolean
}

/** A participant as observed. */
export interface AttendanceParticipant {
  /** Alias of the person; null for a guest without address. */
  readonly person: null | string
  /** All aliases seen with the participant, for erasure. */
  readonly aliases: readonly string[]
  /** When Tributary first took something about the participant; 0 when that was before it was kept. */
  readonly firstReceivedAt: number
  /** First registration. */
  readonly registeredAt: null | number
  /** When the registration was first approved or pending; null when only its end was seen. */
  readonly stoodAt: null | number
  /** When Tributary first took that the registration was approved or pending; 0 until then, and when that was before it was kept. */
  readonly stoodReceivedAt: number
  /** APPROVED, PENDING, CANCELLED or DENIED. */
  readonly registrationStatus: null | string
  /** Time of that status. */
  readonly registrationChangedAt: null | number
  /** Personal join link. */
  readonly joinUrl: null | string
  /** Observed sessions by id. */
  readonly sessions: Readonly<Record<string, AttendanceSession>>
  /** Sessions of phone legs that belong to this participant. */
  readonly boundSessions: readonly string[]
  /** When Tributary first took that a phone leg belongs to this participant; 0 until then, and when that was before it was kept. */
  readonly boundReceivedAt: number
}

/** A state row of webinar-attendance. Keys: `<number>|` a series, `<webinar>|` a webinar, `<webinar>|<participant>` a participant. */
export interface Attendance {
  /** Counts the changes of this row. */
  readonly revision: number
  /** Of a series: its known dates. */
  readonly occurrences: readonly AttendanceOccurrence[]
  /** Of a webinar: what is known of it. */
  readonly webinar: null | AttendanceWebinar
  /** Of a participant: what was observed. */
  readonly participant: null | AttendanceParticipant
}

/** A state row of webinar-contact: all webinars of one person. Key: the person id. */
export interface WebinarHistory {
  /** Counts the changes of this row; versions the contact's fields. */
  readonly revision: number
  /** The latest participation per webinar and participant, ordered by both. */
  readonly participations: readonly Participation[]
}

/** Which of the two vendors. */
export type ProfileSide = 'PENDO' | 'HUBSPOT'

/** A value that one side told. */
export interface ProfileValue {
  /** As the mapping's type spells it on both sides: texts, numbers, truths, a date as `2026-03-04`, a moment as ISO 8601 in UTC; null for none. */
  readonly value: null | boolean | number | string
  /** When it was so at the source, never later than receivedAt. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** Event that told it. */
  readonly eventId: string
  /** Whether the source told that this value changed then; else it was read together with others, and may have been so for long. */
  readonly change: boolean
}

/** That a vendor took a write of ours. */
export interface Arrival {
  /** Event that led to the write. */
  readonly eventId: string
  /** When the answer came. */
  readonly at: number
}

/** What Pendo or HubSpot tells of a person or a company, as far as a mapping takes it. Key: the person id, or what links an account with a company. */
export interface Profile {
  /** Identity of the event, made of the source's own ids. A repeated delivery carries the same one. */
  readonly eventId: string
  /** Vendor and account that the event came from, as `<vendor>:<account>`, for example `pendo:default`. */
  readonly source: string
  /** When it happened at the source; never later than receivedAt. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** An alias of the person; null of a company. */
  readonly person: null | string
  /** Of a company what links it with an account: its web domain, or its record id; null of a person. */
  readonly link: null | string
  /** Which vendor tells it. */
  readonly side: ProfileSide
  /** Id of the visitor, contact, account or company there. */
  readonly record: string
  /** When Tributary first took something of this record. */
  readonly since: number
  /** Whether the record has another link by now, so that this one must forget it. */
  readonly gone: boolean
  /** By the name of the field in the mapping; what is not told is not there. */
  readonly values: Readonly<Record<string, ProfileValue>>
  /** Instead of values: that the record was written. */
  readonly arrival: null | Arrival
}

/** A value that was told. */
export interface KnownValue {
  /** As in a profile. */
  readonly value: null | boolean | number | string
  /** When it was so at the source. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** Event that told it. */
  readonly eventId: string
  /** As in a profile. */
  readonly change: boolean
}

/** A state row of account-profiles: what is known of one account or company. Key: `<source>|<id>`. */
export interface KnownAccount {
  /** Counts the changes of this row. */
  readonly revision: number
  /** When Tributary first took something of it. */
  readonly since: number
  /** What links it: its web domain, or the record id of the company; null until that is told. */
  readonly link: null | KnownValue
  /** The link that it had before; null when it never had another one. */
  readonly movedFrom: null | string
  /** Event by which it has the present link. */
  readonly movedBy: null | string
  /** By the name of the field in the mapping. */
  readonly values: Readonly<Record<string, KnownValue>>
}

/** Which of the systems. */
export type MetadataSide = 'PENDO' | 'HUBSPOT' | 'SALESFORCE'

/** When it came to this link or left it last. */
export interface LinkPresence {
  /** Whether it belongs to this link; one that left is remembered, so that what was told before does not bring it back. */
  readonly here: boolean
  /** When that happened at the source. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** Event that told it. */
  readonly eventId: string
}

/** What a record was last seen to hold. */
export interface LinkedValue {
  /** The value, as in a profile. */
  readonly value: null | boolean | number | string
  /** When it was so at the source. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
  /** Event that told it. */
  readonly eventId: string
  /** The latest settlement that is known to have reached it, by its `askedAt`; 0 for none. */
  readonly settled: number
}

/** A record of one side. */
export interface LinkedRecord {
  /** Which side. */
  readonly side: MetadataSide
  /** Its id. */
  readonly record: string
  /** When Tributary first took something of it. */
  readonly since: number
  /** Whether it belongs here. */
  readonly presence: LinkPresence
  /** Whether it takes part; of several accounts or companies with one link only the first does. */
  readonly joined: boolean
  /** By the name of the field in the mapping. */
  readonly values: Readonly<Record<string, LinkedValue>>
}

/** A value that both sides shall hold. */
export interface Settlement {
  /** The value, as in a profile. */
  readonly value: null | boolean | number | string
  /** When it was so at its source. */
  readonly at: number
  /** Where it comes from. */
  readonly side: MetadataSide
  /** Counts up, in milliseconds since the epoch or just above: the version of the writes that ask for it. */
  readonly askedAt: number
  /** Event that led to it. */
  readonly eventId: string
  /** Whom it was written to: `hubspot`, or `pendo:<id>`. */
  readonly told: readonly string[]
  /** By whom it was written to: when the vendor had taken it, in milliseconds since the epoch. */
  readonly arrived: Readonly<Record<string, number>>
}

/** What was settled of one field. */
export interface LinkedField {
  /** What both sides shall hold. */
  readonly agreed: Settlement
  /** The latest settlements, the oldest first: by them what was written here is known when it comes back. */
  readonly asked: readonly Settlement[]
}

/** A state row of visitor-contact, account-company or task-links: what two systems hold of one person, company or task. Key: the person id, or what links the two. */
export interface MetadataLink {
  /** Counts the changes of this row. */
  readonly revision: number
  /** The records of both sides, ordered by side and id. */
  readonly records: readonly LinkedRecord[]
  /** By the name of the field in the mapping. */
  readonly fields: Readonly<Record<string, LinkedField>>
}

/** What to do. */
export type WriteOperation = 'SET' | 'APPEND' | 'CREATE' | 'DELETE'

/** Which of two values of a field is newer. */
export interface WriteVersion {
  /** Revision of the state row that the fields were computed from; compared first when both have one. */
  readonly revision: null | number
  /** Source time, never later than receipt. */
  readonly time: number
  /** Decides between equal times. */
  readonly eventId: string
}

/** Where the write comes from. */
export interface WriteCause {
  /** Consumer that asked for it. */
  readonly consumer: string
  /** Event it handled. */
  readonly eventId: string
  /** When that happened at the source: freshness is measured from here. */
  readonly occurredAt: number
  /** When Tributary took it. */
  readonly receivedAt: number
}

/** Something a sink must make true of a person's record, or of an object that is about nobody. Key: the person id, else `<destination>:<object>:<key>`. */
export interface SinkWrite {
  /** Consumer, event id and index: for tracing. */
  readonly id: string
  /** SET makes fields true and may be repeated. APPEND and CREATE happen once per `once` key. DELETE removes the record. */
  readonly operation: WriteOperation
  /** The vendor, for example `hubspot`. */
  readonly destination: string
  /** The vendor's object, for example `contact`. */
  readonly object: string
  /** Person id; the sink finds the record. Null for an object that is about no person (an account), which only its key names. */
  readonly person: null | string
  /** Values by the vendor's field name; null clears. */
  readonly fields: Readonly<Record<string, null | boolean | number | string>>
  /** Whether a SET may create the record of a person who has none. */
  readonly createIfMissing: boolean
  /** Values set only when this write creates the record. */
  readonly fieldsOnCreate: Readonly<Record<string, null | boolean | number | string>>
  /** Version of every field of this write. */
  readonly version: WriteVersion
  /** SET: whether somebody else sets these fields too. Then a newer version goes out even when its value equals what was delivered last, for the record may hold another one by now. */
  readonly shared: boolean
  /** APPEND and CREATE: key built of source ids, never of the person id. */
  readonly once: null | string
  /** SET of an object that has a key of its own (a task, a participation, an account): built of source ids, never of the person id. */
  readonly key: null | string
  /** APPEND: when it happened, as the vendor shall show it. */
  readonly at: null | number
  /** Where the write comes from. */
  readonly cause: WriteCause
}

/** What became of it. */
export type Outcome = 'APPLIED' | 'CREATED' | 'UNCHANGED' | 'STALE' | 'IMMUTABLE' | 'SKIPPED' | 'ERASED' | 'REJECTED'

/** What became of a write. Key: the person id, else `<destination>:<object>:<record>`. */
export interface Receipt {
  /** Id of the write. */
  readonly writeId: string
  /** The vendor. */
  readonly destination: string
  /** The vendor's object. */
  readonly object: string
  /** Person id the write named; null for an object that is about no person. */
  readonly person: null | string
  /** Record id in the vendor's system, when one was found or made. */
  readonly record: null | string
  /** UNCHANGED: already delivered. STALE: a newer value stands. IMMUTABLE: already appended. SKIPPED: no record and none may be created. ERASED: the person is forgotten. REJECTED: a dead letter tells why. */
  readonly outcome: Outcome
  /** HTTP status of the deciding answer. */
  readonly status: null | number
  /** Error code of a rejection, or why it was skipped. */
  readonly code: null | string
  /** Codes of what was changed or left out of the write's fields to keep the vendor's rules. */
  readonly adjustments: readonly string[]
  /** Requests made for it, 0 when none was needed. */
  readonly attempts: number
  /** The vendor's id of the deciding answer. */
  readonly correlationId: null | string
  /** When the cause happened at the source. */
  readonly occurredAt: number
  /** When Tributary took the cause. */
  readonly receivedAt: number
  /** When the outcome was known. */
  readonly at: number
}

/** A field as last delivered. */
export interface DeliveredField {
  /** As in WriteVersion. */
  readonly revision: null | number
  /** As in WriteVersion. */
  readonly time: number
  /** As in WriteVersion. */
  readonly eventId: string
  /** Hash of the value, so that equal values are not sent again. */
  readonly hash: string
}

/** What a vendor's record holds of ours. Key: `<destination>:<object>:<record>`, where the key of a keyed object or the once key of an append stands for the record. */
export interface Delivered {
  /** Person the record was written for. */
  readonly person: null | string
  /** By the vendor's field name. */
  readonly fields: Readonly<Record<string, DeliveredField>>
  /** When it was last written. */
  readonly at: number
  /** Record that took the place of this one: the vendor merged it away, or it was deleted and another was found. Writes go there. A record of the same object by its id, one of another object (a lead became a contact) by its delivered key. */
  readonly movedTo: null | string
}

/** What was done. */
export type DeadLetterState = 'RETRIED' | 'DROPPED'

/** What an operator did with a dead letter. Key: the dead letter's id, <partition>-<offset> in the topic dead-letters. */
export interface DeadLetterMark {
  /** RETRIED: sent again; if it fails again it comes back under a new id. DROPPED: nothing is to be done with it. */
  readonly state: DeadLetterState
  /** Kafka's timestamp of the dead letter. A letter of the same id and another timestamp lies in a topic that was made anew, and is not meant. */
  readonly letterTimestamp: number
  /** When it was done. */
  readonly at: number
  /** Where a retry put it: <topic>-<partition>-<offset> of each record. */
  readonly appended: readonly string[]
}

/** Ids of messages that a process of the ingest has taken and Kafka has acknowledged, so that every process, and those started later, know a repetition. */
export interface MessageIds {
  /** When the last of them was taken. */
  readonly time: number
  /** 64 bits of each, big endian, one after the other: the hash of <source name>, a line feed and the message's id. */
  readonly hashes: Buffer
}

/** How far a sweep of a vendor has come, or which metadata it has told. Key: what it is about. */
export interface SweepMark {
  /** Of what is swept (`usage`, `contacts`): until when all is told. Of one record: when it was told. Of a backfill: when it began. */
  readonly time: number
  /** 52 bits of a hash: of one record, over what was told of it; of what is swept, over what is asked for, where that can change. Of a backfill: over what was chosen. Else null. */
  readonly content: null | number
  /** Of a backfill that is not done: the last id of which all is told, in the order of ids; empty when none is. Else null. */
  readonly cursor: null | string
  /** Of a backfill: how many records it has read. Else null. */
  readonly read: null | number
  /** Of a channel of change events: the replay id of the last one of which all is told, in hexadecimal digits. Else null. */
  readonly position: null | string
}

/** How many custom event completions one process may have sent to an account in one month. Key: `<destination>:<account>:<month>:<writer>`; the usage of a month is the sum over the writers. */
export interface EventUsage {
  /** The vendor, for example `hubspot`. */
  readonly destination: string
  /** The account's id at the vendor, for example HubSpot's portal id. */
  readonly account: string
  /** Month in the account's time zone, as `2026-11`. */
  readonly month: string
  /** The account's time zone, as the vendor names it. */
  readonly timeZone: string
  /** Process that sends; each keeps a row of its own, so that none loses what another counted. */
  readonly writer: string
  /** Completions that it may have sent: counted before they are, a few thousand at a time, and what was left is given back at its end. */
  readonly reserved: number
  /** When it was counted. */
  readonly at: number
}

/** The value of each record, by the name of its schema file. */
export interface Records {
  visitor: Visitor
  account: Account
  track: Track
  webinar: Webinar
  task: Task
  'record-notice': RecordNotice
  prospect: Prospect
  'identity-claim': IdentityClaim
  identity: Identity
  participation: Participation
  attendance: Attendance
  'webinar-history': WebinarHistory
  profile: Profile
  'known-account': KnownAccount
  'metadata-link': MetadataLink
  'sink-write': SinkWrite
  receipt: Receipt
  delivered: Delivered
  'dead-letter-mark': DeadLetterMark
  'message-ids': MessageIds
  'sweep-mark': SweepMark
  'event-usage': EventUsage
}

