import type { Clock } from '../../../runtime/clock.ts'
import type { Store } from '../../store.ts'
import type { Portal } from '../portal.ts'
import { createEmails, type Emails } from './emails.ts'
import { createForms, type Forms } from './forms.ts'

/** What an account asks and sends people: forms that they submit and marketing e-mails that they open. */
export interface Outreach {
  readonly portalId: number
  readonly forms: Forms
  readonly emails: Emails
  /** Submissions and e-mails. */
  count(): number
  state(): Record<
    'form_submission' | 'marketing_email' | 'email_event',
    { id: string; properties: Record<string, unknown> }[]
  >
}

export const createOutreach = (store: Store, clock: Clock, portal: Portal): Outreach => {
  const forms = createForms(store, clock, portal)
  const emails = createEmails(store, clock)
  const shown = <Row extends { readonly id: string }>(rows: readonly Row[]) =>
    rows.map(({ id, ...properties }) => ({ id, properties }))
  return {
    ...{ portalId: portal.portalId, forms, emails },
    count: () => forms.all().length + emails.campaigns().length,
    state: () => ({
      form_submission: shown(forms.all()),
      marketing_email: shown(emails.campaigns()),
      email_event: shown(emails.events()),
    }),
  }
}
