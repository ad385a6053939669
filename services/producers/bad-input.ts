/** What becomes of input that is not as its vendor describes it, or tells nothing new: a row of docs/reference.md. */
export interface BadInput {
  readonly given: string
  /** HTTP status and the code in the answer's body; a taken request has no code. */
  readonly answer: '200' | `${400 | 401 | 413 | 429 | 503} ${string}`
  readonly outcome: string
}

/** Bodies that no item of a webhook can be read from (item-webhooks.ts). @param outcome what the vendor does then */
export const unreadableBodies = (vendor: 'HUBSPOT' | 'PENDO', outcome: string) =>
  ({
    'not-json': {
      given: 'a body that is no JSON, or neither an object nor a list',
      answer: `400 ${vendor}_BODY_UNREADABLE`,
      outcome,
    },
    'deep-body': {
      given: 'more than 100 levels of objects and lists',
      answer: `400 ${vendor}_BODY_TOO_DEEP`,
      outcome,
    },
    'large-body': { given: 'more than 1,000,000 bytes', answer: '413 FST_ERR_CTP_BODY_TOO_LARGE', outcome },
  }) as const satisfies Readonly<Record<string, BadInput>>

/** Times that an item of a webhook may have (input/times.ts). */
export const oddTimes = {
  'bad-time': {
    given: 'no number as a time, or one before the year 2000',
    answer: '200',
    outcome: 'It has the time of its receipt and is counted in `tributary_message_times_replaced_total`.',
  },
  'later-time': {
    given: 'a time after the receipt, however far',
    answer: '200',
    outcome: 'It has the time of its receipt.',
  },
} as const satisfies Readonly<Record<string, BadInput>>
