import { createHmac } from 'node:crypto'

/** Signed, dated tokens, so that none must be kept: they outlive a restart of the sandbox. */
export const issueToken = (purpose: string, content: object, expires: number): string => {
  const body = Buffer.from(JSON.stringify({ ...content, expires })).toString('base64url')
  return `eyJ.${body}.${seal(purpose, body)}`
}

/** What is in a token of ours: undefined when it is another's, was changed, or serves another purpose. */
export const readToken = (
  purpose: string,
  token: string,
): (Record<string, unknown> & { expires: number }) | undefined => {
  const [head, body, signature] = token.split('.')
  if (head !== 'eyJ' || body === undefined || signature !== seal(purpose, body)) return undefined
  return JSON.parse(Buffer.from(body, 'base64url').toString('utf8')) as Record<string, unknown> & { expires: number }
}

const seal = (purpose: string, body: string): string =>
  createHmac('sha256', `zoom sandbox ${purpose}`).update(body).digest('base64url')
