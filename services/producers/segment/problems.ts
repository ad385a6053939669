import type { Reason } from '../../runtime/dead-letters.ts'

/** Why a message cannot become a record. It goes to the dead letters; the request is answered like any other, as Segment does. */
export type MessageProblem = Pick<Reason, 'code' | 'message'>

export const notAnObject: MessageProblem = {
  code: 'SEGMENT_MESSAGE_BROKEN',
  message: 'Expected a message as a JSON object, but it is none.',
}

export const tooLarge: MessageProblem = {
  code: 'SEGMENT_MESSAGE_TOO_LARGE',
  message: 'Expected a message of at most 32 KiB, as Segment takes it, but it is larger.',
}

export const beyondTheBatch: MessageProblem = {
  code: 'SEGMENT_BATCH_TOO_LONG',
  message: 'Expected at most 2,500 messages in a batch, as Segment takes them. These are the ones that follow.',
}

export const unknownType: MessageProblem = {
  code: 'SEGMENT_TYPE_UNKNOWN',
  message: 'Expected a type out of identify, track, page, screen, group and alias, but it is another or none.',
}

export const withoutPerson: MessageProblem = {
  code: 'SEGMENT_USER_MISSING',
  message: 'Expected a userId or an anonymousId that names one person, but there is none, or a placeholder.',
}

/** @param lacks names of Segment's fields */
export const incomplete = (type: string, lacks: string): MessageProblem => ({
  code: 'SEGMENT_MESSAGE_BROKEN',
  message: `Expected ${type} with ${lacks}, but it is missing or of another form.`,
})
