import { randomUUID } from 'node:crypto'
import type { Clock } from '../../../runtime/clock.ts'
import type { Store } from '../../store.ts'
import { invalid, notFound } from '../errors.ts'
import type { Writer } from '../objects/records.ts'
import type { Portal } from '../portal.ts'

export interface Form {
  readonly id: string
  readonly name: string
  readonly formType: 'hubspot' | 'captured' | 'flow' | 'blog_comment'
  readonly createdAt: string
}

const MADE_AT = '2024-02-01T09:00:00Z'

/** The forms that the account has from the beginning; of the last HubSpot gives no submissions. */
export const FORMS: readonly Form[] = (
  [
    ['0b1d6b5e-52f1-4a36-9a7e-1c0f6a4a1d01', 'Contact us', 'hubspot'],
    ['0b1d6b5e-52f1-4a36-9a7e-1c0f6a4a1d02', 'Newsletter', 'captured'],
    ['0b1d6b5e-52f1-4a36-9a7e-1c0f6a4a1d03', 'Comments', 'blog_comment'],
  ] as const
).map(([id, name, formType]) => ({ id, name, formType, createdAt: MADE_AT }))

export interface FormSubmission {
  readonly id: string
  readonly form: string
  /** In milliseconds, as `shownFrom`. */
  readonly submittedAt: number
  readonly shownFrom: number
  readonly pageUrl: string
  readonly values: readonly { readonly name: string; readonly value: string; readonly objectTypeId: string }[]
}

/** What a visitor sends. */
export interface SubmissionDraft {
  /** Name or guid of the form. */
  readonly form: string
  readonly email?: string | undefined
  /** Further fields, by their names. */
  readonly values?: Readonly<Record<string, string>> | undefined
  readonly pageUrl?: string | undefined
  /** When it happened, now unless given. */
  readonly submittedAt?: number | undefined
  /** How long reads do not show it. */
  readonly shownAfterMs?: number | undefined
}

/** The forms of an account and what was submitted. */
export interface Forms {
  /** The latest first, those of one time in the order of their ids. */
  submissions(form: string): readonly FormSubmission[]
  all(): readonly FormSubmission[]
  /** A new address becomes a contact, as HubSpot makes one. Throws a `HubSpotRefusal`. */
  submit(draft: SubmissionDraft): FormSubmission
}

const BY_FORM: Writer = { source: 'FORM', id: 'form' }

export const createForms = (store: Store, clock: Clock, portal: Portal): Forms => {
  const rows = store.table<FormSubmission>('form submissions')
  const all = (): readonly FormSubmission[] =>
    [...rows.values()]
      .filter(({ shownFrom }) => shownFrom <= clock.now())
      .sort((a, b) => b.submittedAt - a.submittedAt || (a.id < b.id ? -1 : 1))
  return {
    all,
    submissions: form => all().filter(one => one.form === form),
    submit: ({ form: named, email, values = {}, pageUrl, submittedAt = clock.now(), shownAfterMs = 0 }) => {
      const form = FORMS.find(({ id, name }) => id === named || name === named)
      if (!form) throw notFound(`There is no form ${named}.`)
      const address = email?.trim().toLowerCase()
      if (address !== undefined && !address.includes('@')) throw invalid('email is not an address')
      if (address !== undefined) ensureContact(portal, address)
      const entered = { ...(address === undefined ? {} : { email: address }), ...values }
      const submission: FormSubmission = {
        ...{ id: randomUUID(), form: form.id, submittedAt, shownFrom: clock.now() + shownAfterMs },
        pageUrl:
          pageUrl ?? `https://www.sandbox.example.com/${form.name.toLowerCase().replaceAll(' ', '-')}?utm_source=x`,
        values: Object.entries(entered).map(([name, value]) => ({ name, value, objectTypeId: '0-1' })),
      }
      rows.set(submission.id, submission)
      return submission
    },
  }
}

const ensureContact = (portal: Portal, email: string): void => {
  const { records, writing } = portal.objects('contacts')
  if (records.findBy('email', email)) return
  const draft = records.draft(BY_FORM)
  writing.create(draft, { email })
  draft.commit()
}
