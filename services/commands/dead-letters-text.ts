import type { Receipt } from '../../schemas/generated.ts'
import type { LetterDetails, LetterRow } from '../dead-letters/reading.ts'

/** Bytes of a value that cannot be read, as far as a person looks at them; `--json` has them all. */
const hexShown = 2_048

export const rowForPrograms = ({ at, ...row }: LetterRow) => ({ ...row, at: isoTime(at) })

export const rowForPeople = ({ id, at, service, code, topic, event, state }: LetterRow) => ({
  id,
  at: isoTime(at),
  service: printable(service),
  code: printable(code),
  topic: printable(topic),
  event: printable(event ?? '-'),
  state,
})

export const detailsAsJson = ({ original, content, mark, at, timestamp, history, ...letter }: LetterDetails) => ({
  ...letter,
  history: history.map(receipt => ({ ...receipt, at: isoTime(receipt.at) })),
  at: isoTime(at),
  timestamp: isoTime(timestamp),
  mark: mark && { ...mark, at: isoTime(mark.at), letterTimestamp: isoTime(mark.letterTimestamp) },
  original: {
    topic: original.topic,
    partition: original.partition,
    offset: original.offset,
    key: original.key && textOrHex(original.key),
    headers: headersOf(original.headers),
    content,
  },
})

/** Everything about a letter, without control characters: the bytes are foreign. */
export const detailsAsLines = (details: LetterDetails): readonly string[] => {
  const { original, advice, mark } = details
  const facts: readonly (readonly [string, string | null])[] = [
    ['set aside', `${isoTime(details.at)} by ${details.service}`],
    ['attempts', details.attempts === null ? null : String(details.attempts)],
    ['came from', cameFrom(original)],
    ['write', details.writeId],
    ['code', details.code],
    ['reason', details.message],
    ['meaning', advice.meaning],
    ['what to do', advice.advice],
    ['marked', mark && `${details.state} ${isoTime(mark.at)}`],
    ['sent to', mark && mark.appended.length > 0 ? mark.appended.join(', ') : null],
    ['key', original.key && textOrHex(original.key)],
    ...Object.entries(headersOf(original.headers)).map(([name, value]) => [`header ${name}`, value] as const),
  ]
  const present = facts.flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))
  const width = Math.max(...present.map(([name]) => name.length))
  return [
    `Dead letter ${details.id} (${details.state})`,
    ...present.map(([name, value]) => printable(`  ${name.padEnd(width)}  ${value}`)),
    '',
    ...contentLines(details.content),
    ...historyLines(details.history),
  ]
}

const historyLines = (history: readonly Receipt[]): readonly string[] =>
  history.length === 0
    ? []
    : [
        '',
        'What became of writes to the same record:',
        ...history.map(({ at, outcome, code, record, writeId }) =>
          printable(`  ${isoTime(at)}  ${outcome}${code === null ? '' : ` ${code}`}  ${record ?? '-'}  ${writeId}`),
        ),
      ]

const contentLines = (content: LetterDetails['content']): readonly string[] => {
  if (content.kind === 'none') return ['The value is null.']
  if (content.kind === 'json') {
    const lines = (JSON.stringify(content.value, null, 2) ?? '').split('\n').map(printable)
    return content.note === undefined ? lines : [printable(content.note), ...lines]
  }
  const { hex, reason } = content
  const shown = hex.slice(0, 2 * hexShown)
  const bytes = hex.length / 2
  const more = bytes > hexShown ? [`… of ${bytes} bytes; --json shows them all`] : []
  return [printable(reason), ...(shown.match(/.{1,64}/g) ?? ['(no bytes)']), ...more]
}

const cameFrom = ({ topic, partition, offset }: LetterDetails['original']): string =>
  [
    topic || 'unknown',
    ...(partition === null ? [] : [`partition ${partition}`]),
    ...(offset === null ? [] : [`offset ${offset}`]),
  ].join(', ')

const headersOf = (headers: Readonly<Record<string, Buffer>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, textOrHex(value)]))

const textOrHex = (bytes: Buffer): string => {
  try {
    return new TextDecoder('utf8', { fatal: true }).decode(bytes)
  } catch {
    return `hex:${bytes.toString('hex')}`
  }
}

const isoTime = (ms: number): string => new Date(ms).toISOString()

/** Foreign text cannot move the cursor or colour the terminal. */
const printable = (text: string): string => text.replace(/\p{Cc}/gu, '\u{fffd}')
