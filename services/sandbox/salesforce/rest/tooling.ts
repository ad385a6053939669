import type { FastifyInstance } from 'fastify'
import type { Clock } from '../../../runtime/clock.ts'
import { openStore } from '../../store.ts'
import { malformedQuery } from '../errors.ts'
import { mintedId } from '../records/ids.ts'
import { createRecords, type Row } from '../records/records.ts'
import { field, text } from '../schema/fields.ts'
import type { SObjectType } from '../schema/objects.ts'
import { createSchema } from '../schema/schema.ts'
import { runQuery } from '../soql/query.ts'
import { basePath, DATA } from './requests.ts'

/** https://developer.salesforce.com/docs/platform/api-tooling/references/tooling-objects/tooling-platformeventchannelmember.html */
const channelMember: SObjectType = {
  name: 'PlatformEventChannelMember',
  label: 'Platform Event Channel Member',
  plural: 'Platform Event Channel Members',
  prefix: '0v8',
  deletable: true,
  mergeable: false,
  fields: [
    field('Id', 'id', { label: 'Platform Event Channel Member ID', length: 18, access: 'read' }),
    text('DeveloperName', 80),
    text('EventChannel', 80),
    text('SelectedEntity', 80),
  ],
}

/** The standard channel: what an administrator selects under Change Data Capture. */
const STANDARD_CHANNEL = 'ChangeEvents'

interface QueryRequest {
  Params: { version: string; object: string }
  Querystring: { q?: string }
}

/** Queries of the Tooling API. @param selected objects whose changes are sent as events */
export const toolingRoutes = (app: FastifyInstance, selected: ReadonlySet<string>, clock: Clock): void => {
  const store = openStore({ vendor: 'salesforce tooling', clock })
  const members = store.table<Row>(channelMember.name)
  for (const [index, object] of [...selected].entries()) {
    const Id = mintedId(channelMember.prefix, index + 1)
    const SelectedEntity = `${object}ChangeEvent`
    const DeveloperName = `${STANDARD_CHANNEL}_${SelectedEntity}`
    members.set(Id, { Id, DeveloperName, EventChannel: STANDARD_CHANNEL, SelectedEntity })
  }
  const schema = createSchema(store, () => true, [channelMember])
  const records = createRecords(schema, store)
  app.get<QueryRequest>(`${DATA}/tooling/query`, ({ params, query }) => {
    if (!query.q) throw malformedQuery('A query string has to be specified')
    const { ids, total, present } = runQuery({ schema, records }, query.q, false)
    const base = `${basePath(params)}/tooling`
    return { totalSize: total, size: total, done: true, records: ids.flatMap(id => present(id, base) ?? []) }
  })
}
