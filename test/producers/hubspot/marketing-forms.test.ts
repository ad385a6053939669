import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { attempts } from '../../../services/producers/hubspot/rest/limits.ts'
import { FORMS } from '../../../services/sandbox/hubspot/outreach/forms.ts'
import { overlapMs, startMarketing } from './marketing-sweeping.ts'

const minute = 60_000
const only = { taken: ['submission'] } as const
const submissionsOf = (form: string): string => `/form-integrations/v1/submissions/forms/${idOf(form)}`
const idOf = (name: string): string => FORMS.find(form => form.name === name)?.id ?? assert.fail(`no form ${name}`)

/** A sweep that has begun, and then a submission of each of two forms. @param status with which HubSpot answers to the first of them, and how often */
const opened = async (context: TestContext, status: number, times: number) => {
  const marketing = await startMarketing(context)
  const { clock, sweep, submit, ask, told } = marketing
  await sweep(only)
  clock.advance(minute)
  await submit('ada@example.com', { form: 'Contact us' })
  await submit('bob@example.com', { form: 'Newsletter' })
  clock.advance(minute)
  const answer = { status, body: { category: 'X', message: 'no' } }
  await ask('POST', '/_sandbox/faults', { match: { method: 'GET', path: submissionsOf('Contact us') }, times, answer })
  return { ...marketing, names: async () => (await told()).map(({ fields }) => fields['name']).toSorted() }
}

describe('forms of HubSpot of which one cannot be read', () => {
  it('T3 are told all the same, and that one as soon as it can be, however long after', async context => {
    const { clock, sweep, names } = await opened(context, 503, 2 * attempts)
    for (const _ of [1, 2]) {
      await sweep({ ...only, fails: true })
      assert.deepEqual(await names(), ['Newsletter'])
      clock.advance(3 * overlapMs)
    }
    await sweep(only)
    assert.deepEqual(await names(), ['Contact us', 'Newsletter'])
  })

  it('T3 are told without that which HubSpot refuses to give: it is counted, and no trouble', async context => {
    const { sweep, names, passedOver } = await opened(context, 400, 1)
    await sweep(only)
    assert.deepEqual(await names(), ['Newsletter'])
    assert.equal(await passedOver('refused'), 1)
  })

  it('T3 are left for later, not asked for one after the other, while the scope is missing', async context => {
    const { sweep, names, asked } = await opened(context, 403, 1)
    const before = (await asked('/form-integrations/')).length
    await sweep({ ...only, fails: true })
    assert.deepEqual(await names(), [])
    assert.equal((await asked('/form-integrations/')).length - before, 1)
    await sweep(only)
    assert.deepEqual(await names(), ['Contact us', 'Newsletter'])
  })
})

describe('the time that is read again', () => {
  it('T3 of a form is asked for page by page, and no further than to one that is of before', async context => {
    const { clock, sweep, submit, told, asked } = await startMarketing(context)
    await sweep(only)
    clock.advance(minute)
    for (let n = 0; n < 120; n++) await submit(`person-${n}@example.com`)
    const pages: number[] = []
    for (const pauseMs of [minute, 3 * overlapMs, 3 * overlapMs]) {
      clock.advance(pauseMs)
      const before = (await asked(submissionsOf('Contact us'))).length
      await sweep(only)
      pages.push((await asked(submissionsOf('Contact us'))).length - before)
    }
    assert.equal((await told()).length, 120)
    assert.deepEqual(pages, [3, 3, 1])
  })

  it('T3 of e-mails begins so long before the last sweep, and not when the first one was', async context => {
    const { clock, sweep, asked } = await startMarketing(context)
    const [sweptAt, begins]: [number[], (string | null)[]] = [[], []]
    for (const _ of [1, 2, 3]) {
      clock.advance(3 * overlapMs)
      sweptAt.push(clock.now())
      const before = (await asked('/email/public/v1/events')).length
      await sweep({ taken: ['opened'] })
      const [first] = (await asked('/email/public/v1/events')).slice(before)
      begins.push(new URLSearchParams(first?.split('?')[1]).get('startTimestamp'))
    }
    const [first = 0, second = 0] = sweptAt
    assert.deepEqual(begins, [null, String(first), String(second - overlapMs)])
  })
})

it('K9 tells nothing of who was erased by another address than that which they are sent e-mails at', async context => {
  const { clock, sweep, submit, claim, person, contact, told, passedOver } = await startMarketing(context)
  await sweep(only)
  const id = await contact('ada@example.com')
  await person('email:lovelace@example.com', `hubspot:contact:${id}`)
  await claim({ kind: 'ERASE', aliases: ['email:lovelace@example.com'], time: clock.now() })
  clock.advance(minute)
  await submit('ada@example.com')
  clock.advance(minute)
  await sweep(only)
  assert.deepEqual(await told(), [])
  assert.equal(await passedOver('erased'), 1)
})
