import { readFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { wantedServices } from '../../services/commands/start/services.ts'
import { type RunningSystem, startSystem } from '../../services/commands/start/start.ts'
import { loadConfig } from '../../services/runtime/config/config.ts'
import { keepMetrics, keepSecrets } from '../privacy/kept-output.ts'
import { atEnd } from './at-end.ts'
import type { Settings } from './settings.ts'

/** Services that run in the test's own process. */
export interface ServicesHere extends RunningSystem {
  /** Why the process would have ended; the first cause first. */
  readonly fatal: readonly Error[]
}

/**
 * Starts the named services as `tributary start` does, in this process: quicker than a process of their own, but they cannot be killed. They are closed after the test,
 * or before it by their `close`.
 */
export const startHere = async (
  context: TestContext,
  names: readonly string[],
  settings: Settings,
): Promise<ServicesHere> => {
  const fatal: Error[] = []
  keepSecrets(settings)
  const system = await startSystem({
    config: loadConfig({ LOG_LEVEL: 'warn', ...settings }, path => readFileSync(path, 'utf8')),
    wanted: wantedServices(names),
    signal: new AbortController().signal,
    say: () => undefined,
    onFatal: error => fatal.push(error),
  })
  let closing: Promise<void> | undefined
  const close = (): Promise<void> => {
    closing ??= keepMetrics(`services here: ${names.join(' ')}`, () => system.metrics.expose()).then(() =>
      system.close(),
    )
    return closing
  }
  atEnd(context, close)
  return { ...system, fatal, close }
}
