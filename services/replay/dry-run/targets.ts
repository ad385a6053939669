import type { SinkWrite } from '../../../schemas/generated.ts'
import type { Person } from '../../../topology/define.ts'
import type { IdentityDirectory } from '../../identity/directory.ts'
import type { ReplayedWrite } from '../replayed-writes.ts'

/** All that a replay asks for one record, keyed object or occurrence. */
export interface Target {
  readonly destination: string
  readonly object: string
  readonly person: Person
  /** Of a dependent object: its key, or the once key of the occurrence. */
  readonly key: string | null
  readonly writes: SinkWrite[]
}

/** Groups writes by what they are for, as a sink does: a person who was merged is the survivor. Writes for persons forgotten meanwhile are left out. */
export const targetsOf = (writes: Iterable<ReplayedWrite>, directory: IdentityDirectory): readonly Target[] => {
  const targets = new Map<string, Target>()
  for (const { write } of writes) {
    const found = directory.find(`person:${write.person}`)
    if (found.status !== 'known') continue
    const { destination, object } = write
    const key = write.key ?? write.once
    const place = [destination, object, key ?? `person ${found.person.id}`].join(' ')
    const target = targets.get(place)
    if (target) target.writes.push(write)
    else targets.set(place, { destination, object, person: found.person, key, writes: [write] })
  }
  return [...targets.values()]
}
