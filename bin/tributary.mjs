#!/usr/bin/env node
// The program `tributary`. Plain JavaScript, because it must run on the machine's own Node before anything is installed.
import { handOver } from './hand-over.mjs'
import { setUp } from './setup.mjs'

const args = process.argv.slice(2)
const asksForHelp = args.includes('--help') || args.includes('-h')
const hasOwnKafka = Boolean(process.env.KAFKA_BROKERS || process.env.SCHEMA_REGISTRY_URL)

await setUp({
  purpose: 'tributary cannot run',
  needsPlatform: args[0] === 'start' && !asksForHelp && !hasOwnKafka,
  needsDevelopmentPackages: false,
  otherWays: [
    'set KAFKA_BROKERS and SCHEMA_REGISTRY_URL to use a Kafka and a schema registry of your own',
    'run everything in containers: docker compose up',
  ],
})
handOver('services/commands/main.ts', args)
