import type { ChosenValues, SegmentToPendo } from '../../topology/segment-to-pendo.ts'

/** The metadata fields in Pendo that a mapping names; those of `send: 'all'` are known only when they come. */
export const metadataFieldsOf = ({
  identify,
  group,
}: SegmentToPendo): { readonly visitor: readonly string[]; readonly account: readonly string[] } => ({
  visitor: [
    ...(identify === 'leave-out' ? [] : namedIn(identify)),
    ...(group === 'leave-out' || group.visitorField === null ? [] : [group.visitorField]),
  ],
  account: group === 'leave-out' ? [] : namedIn(group),
})

const namedIn = ({ send, rename = {}, constants = {} }: ChosenValues): readonly string[] => [
  ...(send === 'all' ? Object.values(rename) : send.map(name => rename[name] ?? name)),
  ...Object.keys(constants),
]
