import type { Problem, RecordRef } from '../../../delivery/destination.ts'
import { type PersonObject, personObjects, recordRefIn } from '../people/ids.ts'
import { fatesOf, keyOf } from '../people/survivors.ts'
import { findTasks } from '../tasks/finding.ts'
import { aimed } from './aiming.ts'
import { type Assigning, assigned } from './assigning.ts'
import { type Attempt, goneCodes, type Step, settled } from './attempts.ts'

/** A write that failed because of what became of its task, of its person or of its owner, perhaps. */
export interface Doubt {
  readonly attempt: Attempt
  /** What it comes to when there is nothing to mend. */
  readonly otherwise: Problem
}

/**
 * Looks at what became of the records that writes failed on, and aims them at what stands in their place: the task that was made anew, the contact that the lead became, the winner of a
 * merge, another owner. What cannot be mended comes to its problem.
 */
export const mended = async (
  parts: Assigning,
  doubts: readonly Doubt[],
  signal: AbortSignal,
): Promise<readonly Step[]> => {
  if (doubts.length === 0) return []
  const gone = doubts.filter(({ attempt, otherwise }) => attempt.task !== null && goneCodes.has(otherwise.code))
  const ids = gone.flatMap(({ attempt }) => attempt.task ?? [])
  const there = await findTasks(parts.client, { operation: 'activities.fate', by: 'Id', values: ids }, signal)
  if (there.kind !== 'tasks') return doubts.map(({ attempt }) => settled(attempt, there))
  const lost = gone.filter(({ attempt }) => !there.get(attempt.task ?? ''))
  const unowned = doubts.filter(({ attempt, otherwise }) => isInactive(otherwise) && 'OwnerId' in attempt.fields)
  const others = doubts.filter(doubt => !lost.includes(doubt) && !unowned.includes(doubt))
  return [
    ...(await aimed(
      parts.client,
      lost.map(({ attempt }) => ({ ...attempt, task: null })),
      signal,
    )),
    ...(await assignedAnew(parts, unowned, signal)),
    ...(await followed(parts, others, signal)),
  ]
}

const isInactive = ({ code }: Problem): boolean => code === 'INACTIVE_OWNER_OR_USER'

/** Somebody left: who has the address is asked again. */
const assignedAnew = (parts: Assigning, doubts: readonly Doubt[], signal: AbortSignal): Promise<readonly Step[]> => {
  for (const { attempt } of doubts) parts.owners.forget(String(attempt.fields['OwnerId']))
  return assigned(
    parts,
    doubts.map(({ attempt }) => attempt),
    signal,
  )
}

/** Puts in the person's place who they are now. */
const followed = async (
  { client }: Assigning,
  doubts: readonly Doubt[],
  signal: AbortSignal,
): Promise<readonly Step[]> => {
  const found = await fatesOf(client, doubts.flatMap(personOf), signal)
  return doubts.map(doubt => {
    const { attempt, otherwise } = doubt
    const [person] = personOf(doubt)
    if (!person) return settled(attempt, otherwise)
    if (found.kind !== 'fates') return settled(attempt, found)
    const survivor = found.fates.get(keyOf(person)) ?? null
    if (survivor && keyOf(survivor) === keyOf(person)) return settled(attempt, otherwise)
    const { WhoId: _, ...fields } = attempt.fields
    return survivor
      ? { ...attempt, fields: { ...fields, WhoId: survivor.id } }
      : { ...attempt, fields, adjustments: [...attempt.adjustments, 'WHO_GONE'] }
  })
}

/** The contact or lead that the write names, if it names one. */
const personOf = ({ attempt }: Doubt): readonly RecordRef[] => {
  const who = attempt.fields['WhoId']
  if (typeof who !== 'string') return []
  const objects = Object.keys(personObjects) as PersonObject[]
  return objects
    .filter(object => who.startsWith(personObjects[object].prefix))
    .flatMap(object => recordRefIn(object, who) ?? [])
}
