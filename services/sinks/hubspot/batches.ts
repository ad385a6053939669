import type { HubSpotAnswer } from './client.ts'

/** What became of some inputs of a batch. */
export interface Part<Input, Data> {
  readonly inputs: readonly Input[]
  readonly answer: HubSpotAnswer<Data>
}

/**
 * Sends a batch. One that is refused as a whole is halved until its cause is alone, so that one bad input never fails another; a 404 is about the API, not
 * about an input, unless `divides` says otherwise.
 */
export const sendBatch = async <Input, Data>(
  inputs: readonly Input[],
  request: (inputs: readonly Input[]) => Promise<HubSpotAnswer<Data>>,
  divides: (status: number | null) => boolean = status => status !== 404,
): Promise<readonly Part<Input, Data>[]> => {
  if (inputs.length === 0) return []
  const answer = await request(inputs)
  if (answer.kind !== 'rejected' || inputs.length === 1 || !divides(answer.status)) return [{ inputs, answer }]
  const middle = Math.ceil(inputs.length / 2)
  return [
    ...(await sendBatch(inputs.slice(0, middle), request, divides)),
    ...(await sendBatch(inputs.slice(middle), request, divides)),
  ]
}

/** What a batch read asks for: properties of records, without what they were before. */
export const readOf = (ids: readonly string[], properties: readonly string[]) => ({
  inputs: ids.map(id => ({ id })),
  properties: [...properties],
  propertiesWithHistory: [],
})
