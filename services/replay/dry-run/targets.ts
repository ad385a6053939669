import type { SinkWrite } from '../../../schemas/generated.ts'
import type { Person } from '../../../topology/define.ts'
import type { IdentityDirectory } from '../../identity/directory.ts'
import type { ReplayedWrite } from '../replayed-writes.ts'

/** All that a replay asks for one record, keyed object or occurrence. */
export interface Target {
  readonly destination: string
  readonly object: string
  /** Null for what is about nobody. */
  readonly person: Person | null
  /** Of an object with a key of its own: its key, or the once key of the occurrence. */
  readonly key: string | null
  readonly writes: SinkWrite[]
}

/** Groups writes by what they are for, as a sink does: a person who was merged is the survivor. Writes for persons forgotten meanwhile are left out. */
export const targetsOf = (writes: Iterable<ReplayedWrite>, directory: IdentityDirectory): readonly Target[] => {
  const targets = new Map<string, Target>()
  for (const { write } of writes) {
    const person = personOf(write, directory)
    if (person === undefined) continue
    const { destination, object } = write
    const key = write.key ?? write.once
    const place = [destination, object, key ?? `person ${person?.id}`].join(' ')
    const target = targets.get(place)
    if (target) target.writes.push(write)
    else targets.set(place, { destination, object, person, key, writes: [write] })
  }
  return [...targets.values()]
}

/** Undefined for somebody who was forgotten meanwhile. */
const personOf = ({ person }: SinkWrite, directory: IdentityDirectory): Person | null | undefined => {
  if (person === null) return null
  const found = directory.find(`person:${person}`)
  return found.status === 'known' ? found.person : undefined
}

/** A target that is about somebody. */
export type PersonalTarget = Target & { readonly person: Person }

export const isPersonal = (target: Target): target is PersonalTarget => target.person !== null
