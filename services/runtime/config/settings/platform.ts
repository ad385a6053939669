import * as kinds from '../kinds.ts'
import type { Setting } from './setting.ts'

/** Kafka, the schema registry and the embedded platform. */
export const platformSettings = {
  KAFKA_BROKERS: {
    group: 'platform',
    kind: kinds.brokers,
    meaning: 'Brokers of your own Kafka. Without it Tributary runs an Apache Kafka of its own.',
  },
  KAFKA_SSL: { group: 'platform', kind: kinds.flag, default: 'false', meaning: 'Whether the brokers expect TLS.' },
  KAFKA_SASL_MECHANISM: {
    group: 'platform',
    kind: kinds.oneOf('plain', 'scram-sha-256', 'scram-sha-512'),
    meaning: 'How to log in to the brokers. Needs user name and password.',
  },
  KAFKA_SASL_USERNAME: { group: 'platform', kind: kinds.text, meaning: 'User name for the brokers.' },
  KAFKA_SASL_PASSWORD: { group: 'platform', kind: kinds.text, secret: true, meaning: 'Password for the brokers.' },
  SCHEMA_REGISTRY_URL: {
    group: 'platform',
    kind: kinds.httpUrl,
    meaning: 'Base URL of your own Confluent-compatible schema registry; goes with KAFKA_BROKERS.',
  },
  SCHEMA_REGISTRY_AUTH: {
    group: 'platform',
    kind: kinds.basicAuth,
    secret: true,
    meaning: 'Login to the registry as user:password.',
  },
  TOPIC_PREFIX: {
    group: 'platform',
    kind: kinds.topicPrefix,
    meaning: 'Put before the name of every topic, group and subject, to set them apart on a shared cluster.',
  },
  KAFKA_PORT: { group: 'platform', kind: kinds.port, default: '9092', meaning: 'Port of the embedded Kafka.' },
  REGISTRY_PORT: { group: 'platform', kind: kinds.port, default: '8081', meaning: 'Port of the embedded registry.' },
  TRIBUTARY_DATA: {
    group: 'platform',
    kind: kinds.text,
    default: '.tributary',
    meaning: 'Folder with the data of the embedded platform.',
  },
} as const satisfies Record<string, Setting>
