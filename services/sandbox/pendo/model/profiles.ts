import type { Store } from '../../store.ts'
import { hashOf } from '../ids.ts'
import type { Group, Kind, Values } from './fields.ts'

export type Metadata = Readonly<Record<Group, Values>>

/** A visitor or an account: an id, which is case-sensitive, and metadata. */
export interface Profile {
  readonly id: string
  readonly metadata: Metadata
}

/** The visitors and accounts of a subscription. */
export interface Profiles {
  get(kind: Kind, id: string): Profile | undefined
  all(kind: Kind): readonly Profile[]
  /** Writes values of one group and notes the time; makes the profile when there is none. Null removes a value. */
  write(kind: Kind, id: string, group: Group, values: Values, operation?: string): void
  /** Notes without anybody's metadata being written that there is such a profile. */
  ensure(kind: Kind, id: string): void
  remove(kind: Kind, id: string): void
}

const NOTHING: Metadata = { auto: {}, agent: {}, custom: {}, pendo: {} }

/** @param now the time in epoch milliseconds */
export const createProfiles = (store: Store, now: () => number): Profiles => {
  const tables = { visitor: store.table<Profile>('visitor'), account: store.table<Profile>('account') }
  const put = (kind: Kind, id: string, group: Group, values: Values): void => {
    const { metadata } = tables[kind].get(id) ?? { metadata: { ...NOTHING, auto: { id, idhash: hashOf(id) } } }
    const auto = { ...metadata.auto, lastupdated: now() }
    const written = { ...metadata, auto, [group]: { ...(group === 'auto' ? auto : metadata[group]), ...values } }
    tables[kind].set(id, { id, metadata: { ...written, [group]: withoutNulls(written[group]) } })
  }
  return {
    get: (kind, id) => tables[kind].get(id),
    all: kind => [...tables[kind].values()],
    write: (kind, id, group, values, operation = tables[kind].has(id) ? 'update' : 'create') => {
      put(kind, id, group, values)
      store.applied({ object: kind, id, operation, properties: values })
    },
    ensure: (kind, id) => {
      if (!tables[kind].has(id)) put(kind, id, 'auto', {})
    },
    remove: (kind, id) => {
      tables[kind].delete(id)
      store.applied({ object: kind, id, operation: 'delete', properties: {} })
    },
  }
}

const withoutNulls = (values: Values): Values =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null))
