/*
 * What is committed to have been read must have been delivered.
 * Guard: services/delivery/state/window.ts
 * - if (!mark || !(mark.committed || marks.has(mark))) break
 * + if (!mark) break
 */
import { scenario } from '../scenario.ts'
import { classicRound, ROUNDS } from './classic.ts'

for (const round of ROUNDS) {
  scenario(
    {
      id: 'classic',
      sentence: `100,000 events arrive once while brokers and services are killed, round ${round}`,
      faults: 'each of three brokers and each service in turn is killed, over and over',
    },
    context => classicRound(context, 'killed', round),
  )
}
