import assert from 'node:assert/strict'

/** Asks an emulated vendor, with its token: gives what its JSON says, and fails when it refuses. */
// biome-ignore lint/suspicious/noExplicitAny: an answer of any endpoint
export type Ask = (method: string, path: string, body?: unknown) => Promise<any>

export const asking =
  (url: string): Ask =>
  async (method, path, body) => {
    const answer = await fetch(url + path, {
      ...{ method, headers: { 'content-type': 'application/json', authorization: 'Bearer sandbox' } },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await answer.text()
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }
