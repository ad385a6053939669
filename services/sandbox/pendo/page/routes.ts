import type { FastifyInstance, FastifyReply } from 'fastify'
import { type Html, html, renderPage } from '../../page.ts'
import type { Kind } from '../model/fields.ts'
import { editRoutes } from './edits.ts'
import { type PageParts, tabs } from './parts.ts'
import { productPage } from './product.ts'
import { profileForm, profilesPath, profileTable } from './profiles.ts'
import { usagePage } from './usage.ts'
import { webhooksPage } from './webhooks.ts'

export const PENDO_PINK = '#c81e63'

interface PageRequest {
  Params: { kind: string; id: string }
  Querystring: { q?: string; problem?: string }
}

const TABLES: Readonly<Record<string, (parts: PageParts, q: string | undefined) => Html>> = {
  '/': (parts, q) => profileTable(parts, 'visitor', q),
  '/accounts': (parts, q) => profileTable(parts, 'account', q),
  '/events': usagePage,
  '/product': productPage,
  '/webhooks': webhooksPage,
}

/** The pages of a subscription: tables that follow each change, and a form for each visitor and account. */
export const pageRoutes = (app: FastifyInstance, parts: PageParts): void => {
  const show = (reply: FastifyReply, current: string, content: Html, problem?: string): FastifyReply =>
    reply.type('text/html').send(
      renderPage({
        title: 'Pendo',
        subtitle: 'who uses the product, and how',
        accent: PENDO_PINK,
        content: html`${tabs(parts, current)}${problem && html`<p class="notice" role="alert">${problem}</p>`}${content}`,
      }),
    )
  for (const [path, content] of Object.entries(TABLES))
    app.get<PageRequest>(path, ({ query }, reply) => show(reply, path, content(parts, query.q), query.problem))
  app.get<PageRequest>('/profiles/:kind/:id', ({ params, query }, reply) => {
    const kind: Kind = params.kind === 'account' ? 'account' : 'visitor'
    const profile = parts.subscription.profiles.get(kind, params.id)
    const content = profile ? profileForm(parts, kind, profile) : html`<p class="empty">There is no such ${kind}.</p>`
    return show(reply.status(profile ? 200 : 404), profilesPath(kind), content, query.problem)
  })
  editRoutes(app, parts)
}
