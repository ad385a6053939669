import { Refusal } from '../answers.ts'

/** A refusal in words. What Pendo writes into the body of a refusal is not known; "Too Many Requests" is the reason phrase that tap-pendo looks for. */
export const refused = (status: number, message: string): Refusal => new Refusal({ status, body: message })

export const tooManyRequests = (): Refusal => refused(429, 'Too Many Requests')
export const notFound = (what: string): Refusal => refused(404, `${what} not found`)
export const badRequest = (message: string): Refusal => refused(400, message)
