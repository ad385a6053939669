import type { IdentityClaim } from '../../schemas/generated.ts'
import type { Stream, StreamTopic } from '../../topology/define.ts'
import { identityClaims } from '../../topology/topics.ts'
import type { OutgoingRecord } from '../kafka/kafka.ts'
import type { Codec } from '../runtime/codec.ts'

/** A value with the stream that it is for. */
export interface SourceRecord<Value = unknown> {
  readonly stream: Stream<Value>
  readonly value: Value
}

/** What a source told, as records. The claims first: a consumer that reads a record before its claim parks it. Throws a rejected error for a value that its schema has no place for. */
export const encodedAll = (
  codec: Pick<Codec, 'encode'>,
  claims: readonly IdentityClaim[],
  records: readonly (Pick<SourceRecord, 'value'> & { readonly stream: StreamTopic })[],
): readonly OutgoingRecord[] => [
  ...claims.map(claim => encoded(codec, identityClaims, claim)),
  ...records.map(({ stream, value }) => encoded(codec, stream as Stream<unknown>, value)),
]

const encoded = <Value>(codec: Pick<Codec, 'encode'>, stream: Stream<Value>, value: Value): OutgoingRecord => ({
  topic: stream.name,
  key: stream.keyedBy === 'person' ? null : stream.keyedBy(value),
  value: codec.encode(stream, value),
})
