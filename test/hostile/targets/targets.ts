import type { Target } from './target.ts'

/** Loaded on demand: each brings the code that it is about. */
const targets = {
  'zoom-webhook': async () => (await import('./zoom-webhook.ts')).open(),
  'pendo-webhook': async () => (await import('./pendo-webhook.ts')).open(),
  'hubspot-webhook': async () => (await import('./hubspot-webhook.ts')).open(),
  'codec-decode': async () => (await import('./codec-decode.ts')).open(),
  'record-batch': async () => (await import('./record-batch.ts')).open(),
  'zoom-rest-answers': async () => (await import('./zoom-rest-answers.ts')).open(),
  'hubspot-answers': async () => (await import('./hubspot-answers.ts')).open(),
  'salesforce-answers': async () => (await import('./salesforce-answers.ts')).open(),
} satisfies Record<string, () => Promise<Target>>

export type TargetName = keyof typeof targets

export const targetNames = Object.keys(targets) as readonly TargetName[]

export const isTargetName = (name: string): name is TargetName => Object.hasOwn(targets, name)

export const openTarget = (name: TargetName): Promise<Target> => targets[name]()
