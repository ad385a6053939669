#!/usr/bin/env node
// `npm run test:guards [-- path…]`: the same set-up as the program's, then every scenario without the guard that it is about.
import { handOver } from './hand-over.mjs'
import { setUp } from './setup.mjs'

await setUp({
  purpose: 'the guards cannot be tried',
  needsPlatform: true,
  needsDevelopmentPackages: true,
  otherWays: [],
})
handOver('test/guards.ts', process.argv.slice(2))
