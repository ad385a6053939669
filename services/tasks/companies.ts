import type { Task } from '../../schemas/generated.ts'
import { isSameCompany, joinedNames, namesIn } from '../companies/names.ts'
import type { Link } from '../shared-fields/link.ts'
import type { Value } from '../shared-fields/plan.ts'

/**
 * The company that a task relates to, as the link spells it: by its names. Undefined when the reading says nothing that could count: nothing of companies, a company that is known in
 * one CRM only, or several of which none is the one that is settled. @param known spellings in the link, the one that counts first
 */
export const companyOf = (related: Task['related'], known: readonly string[]): Value | undefined => {
  if (related === null) return undefined
  if (related.length === 0) return null
  const spelled = known.find(value => related.some(({ names }) => isSameCompany(names, namesIn(value))))
  if (spelled !== undefined) return spelled
  const [one, ...others] = related
  return one && others.length === 0 && one.names.length > 0 ? joinedNames(one.names) : undefined
}

/** How a link spells companies: what was settled, what was asked for before, the latest first, and what the records were seen to hold. */
export const companiesIn = ({ fields, records }: Link): readonly string[] => {
  const state = fields['company']
  const values = [
    ...(state ? [state.agreed, ...state.asked.toReversed()] : []),
    ...records.flatMap(record => record.values['company'] ?? []),
  ].map(({ value }) => value)
  return [...new Set(values.filter(value => typeof value === 'string'))]
}
