import { unfit } from '../../product-events/unfit.ts'
import { eventCompletionsPerMonth } from '../../sinks/hubspot/limits.ts'
import { misfits } from '../../sinks/hubspot/product-events/fitting.ts'
import { code, sentence, table } from './markdown.ts'

/** How what people do in the product becomes custom events of HubSpot, and what becomes of what does not fit. */
export const productEventsReference = (): readonly string[] => [
  '## Product events',
  '',
  'What people do in the product (`tracks`) becomes occurrences of HubSpot custom events, as topology/pendo-to-hubspot.ts selects. Events are called `pendo_<track|page|feature>_<name>`; definitions and their',
  "properties are made when they first come, and never changed. A property's type is that of its first value: text, number or truth. An occurrence has the time of the event, and an id of its own, by which",
  'HubSpot drops a repetition for a year; one of the last 200,000 is not even sent again. No list of all that was sent is kept, so a dry run of a replay shows each event as `append`, and a replay counts in the budget again. `product-contacts` has people looked up in HubSpot by any of their addresses, again with each event as long as they are not there; `product-events` sends what is of a known contact.',
  '',
  `All completions of the account's custom events, those of webinars too, count in the budget of the month in the account's time zone (HUBSPOT_EVENT_BUDGET; HubSpot's own limit is ${eventCompletionsPerMonth.toLocaleString('en')}). They are counted in`,
  '`event-usage` before they are sent: after a crash at most 5,000, or a thousandth of a smaller budget, are counted too much, and none is missing. A repeated request is counted again. From 80 % on a warning is logged and',
  '`tributary_event_budget_warning` is 1; at the limit the sink `hubspot-events` pauses, while contacts and marketing events go on, and it goes on within 5 minutes of the turn of the month. `hubspot-events` keeps what waits for 45 days.',
  '',
  table(
    ['given', 'what becomes of it'],
    Object.values(unfit).map(({ given, outcome }) => [given, outcome]),
  ),
  '',
  'What became of single properties is told by the receipt of each event (`adjustments`) and counted in `tributary_adjustments_total`:',
  '',
  table(
    ['code', 'meaning'],
    Object.entries(misfits).map(([name, meaning]) => [code(name), sentence(meaning)]),
  ),
  '',
]
