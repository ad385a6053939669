import type { Consumer } from '../../../topology/define.ts'
import type { Lookup } from '../../identity/directory.ts'

/** The lookup as a consumer sees it: a person of whom it needs to know more is missing, until a change of their identity tells. */
export const knownEnough = ({ joins }: Consumer, lookup: Lookup): Lookup =>
  lookup.status === 'known' && joins?.needs?.(lookup.person) === false ? missing : lookup

const missing: Lookup = { status: 'missing' }
