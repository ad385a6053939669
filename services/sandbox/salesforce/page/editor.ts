import type { FastifyInstance, FastifyRequest } from 'fastify'
import { type Html, html } from '../../page.ts'
import type { Org } from '../org.ts'
import type { Author, Row } from '../records/records.ts'
import { titleOf } from './cells.ts'
import { options } from './choices.ts'

/** The field of any form that names who edits, by id or address; without it, who was chosen last in this browser. */
export const EDITOR_FIELD = 'editedBy'

const COOKIE = 'salesforce-sandbox-editor'

interface EditorRequest {
  Body: Readonly<Record<string, string>> | undefined
}

/** Who makes the change that a form asks for. Throws a SalesforceRefusal when the form names nobody who can. */
export const authorOf = (org: Org, request: FastifyRequest<EditorRequest>): Author => {
  const named = request.body?.[EDITOR_FIELD]
  const { Id } = named ? org.people.named(named) : currentEditor(org, request.headers.cookie)
  return { userId: Id, byHand: true }
}

/** Who was chosen last, if they still can edit; else the first of the people. */
export const currentEditor = (org: Org, cookies = ''): Row => {
  const [, chosen] = new RegExp(`(?:^|; *)${COOKIE}=(\\w+)`).exec(cookies) ?? []
  return org.people.all().find(({ Id }) => Id === chosen) ?? org.people.named(undefined)
}

/** Chooses who edits from now on. `back` is the address of the page that it stands on. */
export const editorForm = (org: Org, current: Row, back: string): Html =>
  html`<form method="post" action="/editor" class="bar" style="margin:0"><input type="hidden" name="back" value="${back}"><label for="editor" class="muted">You are</label><select id="editor" name="${EDITOR_FIELD}" onchange="this.form.requestSubmit()">${options(
    org.people.all().map(row => [row.Id, titleOf(row)]),
    current.Id,
  )}</select></form>`

export const editorRoutes = (app: FastifyInstance, org: Org): void => {
  app.post<EditorRequest>('/editor', (request, reply) => {
    const { userId } = authorOf(org, request)
    const { back = '/' } = request.body ?? {}
    return reply
      .header('set-cookie', `${COOKIE}=${userId}; Path=/; HttpOnly; SameSite=Strict`)
      .redirect(/^\/(?![/\\])/.test(back) ? back : '/', 303)
  })
}
