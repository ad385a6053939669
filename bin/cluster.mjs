#!/usr/bin/env node
// `npm run cluster`: the same set-up as the program's, then three brokers and a registry until Ctrl-C.
import { handOver } from './hand-over.mjs'
import { setUp } from './setup.mjs'

await setUp({
  purpose: 'the cluster cannot start',
  needsPlatform: true,
  needsDevelopmentPackages: true,
  otherWays: [],
})
handOver('test/cluster/main.ts', [])
