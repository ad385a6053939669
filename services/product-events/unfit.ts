/** What becomes of an event that is not as HubSpot takes it, or that nobody's timeline can have. */
export interface Unfit {
  readonly given: string
  readonly outcome: string
}

const told = "The receipt's `adjustments` and `tributary_adjustments_total` say so; the rest of the event goes."

/** In docs/reference.md, and each row is tried by test/product-events/unfit.test.ts. */
export const unfit = {
  'not-selected': {
    given: 'an event that topology/pendo-to-hubspot.ts does not select, or a screen',
    outcome: 'It is not sent, waits for nobody, and is counted (`not-concerned`).',
  },
  'no-person': {
    given: 'an event of a visitor whom nobody knows, or who has no contact',
    outcome:
      'It waits for PARK_LIMIT until a contact is known, by record id or any address, and then goes in order and once. Afterwards it is counted (`expired`), and is no dead letter.',
  },
  'no-address': {
    given: 'with `createContacts`: a visitor id that is no e-mail address',
    outcome: 'Nobody is made; the event waits as above.',
  },
  repeated: { given: 'an event that comes again', outcome: 'It is on the timeline once.' },
  'null-property': { given: 'a property that is null', outcome: 'It is not sent.' },
  'odd-event-name': {
    given: 'a name of more than 50 characters, or with signs that HubSpot takes in no name',
    outcome:
      'It is `pendo_<track|page|feature>_<name>` in lower case, digits and `_`, cut at 50; a name without any letter or digit of ASCII ends in `_` and 6 hex digits of its hash. The label is the original, cut at 100.',
  },
  'same-event-name': {
    given: 'two events whose names are the same then',
    outcome:
      'Who comes first in the account keeps the name for good; the other one ends in `_` and 6 hex digits of its hash. HubSpot remembers which is whose by the description of the definition.',
  },
  'odd-property-name': {
    given:
      "a property whose name begins with no letter or with HubSpot's own `hs_`, or is too long or of another script",
    outcome:
      'It has a name by the same rules, within 50 characters, with `p_` before it where it must begin with a letter.',
  },
  'many-properties': {
    given: 'more than 50 properties of one event, or 10,000 names of properties in its occurrences',
    outcome: `The first 50 are defined, the others left out. ${told}`,
  },
  'other-type': {
    given: 'a value of another type than the property has, which is that of its first value',
    outcome: `A number is taken as text, and text as number, truth or moment where it is one; else it is left out. ${told}`,
  },
  decimals: { given: 'a number with more decimals than one', outcome: `It is rounded to one. ${told}` },
  'no-number': { given: 'NaN, infinity, or a number of 16 digits or more', outcome: `It is left out. ${told}` },
  'long-text': {
    given: 'a text of more than 256 characters (1,024 where the name of the property holds url, referrer or link)',
    outcome: `It is cut. ${told}`,
  },
  'all-defined': {
    given: 'a new event in an account that has its 500 definitions, or whose definition was deleted in HubSpot',
    outcome: 'It is a dead letter (`HUBSPOT_EVENT_NOT_DEFINED`); other events go.',
  },
} as const satisfies Readonly<Record<string, Unfit>>
