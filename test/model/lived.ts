import { mock } from 'node:test'
import type { Command, Setup } from './commands.ts'
import { contactOf } from './crms.ts'
import { replayable, type Step } from './deeds.ts'
import { type Ending, endingOf } from './ending.ts'
import { appends, type Differences, difference, fields, whoIsWho } from './invariants.ts'
import { erased, rowsOf, setAside, waiting } from './leftovers.ts'
import { Running } from './running.ts'
import { isOrderless, scrambled } from './scrambled.ts'
import { versions } from './versions.ts'
import { historyOf } from './world.ts'

/** What became of a history. */
export interface Outcome {
  /** What did not end as it must. */
  readonly wrong: Differences
  /** How many events were told, repeated ones too. */
  readonly events: number
}

/** Lives through a history. */
export const lived = async (setup: Setup, commands: readonly Command[]): Promise<Outcome> => {
  const jitter = mock.method(Math, 'random', () => 0.5)
  try {
    const history = historyOf(setup, commands)
    const first = await through(setup, history)
    const isOver = first.wrong.length > 0 || setup.finally !== 'tell twice in another order'
    if (isOver || !isOrderless(setup, history)) return first
    const second = await through(setup, scrambled(history))
    const wrong = [
      ...second.wrong.map(each => `told twice and in another order: ${each}`),
      ...difference('told twice and in another order', contactsOf(first.ending), contactsOf(second.ending)),
    ]
    return { wrong, events: first.events + second.events }
  } finally {
    jitter.mock.restore()
  }
}

const through = async (setup: Setup, history: readonly Step[]): Promise<Outcome & { readonly ending: Ending }> => {
  const running = await Running.start(setup)
  try {
    for (const step of history) await running.take(step)
    await running.settleForLong()
    const ending = await endingOf(running)
    const wrong = await checked(running, ending, setup)
    return { ending, wrong: wrong.length > 0 ? wrong : await triedAtLast(running, setup), events: running.told.length }
  } finally {
    await running.close()
  }
}

const triedAtLast = (running: Running, setup: Setup): Promise<Differences> => {
  if (setup.finally === 'start anew') return startedAnew(running)
  return setup.finally === 'replay twice' ? replayedTwice(running, setup) : Promise.resolve([])
}

const checked = async (running: Running, ending: Ending, setup: Setup): Promise<Differences> => [
  ...running.fatal.map(({ message }) => `a service failed: ${message}`),
  ...(await whoIsWho(running, ending)),
  ...fields(running, ending, setup),
  ...appends(running, ending),
  ...(await versions(running)),
  ...(await erased(running, ending)),
  ...(await waiting(running, ending)),
  ...(await setAside(running, setup)),
  ...running.vendors.hubspot.collisions.map(record => `${record} had two requests at once`),
  ...running.vendors.salesforce.collisions.map(record => `${record} had two requests at once`),
]

/** Starting anew from Kafka alone changes nothing. */
const startedAnew = async (running: Running): Promise<Differences> => {
  const before = await rowsOf(running)
  const given = givenTo(running)
  await running.startAnew()
  return [
    ...difference('rows after a start anew', Object.fromEntries(before), Object.fromEntries(await rowsOf(running))),
    ...(givenTo(running) === given ? [] : ['after a start anew vendors were given something']),
  ]
}

/** After a replay all is still as it must be, and a second one changes nothing. */
const replayedTwice = async (running: Running, setup: Setup): Promise<Differences> => {
  await replayAll(running)
  const wrong = await checked(running, await endingOf(running), setup)
  if (wrong.length > 0) return wrong.map(each => `after a replay: ${each}`)
  const given = givenTo(running)
  await replayAll(running)
  return givenTo(running) === given ? [] : ['after a second replay vendors were given something']
}

const replayAll = async (running: Running): Promise<void> => {
  for (const consumer of replayable) await running.replay(consumer)
  await running.settle()
}

const givenTo = ({ vendors }: Running): number => vendors.hubspot.effects.length + vendors.salesforce.effects.length

/** What the model has for each contact, by the addresses of its person. */
const contactsOf = ({ persons }: Ending): Readonly<Record<string, string>> =>
  Object.fromEntries(
    persons
      .filter(({ webinars }) => webinars.length > 0)
      .map(({ aliases, webinars }) => [
        aliases
          .filter(alias => alias.startsWith('email:'))
          .toSorted()
          .join(' '),
        JSON.stringify(contactOf(webinars)),
      ]),
  )
