import { identities, identityClaims } from '../../topology/topics.ts'
import type { Membership } from '../kafka/kafka.ts'
import type { TributaryError } from '../runtime/errors.ts'
import { DeadLetterCeiling } from '../runtime/process/dead-letter-ceiling.ts'
import { startTables } from '../runtime/process/tables.ts'
import { createErasures } from './erasure.ts'
import { ResolverTable } from './resolver-table.ts'
import { type ResolverOptions, type ResolverSurroundings, ResolverTask, resolverName } from './resolver-task.ts'

export type { ResolverOptions }

export interface RunningResolver {
  /** `standby`: another instance resolves. `stopped`: a person must look. */
  status(): { readonly state: 'running' | 'standby' | 'stopped'; readonly reason?: string }
  /** Drains: finishes the batch in hand, commits, leaves the group. */
  close(): Promise<void>
}

/** Runs the service that turns claims into identities. Any number may run; the one with the partition of `identity-claims` is active. */
export const startResolver = async (options: ResolverOptions): Promise<RunningResolver> => {
  const erasures = createErasures(options.erasureSecret)
  let active: ResolverTask | undefined
  let stopped: TributaryError | undefined
  let membership: Membership | undefined
  const table = new ResolverTable(erasures, () => active?.forgetRemoved())
  const tables = await startTables({ ...options, directory: table, state: new Map() })
  const surroundings: ResolverSurroundings = {
    options,
    tables,
    table,
    erasures,
    ceiling: new DeadLetterCeiling(resolverName, options.deadLettersPerMinute, options.clock),
    stop: reason => {
      if (stopped) return
      stopped = reason
      options.logger.error({ service: resolverName, error: reason }, 'the resolver stopped; a person must look')
      membership?.leave().catch(options.onFatal)
    },
  }
  membership = await options.kafka.join({
    group: resolverName,
    topics: [identityClaims.name],
    open: async context => {
      await tables.caughtUp(identities.name)
      active = await ResolverTask.open(surroundings, context)
      return active
    },
    onFatal: options.onFatal,
  })
  const member = membership
  if (stopped) await member.leave()
  return {
    status: () => {
      if (stopped) return { state: 'stopped', reason: `${stopped.code}: ${stopped.message}` }
      return { state: member.owned().length > 0 ? 'running' : 'standby' }
    },
    close: async () => {
      await member.leave()
      await tables.close()
    },
  }
}
