import type { Choices } from '../choices.ts'
import { badRequest } from '../errors.ts'
import { fits, type Group, type Kind, type Values } from '../model/fields.ts'
import type { Subscription } from '../model/subscription.ts'

export interface MetadataRecord {
  readonly id: string
  readonly values: Values
}

export interface MetadataWrite {
  readonly kind: Kind
  readonly group: Group
  /** Whether unknown visitors or accounts are made instead of missing. */
  readonly create: boolean
  readonly choices: Pick<Choices, 'invalidValues' | 'listsErrors'>
}

interface Problem {
  readonly field: string
  readonly message: string
}

/** Writes records one by one and answers how many were: a failure of some is no failure of the request. */
export const writeMetadata = (
  { profiles, fields }: Subscription,
  records: readonly MetadataRecord[],
  { kind, group, create, choices }: MetadataWrite,
): object => {
  const problemsOf = ({ values }: MetadataRecord): Problem[] =>
    Object.entries(values).flatMap(([name, value]) => {
      const field = fields.get(kind, group, name)
      if (!field) return [{ field: name, message: 'not in the schema' }]
      return fits(field, value) ? [] : [{ field: name, message: `not of type ${field.type}` }]
    })
  if (choices.invalidValues === 'refused') assertNone(records.flatMap(problemsOf))
  const missing: string[] = []
  const errors: object[] = []
  let updated = 0
  for (const record of records) {
    const { id, values } = record
    const problems = problemsOf(record)
    if (!create && !profiles.get(kind, id)) missing.push(id)
    else if (problems.length > 0 && choices.invalidValues === 'failed')
      errors.push(...problems.map(problem => ({ [`${kind}Id`]: id, ...problem })))
    else {
      const wrong = new Set(problems.map(({ field }) => field))
      profiles.write(kind, id, group, Object.fromEntries(Object.entries(values).filter(([name]) => !wrong.has(name))))
      updated += 1
    }
  }
  return {
    total: records.length,
    updated,
    failed: records.length - updated,
    ...(missing.length > 0 ? { missing } : {}),
    ...(choices.listsErrors && errors.length > 0 ? { errors } : {}),
    kind,
  }
}

const assertNone = ([problem]: readonly Problem[]): void => {
  if (problem) throw badRequest(`${problem.field}: ${problem.message}`)
}
