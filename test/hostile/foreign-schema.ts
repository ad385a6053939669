import { type AvroSchema, schemaOf } from '../../schemas/records.ts'
import { tracks } from '../../topology/topics.ts'
import { codecUnderTest, codeOf, framed, track, writtenWith } from '../runtime/codec-under-test.ts'

/** A reader of tracks that were written with a field more than ours have, which comes first and is skipped: it gives what came of such a field's bytes. */
export const readerOfFieldsBefore = async (type: unknown): Promise<(field: Buffer) => string> => {
  const ours = schemaOf('track') as Extract<AvroSchema, { readonly type: AvroSchema }>
  const schema = { ...ours, fields: [{ name: 'foreign', type }, ...(ours.fields ?? [])] } as AvroSchema
  const under = await codecUnderTest()
  under.answer(() => Promise.resolve(schema))
  const id = 900
  await under.patiently(under.codec.prepare([framed(id)]))
  const rest = writtenWith(ours, track)
  return field => codeOf(() => under.codec.decode(tracks, framed(id, Buffer.concat([field, rest]))))
}
