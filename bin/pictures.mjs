#!/usr/bin/env node
// `npm run pictures [folder]`: the same set-up as the program's, then the pictures of README.md, made anew.
import { handOver } from './hand-over.mjs'
import { setUp } from './setup.mjs'

await setUp({
  purpose: 'the pictures cannot be made',
  needsPlatform: false,
  needsDevelopmentPackages: true,
  otherWays: [],
})
handOver('test/pictures/make.ts', process.argv.slice(2))
