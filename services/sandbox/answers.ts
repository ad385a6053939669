/** An HTTP answer of an emulated vendor. An object as body is sent as JSON, a string as it is, undefined as no body. */
export interface Answer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
}

/** What a vendor's route throws to refuse a request with an answer in the vendor's own shape. */
export class Refusal extends Error {
  readonly answer: Answer

  constructor(answer: Answer) {
    super(`answered with status ${answer.status}`)
    this.name = 'Refusal'
    this.answer = answer
  }
}
