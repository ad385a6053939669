#!/usr/bin/env node
// `npm run bench [names…]`: the same set-up as the program's, then the measurements.
import { handOver } from './hand-over.mjs'
import { setUp } from './setup.mjs'

await setUp({
  purpose: 'nothing can be measured',
  needsPlatform: true,
  needsDevelopmentPackages: true,
  otherWays: [],
})
handOver('bench/run.ts', process.argv.slice(2))
