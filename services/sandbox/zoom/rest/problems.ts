import { Refusal } from '../../answers.ts'

/** Zoom's error bodies: facts/zoom.md §6. */
export const zoomProblem = (
  status: number,
  code: number,
  message: string,
  errors?: readonly { readonly field: string; readonly message: string }[],
): Refusal => new Refusal({ status, body: { code, message, ...(errors ? { errors } : {}) } })

export const invalidToken = (): Refusal => zoomProblem(401, 124, 'Invalid access token.')
export const expiredToken = (): Refusal => zoomProblem(401, 124, 'Access token is expired.')
export const noWebinar = (id: string): Refusal => zoomProblem(404, 3001, `Webinar does not exist: ${id}.`)
export const noReport = (id: string): Refusal => zoomProblem(404, 3001, `Webinar ${id} not found or has expired.`)
export const noUser = (id: string): Refusal => zoomProblem(404, 1001, `User does not exist: ${id}.`)
export const invalidPageToken = (): Refusal => zoomProblem(400, 300, 'The next page token is invalid or expired.')
export const invalidFields = (...fields: string[]): Refusal =>
  zoomProblem(
    400,
    300,
    'Validation Failed.',
    fields.map(field => ({ field, message: 'Invalid field.' })),
  )
