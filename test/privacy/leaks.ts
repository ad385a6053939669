import { PEOPLE } from '../../services/sandbox/zoom/live/people.ts'
import { readScenario } from '../../services/sandbox/zoom/recordings/scenario.ts'
import { readingsOf } from './readings.ts'

/** What must not be in a log, a header or a metric, in words that can be printed; what was found itself never is. */
export type LeakKind = (typeof shapes)[number]['kind'] | 'secret of the run' | 'name of a person'

/** The kinds of secrets and personal data in a text, each once. */
export type FindLeaks = (text: string) => readonly LeakKind[]

/** What is known by its form, whoever made it up. */
const shapes = [
  { kind: 'e-mail address', pattern: /[\p{L}\p{N}_.+;-]+@[\p{L}\p{N}-]+(\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/u },
  { kind: 'telephone number', pattern: /(?<![\w.:+-])\+[1-9][\d ().-]{6,}\d\b/ },
  { kind: 'credential of an Authorization header', pattern: /\b(bearer|basic)\s+(?=\S*[\d=])[\w.~+/=-]{8,}/i },
  { kind: 'private key', pattern: /PRIVATE KEY-----(\\n|\s)*[A-Za-z0-9+/]{20,}/ },
  { kind: 'JSON web token', pattern: /\beyJ[\w-]{8,}\.eyJ[\w-]{8,}/ },
  { kind: 'HubSpot token', pattern: /\bpat-[a-z]{2}\d-[\w-]{8,}/ },
  { kind: 'Salesforce session', pattern: /\b00D[A-Za-z0-9]{12,15}![\w.]{20,}/ },
  { kind: 'signature of a webhook', pattern: /\bv0=[0-9a-f]{64}\b/ },
  {
    kind: 'token in a URL',
    pattern: /[?&](tk|token|access_token|refresh_token|code|assertion|client_secret|api_key|pwd)=[^&\s"'\\]{6,}/i,
  },
] as const

/** Shorter secrets are words that occur anywhere, `sandbox` among them. */
const SHORTEST_SECRET = 8

/** The people of the recorded and of the live webinars, first and last name. */
export const samplePeople = (): readonly string[] => [
  ...readScenario().people.map(({ firstName, lastName }) => `${firstName} ${lastName}`),
  ...PEOPLE.map(({ first_name, last_name }) => `${first_name} ${last_name}`),
]

/** @param known secrets that were in use, and names of people; a name of one word is a word like any other and is not looked for */
export const createLeakFinder = (known: {
  readonly secrets: Iterable<string>
  readonly people: Iterable<string>
}): FindLeaks => {
  const secrets = [...new Set(known.secrets)].filter(secret => secret.length >= SHORTEST_SECRET)
  const people = new Map<string, string[][]>()
  for (const name of known.people) {
    const [first = '', ...rest] = wordsOf(name)
    if (rest.length > 0) people.set(first, [...(people.get(first) ?? []), rest])
  }
  return text => {
    const readings = readingsOf(text)
    const has = (test: (reading: string) => boolean): boolean => readings.some(test)
    return [
      ...shapes.filter(({ pattern }) => has(reading => pattern.test(reading))).map(({ kind }) => kind),
      ...(has(reading => secrets.some(secret => reading.includes(secret))) ? (['secret of the run'] as const) : []),
      ...(has(reading => names(reading, people)) ? (['name of a person'] as const) : []),
    ]
  }
}

const names = (text: string, people: ReadonlyMap<string, readonly (readonly string[])[]>): boolean => {
  const words = wordsOf(text)
  return words.some((first, at) =>
    people.get(first)?.some(rest => rest.every((word, further) => words[at + 1 + further] === word)),
  )
}

const wordsOf = (text: string): readonly string[] =>
  text
    .normalize('NFC')
    .toLowerCase()
    .match(/\p{L}+/gu) ?? []
