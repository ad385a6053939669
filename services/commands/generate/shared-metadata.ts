import { type PendoAndHubSpot, pendoAndHubSpot, type SharedField } from '../../../topology/pendo-and-hubspot.ts'
import { code, table } from './markdown.ts'

/** What Pendo and HubSpot share of the metadata of people and companies, and which value counts when. */
export const sharedMetadataReference = (): readonly string[] => [
  '## Metadata of Pendo and HubSpot',
  '',
  `What a visitor in Pendo shares with the contact of the same person in HubSpot, and an account with its company, says \`topology/pendo-and-hubspot.ts\`; its mistakes are listed at the start. It is ${pendoAndHubSpot.enabled ? 'on' : 'off until `enabled` is true'}. As it is:`,
  '',
  table(
    ['Pendo', 'HubSpot', 'type', 'direction', 'when both changed'],
    [
      ...pendoAndHubSpot.contacts.map(field => rowOf('visitor', 'contact', field)),
      ...pendoAndHubSpot.companies.map(field => rowOf('account', 'company', field)),
    ],
  ),
  '',
  `An account and a company are one when ${matchText(pendoAndHubSpot)}. Of several that match, on either side, the one that was known first takes part, and the next one when it leaves. All visitors of one person take part; of contacts that which is written otherwise too.`,
  '',
  '**Nothing is made.** Values of a visitor without a contact, and of an account without a company, wait until HubSpot tells of one; those of a contact or company until Pendo does. A record that was deleted is not made again: the write is SKIPPED (`HUBSPOT_COMPANY_DELETED`). One that was merged away in HubSpot',
  'is found under its new id.',
  '',
  '**What counts as a change.** Pendo does not say when a field changed, only when the visitor or account did; readings lag; and each write comes back as an event of the side that it went to. So what was last seen of each record is kept, and what was written to it:',
  '',
  table(
    ['told', 'what becomes of it'],
    [
      ['older than what was seen, or the same', 'nothing'],
      [
        'a value that was written there and is not known to have arrived',
        'nothing: it is our own, also when something newer was written since',
      ],
      ['another value', 'it changed, and counts: it goes to the other side'],
      [
        'another value, while something is under way to that record that was written without knowledge of it',
        'both changed: `newest` takes the one with the later time, `hubspot` and `pendo` always that of one side; the other is written over',
      ],
      [
        'the first value of a record that others of the link have values for',
        'the same rule, but an empty value never counts',
      ],
      [
        'a property of HubSpot that must be equal in both and was not told yet',
        'it is not written, for it may hold something',
      ],
      ['a change of the side that is not the source of a field with one direction', 'it is set back'],
      ['an empty value in the source', 'the other side is emptied, once the source had a value'],
      ['a value that is none of the type of the field', 'it is not taken over; both sides stay as they are'],
      [
        'in Pendo a value that was set back to what it was, within 5 minutes after our write',
        'it cannot be told from a reading that lags, and is not taken over; the next change is. HubSpot says that a property changed, so there it counts',
      ],
      [
        'in Pendo another value, within 5 minutes after our write and before Pendo was read again',
        'it counts as if both had changed; so with `hubspot` the value of HubSpot stays',
      ],
    ],
  ),
  '',
  'A write is sent also when its value was the last one delivered, because somebody may have changed it meanwhile; it is sent once, and a replay sends it no more. While the switch is off, the consumers `visitor-profiles`, `visitor-contact`, `account-profiles`, `account-company` and `metadata-receipts` do not run and have no place in their topics:',
  'once it is on, they begin with all that `visitors` and `accounts` hold, so that both sides are brought together. A field that is added to the mapping later is shared from the next time on that a side tells it.',
  '',
  'When two persons turn out to be one, their rows become one, by the same rule. An erasure removes the row; companies are nobody and stay.',
  '',
]

const rowOf = (pendo: string, hubspot: string, field: SharedField): string[] => [
  `${pendo} ${code(field.pendo)}`,
  `${hubspot} ${code(field.hubspot)}`,
  field.type ?? 'text',
  field.direction,
  field.direction === 'both' ? field.conflict : '',
]

const matchText = ({ matchCompaniesBy }: PendoAndHubSpot): string =>
  matchCompaniesBy === 'domain'
    ? 'their web domain is the same (in Pendo the field `domain` or `website` of any group, in HubSpot the property `domain`)'
    : `${code(matchCompaniesBy.pendoField)} in Pendo holds the record id of the company`
