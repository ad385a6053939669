import type { Identity } from '../../schemas/generated.ts'
import { delivered, identities } from '../../topology/topics.ts'
import { personIdOf } from '../identity/rows.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { Codec } from '../runtime/codec.ts'
import { storedValues } from '../runtime/stored-values.ts'
import type { Finding } from './finding.ts'

/** Most pairs that are told one by one. */
const mostTold = 20

/** Objects of which a person should have one record in each CRM; a contact beside a lead is one too many as well. */
const crmRecord = /^(hubspot:contact|salesforce:(?:contact|lead)):(.+)$/

/** People who have several records in one CRM: one of them is written, the others stay behind until somebody merges them. */
export const examineIdentities = async (kafka: Kafka, codec: Codec): Promise<readonly Finding[]> => {
  const { people, several } = await readPeople(kafka, codec)
  const replaced = await replacedRecords(kafka, codec, new Set([...several.values()].flat()))
  for (const [id, records] of several) {
    const present = severalOfOneCrm(records.filter(record => !replaced.has(record)))
    if (present.length > 0) several.set(id, present)
    else several.delete(id)
  }
  if (several.size === 0) return [fine(`Nobody of ${people} people has two records in one CRM.`)]
  return toldOf(several)
}

/** Counts people, and gives the records of those who have several in one CRM, by person id. */
const readPeople = async (
  kafka: Kafka,
  codec: Codec,
): Promise<{ readonly people: number; readonly several: Map<string, readonly string[]> }> => {
  const several = new Map<string, readonly string[]>()
  const people = new Set<string>()
  const wants = (key: string): boolean => personIdOf(key) !== undefined
  for await (const { key, value } of storedValues({ kafka, codec }, identities, { wants })) {
    const id = personIdOf(key) ?? ''
    several.delete(id)
    if (value?.kind !== 'PERSON') {
      people.delete(id)
      continue
    }
    people.add(id)
    const records = recordsOf(value)
    if (records.length > 0) several.set(id, records)
  }
  return { people: people.size, several }
}

/** Those of the records that the vendor merged or converted into another one, or whose place another one took: their aliases remain. */
const replacedRecords = async (
  kafka: Kafka,
  codec: Codec,
  records: ReadonlySet<string>,
): Promise<ReadonlySet<string>> => {
  const replaced = new Set<string>()
  if (records.size === 0) return replaced
  const wants = (key: string): boolean => records.has(key)
  for await (const { key, value } of storedValues({ kafka, codec }, delivered, { wants })) {
    if (value && value.movedTo !== null) replaced.add(key)
    else replaced.delete(key)
  }
  return replaced
}

const recordsOf = ({ aliases }: Identity): readonly string[] =>
  severalOfOneCrm(aliases.filter(alias => crmRecord.test(alias)).toSorted(byPreference))

/** As the sinks choose: a contact before a lead, then the earliest claimed. */
const byPreference = (a: string, b: string): number => Number(isLead(a)) - Number(isLead(b))
const isLead = (alias: string): boolean => alias.startsWith('salesforce:lead:')

const severalOfOneCrm = (records: readonly string[]): readonly string[] => {
  const byCrm = Map.groupBy(records, alias => alias.slice(0, alias.indexOf(':')))
  return [...byCrm.values()].filter(all => all.length > 1).flat()
}

const toldOf = (several: ReadonlyMap<string, readonly string[]>): readonly Finding[] => {
  const told = [...several].slice(0, mostTold).map(
    ([id, records]): Finding => ({
      area: 'identities',
      level: 'warning',
      code: 'SEVERAL_RECORDS',
      message: `person:${id} has ${records.join(', ')}. Of one CRM the first named is written. Merge them there; Tributary follows.`,
    }),
  )
  const more = several.size - told.length
  const rest: readonly Finding[] =
    more === 0
      ? []
      : [
          {
            area: 'identities',
            level: 'warning',
            code: 'SEVERAL_RECORDS',
            message: `${more} more people have several records in one CRM.`,
          },
        ]
  return [...told, ...rest]
}

const fine = (message: string): Finding => ({ area: 'identities', level: 'fine', code: 'ONE_RECORD_EACH', message })
