import { connectKafka } from '../../services/kafka/connect.ts'
import { endWithParent } from '../../services/platform/parent.ts'
import { systemClock as clock } from '../../services/runtime/clock.ts'
import { createLogger } from '../../services/runtime/log.ts'
import { connectRegistry } from '../../services/runtime/registry.ts'
import { seedContacts } from './contacts.ts'
import { type DeliveringOptions, deliverAll } from './delivering.ts'

/** What the program is told. */
export type DeliverArguments = Pick<
  DeliveringOptions,
  'vendor' | 'vendorUrl' | 'topicPrefix' | 'amounts' | 'rounds' | 'patienceMs'
> & { readonly brokers: readonly string[]; readonly registryUrl: string }

/** Consumers and sinks of one vendor in a process of their own. Argument: `DeliverArguments` as JSON. Tells in its error output how far it is, and sends its parent `Delivered`. */
endWithParent()
const [given = ''] = process.argv.slice(2)
const { brokers, registryUrl, ...options } = JSON.parse(given) as DeliverArguments
const logger = createLogger({ level: 'error' })
const kafka = connectKafka({ brokers, clientId: 'bench', topicPrefix: options.topicPrefix, logger, clock })
if (options.vendor === 'hubspot') await seedContacts(options.vendorUrl, options.amounts.people + 1)
const delivered = await deliverAll({
  ...options,
  ...{ kafka, registry: connectRegistry({ url: registryUrl }) },
  say: line => void process.stderr.write(`${line}\n`),
  onFatal: error => {
    process.stderr.write(`${error.stack}\n`)
    process.exit(1)
  },
})
await kafka.close()
process.send?.(delivered)
