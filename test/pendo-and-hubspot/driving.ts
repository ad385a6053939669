import type { Account, Profile, Receipt, Visitor } from '../../schemas/generated.ts'
import { accountCompanyBy } from '../../services/consumers/account-company.ts'
import { accountProfilesBy } from '../../services/consumers/account-profiles.ts'
import { metadataReceiptsBy } from '../../services/consumers/metadata-receipts.ts'
import { visitorContactBy } from '../../services/consumers/visitor-contact.ts'
import { visitorProfilesBy } from '../../services/consumers/visitor-profiles.ts'
import type { Mapping } from '../../services/pendo-and-hubspot/mapping.ts'
import type { Consumer, FieldValue } from '../../topology/define.ts'
import { drive, type Output } from '../consumers/drive.ts'
import { at, person } from './sides.ts'

/** A write, short: to whom, what, its version, and which event led to it. */
export interface Asked {
  readonly eventId: string
  readonly to: string
  readonly fields: Readonly<Record<string, FieldValue>>
  readonly revision: number
}

export const shortOf = (outputs: readonly Output[], eventId: string): readonly Asked[] =>
  outputs.flatMap(output =>
    output.kind === 'write'
      ? [
          {
            eventId,
            to: toOf(output),
            fields: output.fields as Asked['fields'],
            revision: output.contest?.revision ?? 0,
          },
        ]
      : [],
  )

const toOf = ({ target, key }: Extract<Output, { kind: 'write' }>): string =>
  key === null ? target : `${target}:${key}`

/** Both stages for one person. */
export const people = (mapping: Mapping) => {
  const [profiles, contacts] = [drive(visitorProfilesBy(() => mapping)), drive(visitorContactBy(() => mapping))]
  const receipts = drive(metadataReceiptsBy(() => mapping))
  return {
    rows: contacts.rows,
    told: (event: Visitor): readonly Asked[] =>
      profiles.when(event, person).flatMap(output => {
        const profile = emitted(output)
        return shortOf(contacts.when(profile, person), profile.eventId)
      }),
    /** A vendor took a write: what the receipt of it leads to. @param time milliseconds after `at` */
    took: ({ to, eventId }: Pick<Asked, 'to' | 'eventId'>, time: number): void => {
      const [destination = '', object = '', ...id] = to.split(':')
      const receipt: Receipt = {
        ...{ writeId: `visitor-contact:${eventId}:0`, destination, object, person: person.id, outcome: 'APPLIED' },
        ...{ record: id.length === 0 ? '501' : null, status: 200, code: null, adjustments: [], attempts: 1 },
        ...{ correlationId: null, occurredAt: at + time, receivedAt: at + time, at: at + time },
      }
      for (const output of receipts.when(receipt, null)) contacts.when(emitted(output), person)
    },
  }
}

/** Both stages of accounts and companies, each link with rows of its own. */
export const companies = (mapping: Mapping) => {
  const profiles = drive(accountProfilesBy(() => mapping))
  const consumer: Consumer = accountCompanyBy(() => mapping)
  const links = new Map<string, ReturnType<typeof drive>>()
  const linked = (link: string) => {
    const driven = links.get(link) ?? drive(consumer)
    links.set(link, driven)
    return driven
  }
  return {
    told: (event: Account): readonly Asked[] =>
      profiles.when(event, null).flatMap(output => {
        const profile = emitted(output)
        return shortOf(linked(profile.link ?? '').when(profile, null), profile.eventId)
      }),
  }
}

const emitted = (output: Output): Profile => {
  if (output.kind !== 'emission') throw new Error('expected what is told to the next stage')
  return output.value as Profile
}
