import { readFileSync } from 'node:fs'
import { type ConnectOptions, connectKafka } from '../kafka/connect.ts'
import type { Kafka } from '../kafka/kafka.ts'
import { systemClock } from '../runtime/clock.ts'
import { type Config, loadConfig } from '../runtime/config/config.ts'
import { createLogger, type Logger } from '../runtime/log.ts'
import { connectRegistry, type SchemaRegistry } from '../runtime/registry.ts'

/** Where Kafka and the registry are: the embedded ones, or those of the configuration. */
export interface Addresses {
  readonly brokers: readonly string[]
  readonly registryUrl: string
}

export const readConfig = (): Config => loadConfig(process.env, path => readFileSync(path, 'utf8'))

/** The addresses for a command beside a running `tributary start`. */
export const addressesOf = (config: Config): Addresses => ({
  brokers: config.kafka.kind === 'external' ? config.kafka.brokers : [`127.0.0.1:${config.kafka.port}`],
  registryUrl:
    config.registry.kind === 'external'
      ? config.registry.url
      : `http://127.0.0.1:${config.registry.port}/apis/ccompat/v7`,
})

export interface Connections {
  readonly kafka: Kafka
  readonly registry: SchemaRegistry
  readonly logger: Logger
}

export const connect = (
  config: Config,
  addresses: Addresses,
  clientId: string,
  told: Pick<ConnectOptions, 'onStall'> = {},
): Connections => {
  const logger = createLogger({ level: config.logLevel })
  const kafka = connectKafka({
    brokers: addresses.brokers,
    clientId,
    topicPrefix: config.topicPrefix,
    logger,
    clock: systemClock,
    ...told,
    ...(config.kafka.kind === 'external' && config.kafka.ssl ? { ssl: true } : {}),
    ...(config.kafka.kind === 'external' && config.kafka.sasl ? { sasl: config.kafka.sasl } : {}),
  })
  const auth = config.registry.kind === 'external' ? config.registry.auth : null
  return { kafka, registry: connectRegistry({ url: addresses.registryUrl, ...(auth ? { auth } : {}) }), logger }
}
