#!/usr/bin/env node
// `npm test`: the same set-up as the program's, then every check and test.
import { handOver } from './hand-over.mjs'
import { dockerAnswers } from './prerequisites.mjs'
import { setUp } from './setup.mjs'

const hasOwnKafka = Boolean(process.env.TRIBUTARY_TEST_BROKERS && process.env.TRIBUTARY_TEST_REGISTRY_URL)

await setUp({
  purpose: 'the tests cannot run',
  needsPlatform: !hasOwnKafka && !dockerAnswers(),
  needsDevelopmentPackages: true,
  otherWays: ['start a Docker engine: the tests then run Kafka in containers'],
})
handOver('test/run.ts', process.argv.slice(2))
