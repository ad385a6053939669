import type { SinkWrite, WriteOperation } from '../schemas/generated.ts'
import type { Stream } from './define.ts'

/** What a sink must make true; the runtime adds person, version and cause. */
export interface Write<Target extends string, Fields> {
  readonly kind: 'write'
  readonly target: Target
  readonly operation: WriteOperation
  readonly fields: Partial<Fields>
  readonly fieldsOnCreate: Partial<Fields>
  readonly createIfMissing: boolean
  /** Of an append: built of source ids. */
  readonly once: string | null
  /** Of a keyed object: built of source ids. */
  readonly key: string | null
  /** Of an append: when it happened, in milliseconds since the epoch. */
  readonly at: number | null
  /** Of a SET: says by itself which of two values is newer; absent where the state row or the event does. */
  readonly contest?: Contest
}

/** What a SET says of fields that somebody else sets too, on either side of a sync. */
export interface Contest {
  /** Counts up with each value that is asked for, whatever row it comes from: a higher one replaces a lower one. */
  readonly revision: number
}

export interface SinkObject<Target extends string> {
  readonly kind: 'object'
  /** `<destination>:<object>`. */
  readonly target: Target
  readonly destination: string
  readonly object: string
  /** Where its writes go. */
  readonly topic: Stream<SinkWrite>
  /** Whether its writes name no person. */
  readonly isImpersonal?: true
}

/** An object whose fields can be set, again and again with the same effect. */
export interface SettableObject<Target extends string, Fields> extends SinkObject<Target> {
  set(
    fields: Partial<Fields>,
    options?: {
      readonly createIfMissing?: boolean
      readonly fieldsOnCreate?: Partial<Fields>
      readonly contest?: Contest
    },
  ): Write<Target, Fields>
}

/**
 * An object that belongs to a person's record but has a key of its own, built of source ids (never of the person id): a webinar's task, a participation. Its
 * fields can be set again and again; the first SET makes it.
 */
export interface KeyedObject<Target extends string, Fields> extends SinkObject<Target> {
  set(key: string, fields: Partial<Fields>, options?: { readonly contest?: Contest }): Write<Target, Fields>
}

/**
 * An object that is about no person and has a key of its own, as its source or its vendor knows it: an account, a company. It is written whether or not the event
 * names a person, and no erasure reaches what is on its way, so its fields hold as little of a person as can be; what docs/security.md says of its topic counts.
 */
export interface ImpersonalObject<Target extends string, Fields> extends KeyedObject<Target, Fields> {
  readonly isImpersonal: true
}

/** An object of which each occurrence is made once per `once` key, built of source ids, and never changes afterwards. */
export interface AppendableObject<Target extends string, Fields> extends SinkObject<Target> {
  /** @param at when it happened, in milliseconds since the epoch */
  append(once: string, at: number, fields: Fields): Write<Target, Fields>
}

interface ObjectFacts<Destination extends string, ObjectName extends string> {
  readonly destination: Destination
  readonly object: ObjectName
  readonly topic: Stream<SinkWrite>
}

export const settable =
  <Fields>() =>
  <Destination extends string, ObjectName extends string>(
    facts: ObjectFacts<Destination, ObjectName>,
  ): SettableObject<`${Destination}:${ObjectName}`, Fields> => ({
    kind: 'object',
    ...facts,
    target: `${facts.destination}:${facts.object}`,
    set: (fields, options = {}) => ({
      kind: 'write',
      target: `${facts.destination}:${facts.object}`,
      operation: 'SET',
      fields,
      fieldsOnCreate: options.fieldsOnCreate ?? {},
      createIfMissing: options.createIfMissing ?? false,
      ...{ once: null, key: null, at: null },
      ...(options.contest ? { contest: options.contest } : {}),
    }),
  })

export const keyed =
  <Fields>() =>
  <Destination extends string, ObjectName extends string>(
    facts: ObjectFacts<Destination, ObjectName>,
  ): KeyedObject<`${Destination}:${ObjectName}`, Fields> => ({
    kind: 'object',
    ...facts,
    target: `${facts.destination}:${facts.object}`,
    set: (key, fields, options = {}) => ({
      kind: 'write',
      target: `${facts.destination}:${facts.object}`,
      operation: 'SET',
      fields,
      ...{ fieldsOnCreate: {}, createIfMissing: false, once: null, key, at: null },
      ...(options.contest ? { contest: options.contest } : {}),
    }),
  })

export const impersonal =
  <Fields>() =>
  <Destination extends string, ObjectName extends string>(
    facts: ObjectFacts<Destination, ObjectName>,
  ): ImpersonalObject<`${Destination}:${ObjectName}`, Fields> => ({ ...keyed<Fields>()(facts), isImpersonal: true })

export const appendable =
  <Fields>() =>
  <Destination extends string, ObjectName extends string>(
    facts: ObjectFacts<Destination, ObjectName>,
  ): AppendableObject<`${Destination}:${ObjectName}`, Fields> => ({
    kind: 'object',
    ...facts,
    target: `${facts.destination}:${facts.object}`,
    append: (once, at, fields) => ({
      kind: 'write',
      target: `${facts.destination}:${facts.object}`,
      operation: 'APPEND',
      fields,
      ...{ fieldsOnCreate: {}, createIfMissing: false, once, key: null, at },
    }),
  })
