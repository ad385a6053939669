import type { Account, Profile, Visitor } from '../../schemas/generated.ts'
import { accountCompanyBy } from '../../services/consumers/account-company.ts'
import { accountProfilesBy } from '../../services/consumers/account-profiles.ts'
import { visitorContactBy } from '../../services/consumers/visitor-contact.ts'
import { visitorProfilesBy } from '../../services/consumers/visitor-profiles.ts'
import type { Mapping } from '../../services/pendo-and-hubspot/mapping.ts'
import type { Consumer, FieldValue } from '../../topology/define.ts'
import { drive, type Output } from '../consumers/drive.ts'
import { person } from './sides.ts'

/** A write, short: to whom, what, and its version. */
export interface Asked {
  readonly to: string
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly revision: number
}

export const shortOf = (outputs: readonly Output[]): readonly Asked[] =>
  outputs.flatMap(output =>
    output.kind === 'write'
      ? [{ to: toOf(output), fields: output.fields as Asked['fields'], revision: output.contest?.revision ?? 0 }]
      : [],
  )

const toOf = ({ target, key }: Extract<Output, { kind: 'write' }>): string =>
  key === null ? target : `${target}:${key}`

/** Both stages for one person. */
export const people = (mapping: Mapping) => {
  const [profiles, contacts] = [drive(visitorProfilesBy(() => mapping)), drive(visitorContactBy(() => mapping))]
  return {
    rows: contacts.rows,
    told: (event: Visitor): readonly Asked[] =>
      profiles.when(event, person).flatMap(output => shortOf(contacts.when(emitted(output), person))),
  }
}

/** Both stages of accounts and companies, each link with rows of its own. */
export const companies = (mapping: Mapping) => {
  const profiles = drive(accountProfilesBy(() => mapping))
  const consumer: Consumer = accountCompanyBy(() => mapping)
  const links = new Map<string, ReturnType<typeof drive>>()
  const at = (link: string) => {
    const driven = links.get(link) ?? drive(consumer)
    links.set(link, driven)
    return driven
  }
  return {
    told: (event: Account): readonly Asked[] =>
      profiles.when(event, null).flatMap(output => {
        const profile = emitted(output)
        return shortOf(at(profile.link ?? '').when(profile, null))
      }),
  }
}

const emitted = (output: Output): Profile => {
  if (output.kind !== 'emission') throw new Error('expected what is told to the next stage')
  return output.value as Profile
}
