import fc from 'fast-check'

/** What may happen, and how often it does. What makes no sense at its moment (a leave of nobody) does not happen. */
const weights = {
  registers: 7,
  cancels: 2,
  approves: 1,
  starts: 5,
  joins: 9,
  leaves: 6,
  ends: 4,
  reports: 3,
  'gives-up': 1,
  repeats: 3,
  same: 2,
  apart: 1,
  erases: 1,
  lifts: 1,
  kills: 2,
  stops: 1,
  restarts: 2,
  fails: 3,
  'loses-commit': 2,
  'merges-contacts': 2,
  'deletes-contact': 2,
  replays: 1,
  waits: 2,
} as const

type What = keyof typeof weights

/** One line of a history before it is known who and what is there: numbers are taken modulo what there is to choose from. */
export interface Command {
  readonly what: What
  readonly who: number
  readonly other: number
  readonly webinar: number
  readonly choice: number
  /** After how many more commands Zoom tells it; 0 at once. */
  readonly late: number
  /** Turns of the event loop that the services get before the next command. */
  readonly turns: number
}

/** What is there before anything happens. */
export interface Setup {
  readonly webinars: number
  readonly people: number
  /** By person: which of their addresses HubSpot holds already. */
  readonly hubspot: readonly ('none' | 'work' | 'home' | 'both' | 'apart')[]
  /** By person: what Salesforce holds; nobody makes more. */
  readonly salesforce: readonly ('none' | 'contact' | 'lead')[]
  /** Whether HubSpot refuses the company Globex. */
  readonly refuses: boolean
  /** Whether people merge and delete contacts in HubSpot. */
  readonly meddles: boolean
  /** What is tried when all has ended as it must. */
  readonly finally: 'nothing' | 'start anew' | 'replay twice' | 'tell twice in another order'
}

const rarely = <Value>(usual: Value, ...others: readonly Value[]): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) })

const command: fc.Arbitrary<Command> = fc.record({
  what: fc.oneof(
    ...Object.entries(weights).map(([what, weight]) => ({ weight, arbitrary: fc.constant(what as What) })),
  ),
  who: fc.nat(7),
  other: fc.nat(7),
  webinar: fc.nat(2),
  choice: fc.nat(7),
  late: rarely(0, 1, 3, 6),
  turns: fc.constantFrom(0, 0, 1, 2, 3, 5, 9, 30),
})

export const setup: fc.Arbitrary<Setup> = fc.record({
  webinars: fc.integer({ min: 1, max: 3 }),
  people: fc.integer({ min: 2, max: 5 }),
  hubspot: fc.array(rarely('none' as const, 'work' as const, 'home' as const, 'both' as const, 'apart' as const), {
    ...{ minLength: 5, maxLength: 5 },
  }),
  salesforce: fc.array(fc.constantFrom('contact' as const, 'lead' as const, 'none' as const), {
    ...{ minLength: 5, maxLength: 5 },
  }),
  refuses: fc.boolean(),
  meddles: rarely(false, true),
  finally: rarely(
    'nothing' as const,
    'start anew' as const,
    'replay twice' as const,
    'tell twice in another order' as const,
  ),
})

export const commands: fc.Arbitrary<readonly Command[]> = fc.array(command, { maxLength: 45, size: 'max' })
