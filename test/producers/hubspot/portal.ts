import type { Filter, Found, HubSpotReader, Search, Searched } from '../../../services/producers/hubspot/rest/client.ts'

/** A record of a model portal. */
export interface ModelRecord {
  readonly id: number
  readonly modified: number
  readonly values?: Readonly<Record<string, string | null>>
}

/** What HubSpot's search answers of these records, and nothing else: no pages beyond the first. @param before called before each search, with how many there were */
export const modelReader = (
  records: () => readonly ModelRecord[],
  before: (searches: number) => void = () => {},
): HubSpotReader & { readonly searches: readonly Search[] } => {
  const searches: Search[] = []
  return {
    searches,
    search: (type, search) => {
      before(searches.length)
      searches.push(search)
      const numberOf = (record: ModelRecord, property: string): number =>
        property === 'hs_object_id' ? record.id : record.modified
      const found = records()
        .filter(record => search.filters.every(filter => holds(filter, numberOf(record, filter.propertyName))))
        .toSorted((a, b) => numberOf(a, search.sortedBy) - numberOf(b, search.sortedBy))
      const page = found.slice(0, search.limit).map(record => asFound(record, type))
      return Promise.resolve({ records: page, total: found.length, isAll: found.length <= search.limit })
    },
  }
}

const holds = ({ operator, value }: Filter, number: number): boolean => {
  if (operator === 'GT') return number > Number(value)
  return operator === 'GTE' ? number >= Number(value) : number <= Number(value)
}

const asFound = ({ id, modified, values = {} }: ModelRecord, type: Searched): Found => ({
  id: String(id),
  properties: { ...values, [type.modified]: new Date(modified).toISOString() },
})
