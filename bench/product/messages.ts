import { batchedMessages, type SegmentMessage } from '../../services/producers/segment/messages.ts'

/** How much happens. */
export interface Amounts {
  readonly people: number
  readonly accounts: number
  /** Events of each round, of so many names. */
  readonly events: number
  readonly names: number
}

/** Messages of a request of Segment's SDKs. */
const inARequest = 100

export const addressOf = (person: number): string => `person.${person}@company-${person % 997}.example.com`

/** Of each person their traits, their account, and one event, so that whoever gets it knows them: the requests in which they come. */
export const introductions = (people: readonly number[], accounts: number): readonly SegmentMessage[][] =>
  requests(
    people.flatMap(person => [
      {
        ...callOf('identify', person, 'first'),
        traits: { email: addressOf(person), firstName: 'Ada', plan: 'enterprise' },
      },
      {
        ...callOf('group', person, 'first'),
        groupId: accountOf(person, accounts),
        traits: { name: 'Nordwind', employees: 12 },
      },
      { ...callOf('track', person, 'first'), event: 'Signed In', properties: { method: 'password' } },
    ]),
  )

/** What people do, each event by another one than the last, in an order that a batch does not like. */
export const deeds = ({ people, accounts, events, names }: Amounts, round: number): readonly SegmentMessage[][] =>
  requests(
    Array.from({ length: events }, (_, index) => {
      const person = (index * 7_919) % people
      return {
        ...callOf('track', person, `${round}-${index}`),
        event: `Feature ${index % names} used`,
        properties: { plan: 'enterprise', region: 'eu-central-1', count: index % 40, shared: index % 2 === 0 },
        context: { groupId: accountOf(person, accounts) },
      }
    }),
  )

const accountOf = (person: number, accounts: number): string => `company-${person % accounts}`

/** @param id tells it from the person's other calls of this type */
const callOf = (type: string, person: number, id: string): Readonly<Record<string, unknown>> => ({
  type,
  messageId: `node-next-${type}-${person}-${id}`,
  userId: `user-${person}`,
})

const requests = (calls: readonly object[]): readonly SegmentMessage[][] => {
  const found: SegmentMessage[][] = []
  for (let from = 0; from < calls.length; from += inARequest) {
    const batch = calls.slice(from, from + inARequest)
    found.push([...(batchedMessages({ batch }, 0, 0) ?? [])])
  }
  return found
}
