import type { FastifyInstance } from 'fastify'
import { renderPage } from '../../page.ts'
import { type ActionParts, act } from './actions.ts'
import { ZOOM_BLUE, zoomPage } from './view.ts'

interface PageRequest {
  Params: { action: string }
  Querystring: { webinar?: string; q?: string }
}

/** The page for people, and what its buttons do: `POST /actions/<action>` with a JSON object of texts, answered with `{webinar}`. */
export const zoomPages = (app: FastifyInstance, parts: ActionParts): void => {
  app.get<PageRequest>('/', ({ query }, reply) =>
    reply.type('text/html').send(
      renderPage({
        title: 'Zoom',
        subtitle: 'webinars, people and the webhooks they cause',
        accent: ZOOM_BLUE,
        content: zoomPage(parts.traffic, query),
      }),
    ),
  )
  app.post<PageRequest>('/actions/:action', ({ params, body }) => act(parts, params.action, body))
}
