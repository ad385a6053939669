import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { StandaloneInput } from '../../services/delivery/destination.ts'
import { activityOf, changeOf, type Org, openOrg, paths, putActivities, wholeActivity } from './salesforce-org.ts'

type Deed =
  | { readonly kind: 'whole' | 'change'; readonly Subject: string }
  | { readonly kind: 'delete' | 'deleted-by-person' }
type Cut = 'reset' | 'reset-after-apply' | null

const subject = fc.constantFrom('a', 'b', 'c')
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({ kind: fc.constantFrom('whole' as const, 'change' as const), Subject: subject }),
  fc.record({ kind: fc.constantFrom('delete' as const, 'deleted-by-person' as const) }),
)
const cut = fc.constantFrom<Cut>(null, null, 'reset', 'reset-after-apply')
const histories = fc.array(fc.tuple(deed, cut), { minLength: 1, maxLength: 8 })

const fieldsOf = (one: Deed): StandaloneInput['fields'] => {
  if (one.kind === 'whole') return { ...wholeActivity, Subject: one.Subject }
  return one.kind === 'change' ? { Subject: one.Subject } : { IsDeleted: true }
}

/** The task of the key as it shall be after a deed. */
interface Shall {
  readonly Subject: string
  readonly Priority: string
}
const after = (shall: Shall | null, one: Deed): Shall | null => {
  if (one.kind === 'whole') return { Subject: one.Subject, Priority: wholeActivity.Priority }
  return one.kind === 'change' ? shall && { ...shall, Subject: one.Subject } : null
}

/** A deed that sends nothing leaves its disturbance to the next: so many may meet one. */
const MOST_ATTEMPTS = 100

/** Puts as the engine does: again while it is told to. */
const putUntilSettled = async (org: Org, input: StandaloneInput): Promise<string> => {
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt++) {
    const [result] = await putActivities(org, { ...input, repeated: attempt > 0 })
    if (result && result.kind !== 'retry') return result.kind
  }
  return assert.fail('it was told to try again and again')
}

describe('histories of a shared task', () => {
  for (const own of [false, true])
    it(`T7 T8 K4 end with one task as it was last written, or none: ${own ? 'made in Salesforce' : 'a copy'}`, async context => {
      const org = await openOrg(context)
      let count = 0
      const oneHistory = async (history: readonly (readonly [Deed, Cut])[]): Promise<void> => {
        const id = own ? await org.add('Task', { Subject: 'first', Priority: wholeActivity.Priority }) : 'none'
        const key = own ? `salesforce:task:${id}` : `hubspot:task:${count++}`
        const there = async () =>
          (await org.query(`SELECT Id, Subject, Priority, Tributary_Id__c FROM Task WHERE IsDeleted = false`)).filter(
            task => task['Id'] === id || task['Tributary_Id__c'] === key,
          )
        const first: Deed = { kind: 'whole', Subject: 'first' }
        // A disturbance that the history before left over meets this one.
        if (!own) await putUntilSettled(org, activityOf(key, fieldsOf(first)))
        let shall = after(null, first)
        for (const [one, how] of history) {
          if (one.kind === 'deleted-by-person') {
            for (const { Id } of await there()) await org.remove('Task', String(Id))
          } else {
            if (how) await org.disturb(paths.collections, how)
            const kind = await putUntilSettled(org, changeOf(key, fieldsOf(one)))
            assert.equal(kind, one.kind === 'change' && shall === null ? 'skipped' : 'put')
          }
          shall = after(shall, one)
          const seen = (await there()).map(({ Subject, Priority }) => ({ Subject, Priority }))
          assert.deepEqual(seen, shall === null ? [] : [shall])
        }
      }
      await fc.assert(fc.asyncProperty(histories, oneHistory), { numRuns: 25 })
    })
})
