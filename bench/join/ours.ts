import type { Identity } from '../../schemas/generated.ts'
import type { IdentityDirectory } from '../../services/identity/directory.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { createLogger } from '../../services/runtime/log.ts'
import { createMetrics } from '../../services/runtime/metrics.ts'
import { startConsumer } from '../../services/runtime/process/start-consumer.ts'
import { startTables } from '../../services/runtime/process/tables.ts'
import type { Person } from '../../topology/define.ts'
import { identities, parked } from '../../topology/topics.ts'
import { connectBench } from './connection.ts'
import { type BenchIdentity, joinConsumer, personOf } from './records.ts'

/**
 * The join through the product's runtime, in a process of its own. Arguments: broker, registry URL, number of tracks.
 * Prints seconds from the first track handled to the commit of the last.
 */
const [broker = '', registryUrl = '', count = '0'] = process.argv.slice(2)
const total = Number(count)
const { kafka, codec } = await connectBench([broker], registryUrl)
const logger = createLogger({ level: 'error' })
const metrics = createMetrics()
const fail = (error: Error): void => {
  process.stderr.write(`${error.stack}\n`)
  process.exit(1)
}

const persons = new Map<string, Person>()
const directory: IdentityDirectory = {
  find: alias => {
    const person = persons.get(alias)
    return person ? { status: 'known', person } : { status: 'missing' }
  },
  onChange: () => () => undefined,
  size: () => ({ persons: persons.size, aliases: persons.size, erased: 0 }),
}
const apply = (key: string, row: Identity | null): void => {
  if (row) persons.set(key, personOf(row as unknown as BenchIdentity))
}

let handled = 0
let firstAt = 0
let lastCommitAt = 0
/** The seam as it is; only the time of each commit is looked at. */
const watched = replaced(kafka, {
  join: options =>
    kafka.join({
      ...options,
      open: context => options.open(replaced(context, { commit: step => context.commit(step).finally(noteCommit) })),
    }),
})

const tables = await startTables({
  ...{ kafka: watched, codec, logger, metrics, onFatal: fail },
  directory: { apply },
  state: new Map([[parked.name, (key: string) => key]]),
})
await tables.caughtUp(identities.name)
const done = Promise.withResolvers<void>()
const join = joinConsumer(`join-${process.pid}-${Date.now()}`, () => {
  handled += 1
  if (handled === 1) firstAt = performance.now()
  if (handled === total) done.resolve()
})
const limits = { parkLimitMs: 3_600_000, deadLettersPerMinute: 10 }
const running = await startConsumer(
  join,
  { kafka: watched, codec, tables, directory, metrics, logger, clock, ...limits },
  fail,
)
await done.promise
await running.close()
process.stdout.write(`${JSON.stringify({ records: handled, seconds: (lastCommitAt - firstAt) / 1_000 })}\n`)
process.exit(0)

function noteCommit(): void {
  lastCommitAt = performance.now()
}

/** The object with some methods replaced; the others go on being the object's own. */
function replaced<Whole extends object>(whole: Whole, methods: Partial<Whole>): Whole {
  return new Proxy(whole, {
    get: (target, name) => {
      const value = Reflect.get(methods, name) ?? Reflect.get(target, name)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}
