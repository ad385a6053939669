import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { parsed } from '../bodies.ts'
import { HubSpotRefusal } from '../errors.ts'
import { problemText } from '../page/edits.ts'
import type { Outreach } from './outreach.ts'

const address = z.string().min(1)
const submission = z.object({
  ...{ form: z.string(), email: z.string().optional(), pageUrl: z.string().optional() },
  values: z.record(z.string(), z.string()).optional(),
  ...{ submittedAt: z.number().optional(), shownAfterMs: z.number().optional() },
})
const email = z.object({
  name: z.string().optional(),
  subject: z.string().min(1),
  to: z.union([address, z.array(address)]),
})
const reaction = z.object({
  ...{
    type: z.enum(['OPEN', 'CLICK', 'DROPPED']),
    campaign: z.string(),
    recipient: address,
    url: z.string().optional(),
  },
  ...{ created: z.number().optional(), shownAfterMs: z.number().optional(), filtered: z.boolean().optional() },
})

/** What people do with forms and e-mails: by POST `/_sandbox/submissions`, `/_sandbox/emails` and `/_sandbox/email-events` with JSON, and by the page's forms. */
export const outreachEdits = (app: FastifyInstance, { forms, emails }: Outreach): void => {
  const works: Readonly<Record<string, (body: unknown) => object>> = {
    submissions: body => forms.submit(parsed(submission, body)),
    emails: body => {
      const { subject, to, name = subject } = parsed(email, body)
      return emails.send({ name, subject, to: typeof to === 'string' ? to.split(/[\s,;]+/).filter(Boolean) : to })
    },
    'email-events': body => emails.react(parsed(reaction, body)),
  }
  for (const [path, work] of Object.entries(works)) {
    app.post(`/_sandbox/${path}`, ({ body }, reply) => {
      try {
        return work(body)
      } catch (error) {
        if (!(error instanceof HubSpotRefusal)) throw error
        return reply.status(error.answer.status).send({ message: problemText(error) })
      }
    })
    app.post(`/outreach/${path}`, ({ body }, reply) => {
      try {
        work(body)
        return reply.redirect('/outreach', 303)
      } catch (error) {
        if (!(error instanceof HubSpotRefusal)) throw error
        return reply.redirect(`/outreach?problem=${encodeURIComponent(problemText(error))}`, 303)
      }
    })
  }
}
