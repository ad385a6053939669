import { z } from 'zod'
import type { SegmentToPendo } from '../../topology/segment-to-pendo.ts'
import { collectMistakes, type Mistakes } from '../runtime/config/mistakes.ts'
import { eventNames, propertiesBytes, propertyNameLength } from '../sinks/pendo/limits.ts'
import { isName, isPropertyName } from '../sinks/pendo/names.ts'

type Path = readonly (string | number)[]

/** What is looked at beyond the shape: where it is, and what is wrong with it. */
type Complain = (path: Path, problem: string) => void

const name = z.string('a name').min(1, 'a name that is not empty')
const names = z.array(name, 'a list of names')
const constant = z.union([z.string(), z.number(), z.boolean()], 'a text, a number or true or false')

const values = {
  send: z.union([z.literal('all'), names], "'all' or a list of names"),
  except: names.optional(),
  rename: z.record(name, name, 'an object of names').optional(),
  constants: z.record(name, constant, 'an object of values').optional(),
}
const event = z.strictObject(
  { ...values, send: values.send.optional(), name: name.optional() },
  { error: only("name, send, except, rename and constants, or 'leave-out'") },
)
const events = z.strictObject(
  {
    ...values,
    others: z.enum(['send', 'leave-out'], "'send' or 'leave-out'"),
    called: name.optional(),
    events: z.record(name, orLeftOut(event), 'an object with one entry per event').optional(),
  },
  { error: only("others, called, events, send, except, rename and constants, or 'leave-out'") },
)
const mapping = z.strictObject(
  {
    anonymous: z.enum(['leave-out', 'as-device'], "'leave-out' or 'as-device'"),
    identify: orLeftOut(z.strictObject(values, { error: only("send, except, rename and constants, or 'leave-out'") })),
    group: orLeftOut(
      z.strictObject(
        { ...values, visitorField: z.union([name, z.null()], 'the name of a field, or null') },
        { error: only("send, except, rename, constants and visitorField, or 'leave-out'") },
      ),
    ),
    ...{ track: orLeftOut(events), page: orLeftOut(events), screen: orLeftOut(events) },
  },
  { error: only('anonymous, identify, group, track, page and screen') },
)

/** Validates the mapping (topology/segment-to-pendo.ts) against its shape and Pendo's rules. Throws one `MAPPING_INVALID` that lists every mistake. */
export const checkSegmentToPendo = (given: unknown): SegmentToPendo => {
  const mistakes = collectMistakes('MAPPING_INVALID', 'topology/segment-to-pendo.ts')
  const parsed = mapping.safeParse(given)
  if (parsed.success) checkRules(parsed.data as SegmentToPendo, complaining(mistakes))
  else
    for (const issue of parsed.error.issues.flatMap(innermost))
      mistakes.add(`${issue.path.join('.') || 'segmentToPendo'} must be ${issue.message}.`)
  mistakes.throwIfAny()
  return parsed.data as SegmentToPendo
}

const complaining =
  (mistakes: Mistakes): Complain =>
  (path, problem) =>
    mistakes.add(`${path.join('.')} ${problem}.`)

const checkRules = ({ identify, group, ...others }: SegmentToPendo, complain: Complain): void => {
  if (identify !== 'leave-out') checkValues(identify, ['identify'], metadataName, complain)
  if (group !== 'leave-out') {
    checkValues(group, ['group'], metadataName, complain)
    checkVisitorField(group.visitorField, identify, complain)
  }
  for (const call of ['track', 'page', 'screen'] as const) checkEvents(others[call], [call], complain)
}

type Choice = Exclude<SegmentToPendo['identify'], 'leave-out'>

interface NameRule {
  readonly keeps: (name: string) => boolean
  readonly says: string
}

const metadataName: NameRule = {
  keeps: each => isName(each),
  says: 'letters, digits and _, with no digit at the beginning',
}
const propertyName: NameRule = {
  keeps: isPropertyName,
  says: `at most ${propertyNameLength} letters, digits and _, with no digit at the beginning and not of the form __x__`,
}

const checkVisitorField = (field: string | null, identify: SegmentToPendo['identify'], complain: Complain): void => {
  if (field === null) return
  const path = ['group', 'visitorField']
  if (!metadataName.keeps(field)) complain(path, `must be a name that Pendo takes: ${metadataName.says}`)
  if (identify === 'leave-out') return
  const taken = [...Object.values(identify.rename ?? {}), ...Object.keys(identify.constants ?? {})]
  if (taken.includes(field)) complain(path, `must be a field of its own, but identify writes ${field} too`)
}

const checkValues = (
  { send, except = [], rename = {}, constants = {} }: Partial<Choice>,
  path: Path,
  rule: NameRule,
  complain: Complain,
): void => {
  const listed = Array.isArray(send) ? (send as readonly string[]) : undefined
  if (listed && except.length > 0)
    complain([...path, 'except'], "belongs to send: 'all'; take the names out of send instead")
  for (const twice of repeated(listed ?? [])) complain([...path, 'send'], `names ${twice} twice`)
  for (const [from, to] of Object.entries(rename)) {
    const at = [...path, 'rename', from]
    if (!rule.keeps(to)) complain(at, `must be a name that Pendo takes (${rule.says}), but is ${to}`)
    if (listed && !listed.includes(from)) complain(at, 'renames what send does not name')
    if (except.includes(from)) complain(at, 'renames what except leaves out')
    if (Object.hasOwn(constants, to)) complain(at, `becomes ${to}, which is a constant too`)
  }
  for (const twice of repeated(Object.values(rename)))
    complain([...path, 'rename'], `gives two of them the name ${twice}`)
  for (const [constantName, value] of Object.entries(constants)) {
    const at = [...path, 'constants', constantName]
    if (!rule.keeps(constantName)) complain(at, `must have a name that Pendo takes: ${rule.says}`)
    if (typeof value === 'number' && !Number.isFinite(value)) complain(at, 'must be a number that JSON can hold')
  }
}

const checkEvents = (chosen: SegmentToPendo['track'], path: Path, complain: Complain): void => {
  if (chosen === 'leave-out') return
  checkProperties(chosen, path, complain)
  const named = Object.entries(chosen.events ?? {})
  if (named.length > eventNames) complain([...path, 'events'], `has ${named.length} names; Pendo takes ${eventNames}`)
  for (const [event, choice] of named) {
    if (choice === 'leave-out') continue
    checkProperties({ ...chosen, ...choice }, [...path, 'events', event], complain)
  }
}

const checkProperties = (choice: Partial<Choice>, path: Path, complain: Complain): void => {
  checkValues(choice, path, propertyName, complain)
  const bytes = Buffer.byteLength(JSON.stringify(choice.constants ?? {}))
  if (bytes > propertiesBytes)
    complain([...path, 'constants'], `takes ${bytes} bytes as JSON; Pendo keeps ${propertiesBytes} of all properties`)
}

const repeated = (all: readonly string[]): readonly string[] => [
  ...new Set(all.filter((each, index) => all.indexOf(each) !== index)),
]

function orLeftOut<Schema extends z.ZodType>(schema: Schema) {
  return z.union([z.literal('leave-out'), schema])
}

function only(keys: string) {
  return (issue: { code?: string; keys?: unknown }): string =>
    issue.code === 'unrecognized_keys' && Array.isArray(issue.keys)
      ? `an object with nothing but ${keys}, but it has ${issue.keys.join(', ')} too`
      : `an object with ${keys}`
}

interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** The message of a union that was given none. */
const saysNothing = 'Invalid input'

/** Of a union the branch counts that came nearest: an object is told what is wrong in it, not that it is no 'leave-out'. What is none of them is told all of them. */
const innermost = (issue: z.core.$ZodIssue): readonly Issue[] => {
  if (issue.code !== 'invalid_union') return [{ path: issue.path, message: issue.message }]
  const nearest = issue.errors.at(-1) ?? []
  const isInside = nearest.some(({ path }) => path.length > 0)
  if (!isInside && issue.message !== saysNothing) return [{ path: issue.path, message: issue.message }]
  return nearest.flatMap(inner => innermost({ ...inner, path: [...issue.path, ...inner.path] }))
}
