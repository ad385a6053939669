import type { Setup } from './commands.ts'
import type { Step } from './deeds.ts'

/**
 * Whether the same in another order means the same: whoever is forgotten, told apart or tampered with in a CRM is so at that moment, and that a contact has two
 * addresses is learned when one of them must be looked up, which may never be.
 */
export const isOrderless = ({ hubspot }: Setup, history: readonly Step[]): boolean =>
  !hubspot.includes('both') &&
  history.every(({ deed }) => {
    if (deed.do === 'claim') return deed.claim.kind === 'MERGE'
    return !['erase', 'lift', 'merge-contacts', 'delete-contact'].includes(deed.do)
  })

/** The same told twice and in another order, without faults, after everything has happened. */
export const scrambled = (history: readonly Step[]): readonly Step[] => {
  const [planned, ...others] = history
  const said = others.filter(({ deed }) => deed.do === 'tell' || deed.do === 'claim')
  const order = [...said, ...said].map((step, index) => ({ step, place: (index * 7_919 + said.length * 31) % 101 }))
  const again = order.toSorted((a, b) => a.place - b.place).map(({ step }) => step)
  return [...(planned ? [planned] : []), ...history.map(passed), ...again]
}

const passed = ({ say, at }: Step): Step => ({ say: `(${say})`, deed: { do: 'wait' }, at, turns: 0 })
