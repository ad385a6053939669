import type { Identity } from '../../schemas/generated.ts'
import { identities } from '../../topology/topics.ts'
import { personIdOf } from '../identity/rows.ts'
import type { Kafka } from '../kafka/kafka.ts'
import type { Codec } from '../runtime/codec.ts'
import type { Finding } from './finding.ts'

/** Most pairs that are told one by one. */
const mostTold = 20

/** Objects of which a person should have one record in each CRM; a contact beside a lead is one too many as well. */
const crmRecord = /^(hubspot:contact|salesforce:(?:contact|lead)):(.+)$/

/** People who have several records in one CRM: the earliest claimed is written, the others stay behind until somebody merges them. */
export const examineIdentities = async (kafka: Kafka, codec: Codec): Promise<readonly Finding[]> => {
  const several = new Map<string, readonly string[]>()
  let people = 0
  for (const { partition, earliest } of await kafka.topics.offsets(identities.name)) {
    for await (const { key, value } of kafka.read(identities.name, partition, earliest)) {
      const id = personIdOf(key?.toString() ?? '')
      if (id === undefined) continue
      several.delete(id)
      if (value === null) continue
      await codec.prepare([value])
      const row = codec.decode(identities, value)
      if (row.kind !== 'PERSON') continue
      people += 1
      const records = recordsOfOneCrm(row)
      if (records.length > 0) several.set(id, records)
    }
  }
  if (several.size === 0) return [fine(`${people} rows of people were read; nobody has two records in one CRM.`)]
  return toldOf(several)
}

const recordsOfOneCrm = ({ aliases }: Identity): readonly string[] => {
  const records = aliases.filter(alias => crmRecord.test(alias))
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
