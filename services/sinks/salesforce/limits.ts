import type { PublishedLimit } from '../../delivery/requests/rate-limit.ts'

/**
 * Salesforce's published numbers, and ours that follow from them. Sources: the REST API developer guide (status codes, sObject collections, headers) and the
 * quick reference of developer limits.
 */

/** Version of the REST API: the results of upserts have said `created` since 46.0. */
export const apiVersion = '60.0'

/**
 * Records of one sObject collection; 201 are refused as a whole. A million tasks that are copies are 10,000 requests, half of them to find those that are there: a tenth of what the
 * smallest Enterprise org may make in a day. Jobs of the Bulk API would save most of these, but they run when Salesforce finds the time: a record in one could not be written live for
 * minutes, and a job whose sink died would overwrite what another sent meanwhile.
 */
export const collectionRecords = 200

/** A request line together with its headers may have 16,384 bytes (status 414 and 431). The encoded query keeps 4 KB free for the headers. */
export const longestEncodedQuery = 12_000

/** Characters of the external id field of the task, and of its subject and comments. */
export const taskLengths = { key: 255, subject: 255, description: 32_000 }

/**
 * There is no limit per second but one of requests in rolling 24 hours: 100,000 and more in Enterprise, 15,000 in Developer. Two requests a second, while there
 * is something to write, show attendance within seconds and leave the others of the org their share: four hours of webinars take a quarter of the smallest
 * Enterprise allowance at most. Batches of 200 gather meanwhile.
 */
export const pace: PublishedLimit = { requests: 120, windowMs: 60_000 }

/** Below this share of the allowance what is left is spread over the 24 hours in which it comes back. */
export const scarceShare = 0.2
export const allowanceWindowMs = 24 * 60 * 60 * 1000

/** A used-up allowance comes back hour by hour: how often one request is let through to look. */
export const allowanceLookMs = 15 * 60 * 1000

/** 25 requests of an org may run longer than 20 s at a time. A refusal of that kind passes when they end. */
export const concurrentRefusalMs = 20_000

/** Requests of ours under way at the same time: tasks of people of one account lock that account, so more only provoke locks. */
export const concurrentRequests = 2

/** Salesforce ends a request after 120 s; collections of tasks take far less than this. */
export const requestTimeoutMs = 60_000

/** The assertion of a login may be valid for 5 minutes at most; ours lives shorter, and long enough for a clock that is off by a minute. */
export const assertionLifeMs = 3 * 60 * 1000

/**
 * How long "neither a contact nor a lead has this address" is believed. Without it each join and leave of somebody whom the org does not know costs two requests;
 * somebody whom sales adds during a webinar gets the task with the next write after it.
 */
export const absentForMs = 2 * 60 * 1000

/** Addresses remembered as absent: more than two minutes of look-ups at our pace can ask for. */
export const mostAbsent = 50_000

/** How long it is believed who of the org's users has an address, or that nobody has it: who is added or leaves counts within minutes. */
export const ownersForMs = 5 * 60 * 1000
