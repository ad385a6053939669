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

/** Lives through a history, and gives what did not end as it must. */
export const lived = async (setup: Setup, commands: readonly Command[]): Promise<Differences> => {
  const jitter = mock.method(Math, 'random', () => 0.5)
  try {
    const history = historyOf(setup, commands)
    const first = await through(setup, history)
    const isOver = first.wrong.length > 0 || setup.finally !== 'tell twice in another order'
    if (isOver || !isOrderless(history)) return first.wrong
    const second = await through(setup, scrambled(history))
    return [
      ...second.wrong.map(wrong => `told twice and in another order: ${wrong}`),
      ...difference('told twice and in another order', contactsOf(first.ending), contactsOf(second.ending)),
    ]
  } finally {
    jitter.mock.restore()
  }
}

const through = async (
  setup: Setup,
  history: readonly Step[],
): Promise<{ readonly wrong: Differences; readonly ending: Ending }> => {
  const running = await Running.start(setup)
  try {
    for (const step of history) await running.take(step)
    await running.settleForLong()
    const ending = await endingOf(running)
    const wrong = await checked(running, ending, setup)
    if (wrong.length > 0) return { ending, wrong }
    if (setup.finally === 'start anew') return { ending, wrong: await startedAnew(running) }
    return { ending, wrong: setup.finally === 'replay twice' ? await replayedTwice(running, setup) : [] }
  } finally {
    await running.close()
  }
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
