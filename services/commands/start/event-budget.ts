import { randomUUID } from 'node:crypto'
import type { Kafka } from '../../kafka/kafka.ts'
import { systemClock as clock } from '../../runtime/clock.ts'
import type { Codec } from '../../runtime/codec.ts'
import type { Config } from '../../runtime/config/config.ts'
import type { Logger } from '../../runtime/log.ts'
import type { Metrics } from '../../runtime/metrics.ts'
import { createEventBudget, type EventBudget } from '../../sinks/hubspot/events/budget.ts'
import { kafkaUsageLog } from '../../sinks/hubspot/events/usage-log.ts'

interface BudgetParts {
  readonly kafka: Kafka
  readonly codec: Codec
  readonly metrics: Metrics
  readonly logger: Logger
  readonly onFatal: (error: Error) => void
}

export interface RunningBudget {
  readonly budget: EventBudget
  /** Gives back what was counted ahead; to be called when nothing is sent any more. */
  close(): Promise<void>
}

/** The month's budget of HubSpot's custom events, counted in Kafka. Nothing is opened before the sink needs it. */
export const runEventBudget = (
  config: Config,
  { kafka, codec, metrics, logger, onFatal }: BudgetParts,
): RunningBudget => {
  const log = kafkaUsageLog({ kafka, codec, clock, writer: randomUUID(), onFatal })
  const budget = createEventBudget({ log, limit: config.hubspot.eventBudget, clock, metrics, logger })
  return {
    budget,
    close: async () => {
      try {
        await budget.close()
      } catch (error) {
        logger.warn({ vendor: 'hubspot', error }, 'custom events that were counted ahead stay counted for this month')
      }
      await log.close()
    },
  }
}
